/** Flags of `docker run` that Naru does not take, and why; flags that only Podman has. Pure. */
import type { RefusedFlag } from './kinds.ts'

const refused = (name: string, hint: string, reason: string, takesValue = true, runOnly = false): RefusedFlag => ({
  name, takesValue, group: 'refused', reason, hint: `run.flag.${hint}`, ...(runOnly && { runOnly }),
})
const windows = (name: string) => refused(name, 'windows', 'it is for containers of Windows; this engine runs containers of Linux')

export const REFUSED_FLAGS: readonly RefusedFlag[] = [
  windows('cpu-count'),
  windows('cpu-percent'),
  windows('io-maxbandwidth'),
  windows('io-maxiops'),
  refused('kernel-memory', 'kernelMemory', 'kernels no longer have this limit and engines ignore it'),
  refused('use-api-socket', 'apiSocket', 'it would hand your logins and the whole engine to the container; mount /var/run/docker.sock yourself if you want that', false),
  refused('detach-keys', 'attachOnly', 'it only counts in the terminal that attaches; here the terminal has keys of its own', true, true),
  refused('sig-proxy', 'attachOnly', 'it only counts in the terminal that attaches; here nothing is passed on unless you ask for it', false, true),
  refused('cidfile', 'cidfile', 'no file is written: the new container and its id are in the list at once'),
  refused('disable-content-trust', 'contentTrust', 'images are not verified by signatures here, as docker does not by default', false),
  refused('help', 'help', 'it would print help and run nothing', false),
]

/** docker run has no such flags: a line with them was written for Podman. */
export const PODMAN_FLAGS: readonly string[] = [
  'arch', 'authfile', 'cert-dir', 'cgroup-conf', 'cgroups', 'chrootdirs', 'conmon-pidfile', 'creds', 'decryption-key',
  'env-host', 'env-merge', 'gidmap', 'group-entry', 'health-log-destination', 'health-max-log-count', 'health-max-log-size', 'health-on-failure',
  'health-startup-cmd', 'health-startup-interval', 'health-startup-retries', 'health-startup-success', 'health-startup-timeout', 'hostuser',
  'hosts-file', 'http-proxy', 'image-volume', 'init-ctr', 'init-path', 'intel-rdt-closid', 'no-hostname', 'no-hosts', 'os', 'passwd',
  'passwd-entry', 'personality', 'pidfile', 'pod', 'pod-id-file', 'preserve-fd', 'preserve-fds', 'rdt-class', 'read-only-tmpfs', 'replace', 'requires',
  'retry', 'retry-delay', 'rmi', 'rootfs', 'sdnotify', 'seccomp-policy', 'secret', 'shm-size-systemd', 'subgidname', 'subuidname', 'systemd', 'timeout',
  'tls-verify', 'tz', 'uidmap', 'umask', 'unsetenv', 'unsetenv-all', 'variant',
]
