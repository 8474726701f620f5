/**
 * What the engine bundle holds and from which packages it comes. Changing this file changes the stamp, so every
 * bundle is built anew.
 */

/** Suites by preference, newest first: the first whose binaries fit the machine's glibc wins, part by part. */
export const SUITES = ['forky', 'trixie', 'bookworm']

/**
 * Parts of the bundle. `packages` come from one suite together (`anyOf`: only the first of them that exists); `files` maps a path inside the packages (first that
 * exists) to a path inside the bundle; `from: 'base'` takes the machine's own suite, for programs that need its libraries.
 */
export const PARTS = [
  {
    name: 'engine',
    packages: ['docker.io', 'containerd'],
    files: {
      'bin/dockerd': ['usr/sbin/dockerd', 'usr/bin/dockerd'],
      'bin/docker-proxy': ['usr/sbin/docker-proxy', 'usr/bin/docker-proxy'],
      'bin/containerd': ['usr/bin/containerd'],
      'bin/containerd-shim-runc-v2': ['usr/bin/containerd-shim-runc-v2'],
      'rootless/dockerd-rootless.sh': ['usr/share/docker.io/contrib/dockerd-rootless.sh'],
    },
  },
  { name: 'runtime', packages: ['runc'], files: { 'bin/runc': ['usr/sbin/runc', 'usr/bin/runc'] } },
  {
    name: 'init',
    from: 'base',
    packages: ['tini-static', 'tini'],
    anyOf: true,
    files: { 'bin/docker-init': ['usr/bin/tini-static'] },
  },
  {
    name: 'cli',
    packages: ['docker-cli', 'docker.io'],
    anyOf: true,
    files: { 'bin/docker': ['usr/bin/docker'] },
  },
  {
    name: 'compose',
    packages: ['docker-compose'],
    optional: true,
    files: { 'cli-plugins/docker-compose': ['usr/libexec/docker/cli-plugins/docker-compose'] },
  },
  {
    name: 'buildx',
    packages: ['docker-buildx'],
    optional: true,
    files: { 'cli-plugins/docker-buildx': ['usr/libexec/docker/cli-plugins/docker-buildx'] },
  },
  {
    name: 'rootless',
    packages: ['rootlesskit'],
    files: { 'rootless/rootlesskit': ['usr/bin/rootlesskit'] },
    extra: { 'rootless/rootlesskit-docker-proxy': ['usr/bin/rootlesskit-docker-proxy'] },
  },
  {
    name: 'rootless-net',
    from: 'base',
    packages: ['slirp4netns', 'fuse-overlayfs'],
    files: {
      'rootless/slirp4netns': ['usr/bin/slirp4netns'],
      'rootless/fuse-overlayfs': ['usr/bin/fuse-overlayfs'],
    },
  },
  {
    name: 'net',
    from: 'base',
    packages: ['iptables', 'iproute2'],
    files: {
      'iptables/xtables-nft-multi': ['usr/sbin/xtables-nft-multi'],
      'iptables/ip': ['usr/bin/ip', 'bin/ip', 'usr/sbin/ip', 'sbin/ip'],
    },
    folders: { 'iptables/xtables': ['usr/lib/*/xtables'] },
    links: {
      'iptables/iptables': 'xtables-nft-multi',
      'iptables/ip6tables': 'xtables-nft-multi',
      'iptables/iptables-save': 'xtables-nft-multi',
      'iptables/iptables-restore': 'xtables-nft-multi',
    },
  },
]

/** Libraries the programs above may need; those no program asks for are left out of the bundle. */
export const LIBRARIES = [
  'libnftnl11', 'libmnl0', 'libxtables12', 'libip4tc2', 'libip6tc2', 'libnetfilter-conntrack3', 'libnfnetlink0',
  'libslirp0', 'libglib2.0-0', 'libglib2.0-0t64', 'libfuse3-3', 'libfuse3-4', 'libdevmapper1.02.1', 'libudev1', 'libselinux1',
  'libpcre2-8-0', 'libsystemd0', 'libcap2', 'libgcrypt20', 'libgpg-error0', 'liblzma5', 'libzstd1', 'liblz4-1',
  'libseccomp2', 'libbpf1', 'libelf1', 'libelf1t64', 'libbsd0', 'libmd0', 'zlib1g', 'libtirpc3', 'libtirpc3t64',
]

/** Programs run once after the build as a proof that they start on this machine. */
export const PROOF = [
  ['bin/dockerd', '--version'],
  ['bin/containerd', '--version'],
  ['bin/runc', '--version'],
  ['bin/docker', '--version'],
  ['bin/docker-init', '--version'],
  ['iptables/iptables', '--version'],
  ['iptables/ip', '-V'],
]

/** Naru's own scripts beside this file, and where they go. */
export const SCRIPTS = {
  'naru-proxy.sh': 'bin/naru-proxy',
  'naru-rootless-dockerd.sh': 'rootless/naru-rootless-dockerd',
}
