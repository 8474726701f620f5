#!/bin/sh
# PID 1 of the guest. The root is read-only; all state is on /dev/vdb, mounted at /data. Lines that begin with NARU: are
# read by the host (engine/providers/vm/console.ts).
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TMPDIR=/run/tmp
say() { echo "NARU: $* up=$(cut -d' ' -f1 /proc/uptime)" >/dev/console; }
die() { say "FATAL $*"; sync; poweroff -f; sleep 60; }
arg() { sed -n "s/.*\bnaru\.$1=\([^ ]*\).*/\1/p" /proc/cmdline; }
decode() { printf '%b' "$(echo "$1" | sed 's/%/\\x/g')"; }

say init
mount -t tmpfs -o mode=755,nosuid tmpfs /run
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /tmp
mount -t tmpfs -o mode=755 tmpfs /var
mkdir -p /var/lib /run/tmp /run/log /run/lock /dev/pts /dev/shm /dev/mqueue
ln -s /run /var/run; ln -s /run/log /var/log; ln -s /proc/self/fd /dev/fd 2>/dev/null
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t mqueue mqueue /dev/mqueue
mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 /sys/fs/cgroup
mkdir /sys/fs/cgroup/init
echo 1 >/sys/fs/cgroup/init/cgroup.procs
for each in $(cat /sys/fs/cgroup/cgroup.controllers); do echo "+$each" >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null; done
modprobe -qa virtio_net virtio_console virtio-rng virtio_balloon overlay

# The agent answers from here on, so that a host that attaches early need not wait for the engine.
( while :; do /sbin/naru-agent; sleep 1; done ) &

# What takes long and depends on nothing goes first.
modprobe -qa br_netfilter bridge veth nf_tables nft_compat nft_chain_nat xt_addrtype xt_conntrack xt_MASQUERADE xt_nat xt_tcpudp nf_conntrack_netlink xfrm_user button evdev &
modules=$!

hostname naru
ip link set lo up
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
# QEMU's network shows the host's loopback at its gateway's address. Packets that go through it do not need that route.
[ "$(arg hostloopback)" = yes ] || ip route add blackhole 10.0.2.2/32
echo 'nameserver 10.0.2.3' >/run/resolv.conf
echo 1 >/proc/sys/net/ipv4/ip_forward
# Ports are asked for at addresses of the host, which are none of this machine's; the host listens there.
for each in ipv4 ipv6; do echo 1 >/proc/sys/net/$each/ip_nonlocal_bind; done

# The data disk: only an empty one is formatted, and one that needs answers is not touched until the person agreed.
disk=/dev/vdb
[ -b $disk ] || die "no-data-disk"
if ! dd if=$disk bs=1 skip=1080 count=2 2>/dev/null | hexdump -e '2/1 "%02x"' | grep -q 53ef; then
  dd if=$disk bs=1M count=1 2>/dev/null | tr -d '\0' | head -c1 | grep -q . && die "disk-foreign"
  say mkfs
  /sbin/mke2fs -q -F -t ext4 -L narudata -m 0 -E lazy_itable_init=1,lazy_journal_init=1,discard $disk >/run/log/mkfs.log 2>&1 || die "disk-mkfs"
fi
/sbin/e2fsck -p $disk >/run/log/fsck.log 2>&1
checked=$?
say "fsck rc=$checked: $(head -1 /run/log/fsck.log)"
if [ $checked -ge 4 ]; then
  [ "$(arg fsck)" = yes ] || die "disk-check"
  /sbin/e2fsck -y $disk >>/run/log/fsck.log 2>&1
fi
modprobe -q ext4
# What the engine notes must not be on the disk before what the note is about (docs/adr/0025).
order=
[ -e /etc/naru-ordered ] || order=,nodelalloc
mount -t ext4 -o noatime,discard$order $disk /data || die "disk-mount"
/sbin/resize2fs $disk >/run/log/resize.log 2>&1
mkdir -p /data/docker /data/containerd /data/etc-docker /var/lib/docker /var/lib/containerd
mount --bind /data/etc-docker /etc/docker
mount --bind /data/docker /var/lib/docker
mount --bind /data/containerd /var/lib/containerd
say data

