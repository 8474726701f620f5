#!/bin/sh
# dockerd inside rootlesskit's namespaces. slirp4netns shows the machine's loopback at 10.0.2.2; only the daemon may use
# it (registries, proxies and resolvers there), known by a supplementary group that containers do not inherit. Where the
# firewall cannot tell groups apart, the address is shut for everybody.
group=64213
daemon="-m owner --gid-owner $group --suppl-groups"
iptables-restore --noflush <<RULES || ip route replace blackhole 10.0.2.2/32
*nat
-I OUTPUT -d 127.0.0.0/8 -p tcp $daemon -j DNAT --to-destination 10.0.2.2
-I OUTPUT -d 127.0.0.0/8 -p udp $daemon -j DNAT --to-destination 10.0.2.2
-I POSTROUTING -o tap0 -s 127.0.0.0/8 -j MASQUERADE
COMMIT
*filter
:DOCKER-USER - [0:0]
-I DOCKER-USER -d 10.0.2.2/32 -j DROP
-A DOCKER-USER -j RETURN
-I OUTPUT -d 10.0.2.2/32 -m owner ! --gid-owner $group --suppl-groups -j DROP
COMMIT
RULES
echo 1 > /proc/sys/net/ipv4/conf/tap0/route_localnet
exec setpriv --groups "0,$group" -- dockerd "$@"
