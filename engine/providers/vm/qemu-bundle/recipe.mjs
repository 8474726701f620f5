/** What the QEMU bundle is made of. Changing this file makes every bundle anew. */

/** Debian 13 (docs/adr/0024): its QEMU has seccomp, 9p and software emulation without modules, and gets fixes for years. */
const SUITE = 'trixie'

/** Packages whose files reach the bundle, and from which suite. */
export const PACKAGES = Object.fromEntries(
  `qemu-system-x86 qemu-utils qemu-system-data seabios libc6 libgcc-s1
 libaio1t64 libblkid1 libbpf1 libcap2 libcapstone5 libdaxctl1 libelf1t64 libfdt1 libffi8 libfuse3-4 libglib2.0-0t64 libgmp10 libgnutls30t64
 libhogweed6t64 libibverbs1 libidn2-0 libjpeg62-turbo libkmod2 libmount1 libndctl6 libnettle8t64 libnl-3-200 libnl-route-3-200 libnuma1
 libp11-kit0 libpcre2-8-0 libpixman-1-0 libpmem1 libpng16-16t64 librdmacm1t64 libsasl2-2 libseccomp2 libselinux1 libslirp0 libssl3t64
 libatomic1 libtasn1-6 libudev1 libunistring5 liburing2 libuuid1 libvdeplug2t64 libzstd1 zlib1g`.split(/\s+/).map((name) => [name, SUITE]),
)

/** Programs, by where the bundle has them. */
export const PROGRAMS = { 'bin/qemu-system-x86_64': 'usr/bin/qemu-system-x86_64', 'bin/qemu-img': 'usr/bin/qemu-img' }

/** The loader of the libraries' own system: programs are started through it, so that the machine's libraries do not matter. */
export const LOADER = 'ld-linux-x86-64.so.2'

/** Libraries opened by name at run time, which no program lists as needed: threads end through it. */
export const EXTRA_LIBRARIES = ['libgcc_s.so.1']

/** Firmware a q35 machine with a PVH kernel asks for; none of displays, network boot or other machines. */
export const FIRMWARE = {
  'bios-256k.bin': 'usr/share/seabios/bios-256k.bin',
  'kvmvapic.bin': 'usr/share/qemu/kvmvapic.bin',
  'linuxboot_dma.bin': 'usr/share/qemu/linuxboot_dma.bin',
  'pvh.bin': 'usr/share/qemu/pvh.bin',
}
