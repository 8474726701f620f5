#!/bin/sh
# dockerd's --userland-proxy-path. dockerd lives in a network namespace of its own; a published port belongs to the
# machine, so the real proxy runs in the machine's namespace (handle in NARU_HOST_NET) and reaches the container by the
# route the supervisor made. File 3, on which the proxy tells dockerd how binding went, is passed on: "address already in
# use" therefore comes back as the engine's own error. Newer engines also pass a listening socket (file 4); it is bound
# in the wrong namespace, so the proxy is told to bind by itself.
for argument do
  shift
  case $argument in
    -use-listen-fd | -use-listen-fd=*) ;;
    *) set -- "$@" "$argument" ;;
  esac
done
exec 4<&-
exec nsenter --net="$NARU_HOST_NET" "${0%/*}/docker-proxy" "$@"
