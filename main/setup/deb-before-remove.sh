#!/bin/sh
# Before the package's files go. An upgrade touches nothing: what runs goes on with the files it has open.
# A removal would leave containers that nothing can stop any more, so it waits for the person: while Naru is open, or a container
# or a virtual machine of it runs, it is refused and says so. Engines in which nothing runs are ended, with their rules and namespace.
set -u
[ "$1" = remove ] || exit 0
HOME_OF_PACKAGE=/opt/Naru/
# What runs for an engine without any container, in the order it ends.
IDLE='dockerd containerd rootlesskit slirp4netns docker-proxy rootlesskit-docker-proxy'
# Tenths of a second an engine has to end.
PATIENCE=150

# "PID program" of every process whose file is ours, also one that was replaced meanwhile. QEMU runs through the loader beside it.
running() {
  find /proc/[0-9]*/exe -maxdepth 0 -lname "$HOME_OF_PACKAGE*" -printf '%p %l\n' 2>/dev/null |
    sed -e 's#^/proc/\([0-9]*\)/exe .*/resources/qemu/.*#\1 qemu#' -e 's#^/proc/\([0-9]*\)/exe .*/\([^/ ]*\).*$#\1 \2#' -e 's#\.dpkg-tmp$##'
}

# An argument of a process: PID NAME, for --NAME=value. Of root's processes alone: others choose theirs.
argument() { tr '\0' '\n' <"/proc/$1/cmdline" | sed -n "s/^--$2=//p" | head -n 1; }

# What an engine of root leaves when it ends: rules with its tag, and the two handles of network namespaces.
sweep() {
  state=$1 run=$2
  tag=naru-$(printf %s "$state" | sha256sum | cut -c 1-8)
  for table in nat filter; do
    iptables-save -t "$table" 2>/dev/null | sed -n "/--comment \"\{0,1\}$tag\"\{0,1\}\( \|\$\)/s/^-A/-D/p" |
      while read -r rule; do eval "iptables -w -t $table $rule" || true; done
  done
  for handle in "$run/engine.net" "$run/host.net"; do umount "$handle" 2>/dev/null || true; done
}

busy=$(running | grep -Ev " ($(echo "$IDLE" | tr ' ' '|'))\$")
if [ -n "$busy" ]; then
  {
    echo 'Naru is not removed: it is open, or a container or a virtual machine of it runs:'
    echo "$busy" | sed 's/^/  process /'
    echo 'Stop them (Naru: Engines, Stop), close Naru, and remove it again. Nothing was changed.'
  } >&2
  exit 1
fi

engines=''
for pid in $(running | sed -n 's/ dockerd$//p'); do
  grep -q '^Uid:[[:space:]]*0[[:space:]]' "/proc/$pid/status" 2>/dev/null || continue
  root=$(argument "$pid" data-root)
  exec=$(argument "$pid" exec-root)
  engines="$engines$(dirname "$root")	$(dirname "$exec")
"
done
for name in $IDLE; do
  for pid in $(running | sed -n "s/ $name\$//p"); do kill -TERM "$pid" 2>/dev/null || true; done
  waited=0
  while running | grep -q " $name\$"; do
    waited=$((waited + 1))
    if [ "$waited" -gt "$PATIENCE" ]; then
      echo "Naru is not removed: $name does not end." >&2
      exit 1
    fi
    sleep 0.1
  done
done
printf %s "$engines" | while IFS='	' read -r state run; do sweep "$state" "$run"; done
exit 0
