#!/bin/sh
# PID 1 of the welcome container. A plain httpd as PID 1 would ignore TERM and make every stop last ten seconds.
trap 'echo "Naru welcome: stopping"; exit 0' TERM INT
echo "Naru welcome: listening on port 80"
httpd -f -v -p 80 -h /www &
wait $!