# containerd and dockerd are the two slow starts: one while the other is prepared.
cat >/run/containerd.toml <<END
version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri", "io.containerd.podsandbox.controller.v1.podsandbox", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.erofs", "io.containerd.snapshotter.v1.native", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.blockfile", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]
[grpc]
address = "/run/containerd/containerd.sock"
END
containerd -c /run/containerd.toml -l warn >>/run/log/containerd.log 2>&1 &

# Folders of the host at their own path: naru.mnt=tag:path:mode,… The way there is closed afterwards: the engine makes
# a source of a bind mount that is not there, and a container would silently get an empty folder.
made=
for each in $(arg mnt | tr ',' ' '); do
  tag=${each%%:*}; rest=${each#*:}; mode=${rest##*:}; path=$(decode "${rest%:*}")
  [ -d "$path" ] || {
    top=/$(echo "$path" | cut -d/ -f2)
    grep -q "^[^ ]* $top " /proc/mounts || { mount -t tmpfs -o mode=755 tmpfs "$top"; made="$made $top"; }
    mkdir -p "$path"
  }
  modprobe -q 9pnet_virtio; modprobe -q 9p
  mount -t 9p -o "trans=virtio,version=9p2000.L,msize=512000,cache=mmap,$mode" "$tag" "$path" && say "share $tag"
done
# Who speaks to the engine past the guard of the host (a container that was given its socket) finds no empty folder that
# looks like the host's either: one that is there says what it is, others cannot be made.
for each in /tmp $made; do echo "A folder of Naru's virtual machine, not of the computer it runs on: that one is not shared." >"$each/NOT-SHARED"; done
for each in /var /tmp $made; do mount -o remount,ro "$each"; done

stop() {
  trap '' TERM USR1 USR2
  say stopping
  kill -TERM $engine 2>/dev/null
  tries=0
  while kill -0 $engine 2>/dev/null && [ $tries -lt 150 ]; do usleep 100000; tries=$((tries + 1)); done
  kill -TERM -1
  tries=0
  while pidof containerd >/dev/null && [ $tries -lt 30 ]; do usleep 100000; tries=$((tries + 1)); done
  kill -KILL -1
  # Bind mounts keep the file system alive: read-only first, so that its journal is always empty at the end.
  umount /var/lib/docker /var/lib/containerd /etc/docker 2>/dev/null
  mount -o remount,ro /data && say clean || say "WARN data-busy"
  umount /data 2>/dev/null
  sync
  say bye
  poweroff -f
}
trap stop TERM USR1 USR2

# The power button, without a daemon of its own.
( wait_button() {
    for event in /dev/input/event*; do
      [ -e "$event" ] && grep -q "Power Button" "/sys/class/input/$(basename "$event")/device/name" 2>/dev/null && { dd if="$event" bs=24 count=1 >/dev/null 2>&1 && kill -USR2 1; } &
    done
  }
  sleep 1
  wait_button ) &

# Ports without an address are for this computer alone unless asked otherwise: on the default network and on new ones.
publish=127.0.0.1
[ "$(arg publish)" = all ] && publish=0.0.0.0

# No IPv6 on the way out, so none of its rules, which are half of the forks of a start.
start_engine() {
  dockerd -H unix:///run/docker.sock --containerd /run/containerd/containerd.sock --storage-driver overlay2 --log-level warn \
    --ip "$publish" --default-network-opt "bridge=com.docker.network.bridge.host_binding_ipv4=$publish" \
    --ip6tables=false --log-driver json-file --log-opt max-size=10m --log-opt max-file=3 --exec-opt native.cgroupdriver=cgroupfs >>/run/log/dockerd.log 2>&1 &
  engine=$!
}
wait $modules
say dockerd
: >/run/naru-first-rules
start_engine

# Logs live in memory and so have a bound.
( while sleep 300; do
    for log in /run/log/*.log; do [ "$(stat -c %s "$log")" -gt 4194304 ] && : >"$log"; done
  done ) &

while :; do
  wait $engine
  kill -0 $engine 2>/dev/null && continue
  rm -f /run/naru-first-rules
  say "dockerd-ended: $(tail -1 /run/log/dockerd.log)"
  sleep 2
  start_engine
done
