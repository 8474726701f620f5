#!/bin/sh
# /init of the initial memory disk: load what reaches the root disk, mount it, hand over.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
echo "NARU: initramfs up=$($b cut -d' ' -f1 /proc/uptime)" >/dev/console
for module in /m/*; do $b insmod "$module" 2>/dev/null; done
tries=0
while [ ! -b /dev/vda ] && [ $tries -lt 150 ]; do $b usleep 20000; tries=$((tries + 1)); done
$b mount -t squashfs -o ro /dev/vda /newroot || {
  echo "NARU: FATAL root-disk" >/dev/console
  $b poweroff -f
}
for folder in proc sys dev; do $b mount --move /$folder /newroot/$folder; done
exec $b switch_root /newroot /sbin/init
