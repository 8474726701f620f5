/** What the guest image is made of. Changing this file, or any other of this folder, makes every image anew. */

/**
 * Suites by name. The engine comes from a newer one because Debian 12's is from 2020; the kernel, too: this engine copies
 * into stopped containers by fchmodat2 (Linux 6.6), and what it does without that fails where there is no /proc.
 */
const BASE = 'bookworm'
const ENGINE = 'forky'
const KERNEL = 'trixie'

/** Packages whose files reach the image, and from which suite. The kernel's is found through `KERNEL_META`. */
export const GUEST_PACKAGES = {
  'docker.io': ENGINE,
  containerd: ENGINE,
  runc: BASE,
  tini: BASE,
  'busybox-static': BASE,
  iptables: BASE,
  // The engine asks the ps of its machine what runs in a container, with columns BusyBox' has not.
  procps: BASE,
  'libproc2-0': BASE,
  e2fsprogs: BASE,
  'xz-utils': BASE,
  'ca-certificates': BASE,
  libc6: BASE,
  libext2fs2: BASE,
  'libcom-err2': BASE,
  libss2: BASE,
  libblkid1: BASE,
  libuuid1: BASE,
  liblzma5: BASE,
  libseccomp2: BASE,
  libsystemd0: BASE,
  libcap2: BASE,
  libgcrypt20: BASE,
  'libgpg-error0': BASE,
  libzstd1: BASE,
  'liblz4-1': BASE,
  libxtables12: BASE,
  libnftnl11: BASE,
  libmnl0: BASE,
  libip4tc2: BASE,
  libip6tc2: BASE,
  'libnetfilter-conntrack3': BASE,
  libnfnetlink0: BASE,
}

/** Depends on the kernel's package, whose name holds its version. */
export const KERNEL_META = { name: 'linux-image-amd64', suite: KERNEL }

/** Programs of the build itself: taken from packages as well, so that the machine's own make no difference. */
export const TOOL_PACKAGES = {
  'squashfs-tools': BASE,
  'liblzo2-2': BASE,
  zstd: BASE,
  'gcc-12': BASE,
  'cpp-12': BASE,
  'libgcc-12-dev': BASE,
  'libc6-dev': BASE,
  'linux-libc-dev': BASE,
  'binutils-x86-64-linux-gnu': BASE,
  libbinutils: BASE,
  libctf0: BASE,
  'libctf-nobfd0': BASE,
  libisl23: BASE,
  libmpc3: BASE,
  libmpfr6: BASE,
  libgmp10: BASE,
  libjansson4: BASE,
}

/** Files by name, not whole packages: those carry documentation, translations and spare programs. */
export const PROGRAMS = [
  'bin/busybox',
  'usr/sbin/dockerd',
  'usr/sbin/docker-proxy',
  'usr/sbin/runc',
  'usr/bin/containerd',
  'usr/bin/containerd-shim-runc-v2',
  'usr/bin/tini-static',
  'usr/sbin/xtables-nft-multi',
  'sbin/mke2fs',
  'sbin/e2fsck',
  'sbin/resize2fs',
  'usr/bin/xz',
  'bin/ps',
]

/** Programs whose notes must not reach the disk before what they are about. */
export const ORDERED = new Set(['usr/sbin/dockerd'])

/** Other places of a program in newer packages. */
export const ELSEWHERE = {
  'usr/sbin/dockerd': ['usr/bin/dockerd'],
  'usr/sbin/docker-proxy': ['usr/bin/docker-proxy', 'usr/libexec/docker/docker-proxy'],
  'usr/sbin/runc': ['usr/bin/runc'],
  'bin/ps': ['usr/bin/ps'],
}

/** link → target */
export const LINKS = {
  'usr/bin/docker-init': 'tini-static',
  'sbin/mkfs.ext4': 'mke2fs',
  // Knows the first answers of a start itself, and then is the real one.
  'usr/sbin/iptables': '/sbin/naru-first-rules',
  'usr/sbin/iptables-save': 'xtables-nft-multi',
  'usr/sbin/iptables-restore': 'xtables-nft-multi',
  'usr/sbin/ip6tables': 'xtables-nft-multi',
  'usr/sbin/ip6tables-save': 'xtables-nft-multi',
  'usr/sbin/ip6tables-restore': 'xtables-nft-multi',
  'etc/resolv.conf': '/run/resolv.conf',
  'etc/mtab': '/proc/mounts',
}

export const FOLDERS = [
  'bin', 'sbin', 'usr/bin', 'usr/sbin', 'usr/lib', 'etc/docker', 'proc', 'sys', 'dev', 'run', 'tmp', 'var', 'mnt', 'data', 'root', 'opt', 'srv', 'media',
  // Folders of hosts are shown at their own path.
  'home', 'Users', 'Volumes',
]

/**
 * Containers with the engine's socket can have these folders mounted whatever the host shares: one that is the guest's
 * says so (docs/adr/0019). Others cannot be made, the root is read-only.
 */
const NOT_SHARED = "A folder of Naru's virtual machine, not of the computer it runs on: that one is not shared.\n"

export const TEXTS = {
  ...Object.fromEntries(['home', 'Users', 'Volumes', 'mnt', 'media', 'srv', 'opt', 'root'].map((folder) => [`${folder}/NOT-SHARED`, NOT_SHARED])),
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\ndockremap:x:165536:165536::/:/bin/false\n',
  'etc/group': 'root:x:0:\ntty:x:5:\ndocker:x:999:\n',
  'etc/subuid': 'dockremap:165536:65536\n',
  'etc/subgid': 'dockremap:165536:65536\n',
  'etc/nsswitch.conf': 'hosts: files dns\n',
  'etc/hostname': 'naru\n',
  // What `docker info` says the engine runs on.
  'etc/os-release': 'NAME="Naru"\nID=naru\nPRETTY_NAME="Naru virtual machine (Debian 12)"\nVERSION_ID="12"\n',
  'etc/hosts': '127.0.0.1 localhost naru\n',
}

/** Libraries opened by name at run time, which no program lists as needed. */
export const EXTRA_LIBRARIES = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2']

/** Kernel modules of the root, with all they depend on. */
export const ROOT_MODULES = `virtio_pci virtio_mmio virtio_blk virtio_net virtio_console virtio_balloon virtio-rng qemu_fw_cfg squashfs overlay ext4 9p 9pnet_virtio
 9pnet_fd virtiofs fuse vsock vmw_vsock_virtio_transport button evdev bridge br_netfilter veth llc stp tun vxlan macvlan ipvlan dummy nf_tables nft_compat nft_chain_nat
 nft_ct nft_masq nft_nat nft_fib_inet nft_reject_inet nf_conntrack nf_nat nf_conntrack_netlink nfnetlink xfrm_user ip_tables iptable_nat iptable_filter iptable_mangle
 iptable_raw ip6_tables ip6table_nat ip6table_filter xt_addrtype xt_conntrack xt_MASQUERADE xt_nat xt_tcpudp xt_comment xt_mark xt_multiport xt_REDIRECT xt_statistic
 xt_limit xt_set ip_set ip_set_hash_net ipt_REJECT ip6t_REJECT binfmt_misc loop sch_fq_codel crc32c_generic crc32c_intel libcrc32c inet_diag tcp_diag ip_vs ip_vs_rr`.split(/\s+/)

/** Kernel modules that reach the root disk. */
export const INITRD_MODULES = ['virtio_pci', 'virtio_mmio', 'virtio_blk', 'squashfs', 'virtio_console']

/** Nothing in the image has another time than this: 2025-01-01. */
export const SOURCE_DATE_EPOCH = 1_735_689_600
