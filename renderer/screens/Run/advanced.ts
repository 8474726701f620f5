/** The run form's other settings: which flags, in which groups, with which control. Pure. */
import { SUPPORTED_FLAGS } from '../../../engine/containers/run-flags.ts'

export interface AdvancedField {
  /** Name of the flag, without dashes. */
  readonly flag: string
  readonly kind: 'switch' | 'text' | 'list' | 'choice'
  /** Shown while it is empty: what a value looks like. */
  readonly example: string
  readonly choices: readonly string[]
}
export interface AdvancedGroup {
  readonly name: 'process' | 'network' | 'storage' | 'limits' | 'security' | 'devices' | 'health' | 'image'
  readonly fields: readonly AdvancedField[]
}

const line = (flag: string, example = ''): AdvancedField => ({ flag, kind: 'text', example, choices: [] })
const list = (flag: string, example = ''): AdvancedField => ({ flag, kind: 'list', example, choices: [] })
const flip = (flag: string): AdvancedField => ({ flag, kind: 'switch', example: '', choices: [] })
const pick = (flag: string, ...choices: string[]): AdvancedField => ({ flag, kind: 'choice', example: '', choices })

export const ADVANCED: readonly AdvancedGroup[] = [
  {
    name: 'process',
    fields: [
      flip('detach'), flip('interactive'), flip('tty'), flip('init'), line('entrypoint', '/bin/sh'), line('workdir', '/srv'), line('user', '1000:1000'),
      line('hostname', 'web'), line('domainname', 'example.org'), line('stop-signal', 'SIGTERM'), line('stop-timeout', '10'), list('attach', 'stdout'),
      list('env-file', '/home/me/.env'), list('env', 'NAME'), list('label', 'name=value'), list('label-file', '/home/me/labels'), list('group-add', 'audio'), list('annotation', 'name=value'),
    ],
  },
  {
    name: 'network',
    fields: [
      list('network', 'bridge'), list('network-alias', 'web'), line('ip', '172.20.0.10'), line('ip6', 'fd00::10'), list('link-local-ip', '169.254.1.2'),
      line('mac-address', '02:42:ac:11:00:02'), flip('publish-all'), list('expose', '80'), list('add-host', 'db:10.0.0.5'), list('dns', '9.9.9.9'),
      list('dns-search', 'example.org'), list('dns-option', 'ndots:2'), list('link', 'db'),
    ],
  },
  {
    name: 'storage',
    fields: [
      flip('read-only'), list('mount', 'type=volume,source=data,target=/data,volume-nocopy'), list('tmpfs', '/tmp:size=64m'), list('volumes-from', 'db:ro'),
      line('volume-driver', 'local'), list('storage-opt', 'size=10G'),
    ],
  },
  {
    name: 'limits',
    fields: [
      line('memory', '512m'), line('memory-reservation', '256m'), line('memory-swap', '1g'), line('cpus', '1.5'), line('pids-limit', '200'), line('shm-size', '64m'),
      line('cpu-shares', '1024'), line('cpuset-cpus', '0-3'), line('cpuset-mems', '0'), line('cpu-period', '100000'), line('cpu-quota', '50000'),
      line('cpu-rt-period', '1000000'), line('cpu-rt-runtime', '950000'), line('memory-swappiness', '60'), line('oom-score-adj', '0'), flip('oom-kill-disable'),
      list('ulimit', 'nofile=1024:2048'), line('blkio-weight', '500'), list('blkio-weight-device', '/dev/sda:200'), list('device-read-bps', '/dev/sda:1mb'),
      list('device-write-bps', '/dev/sda:1mb'), list('device-read-iops', '/dev/sda:1000'), list('device-write-iops', '/dev/sda:1000'),
    ],
  },
  {
    name: 'security',
    fields: [
      flip('privileged'), list('cap-add', 'NET_ADMIN'), list('cap-drop', 'ALL'), list('security-opt', 'no-new-privileges'), pick('userns', 'host'), pick('cgroupns', 'host', 'private'),
      line('ipc', 'private'), line('pid', 'host'), pick('uts', 'host'), list('sysctl', 'net.core.somaxconn=1024'),
    ],
  },
  {
    name: 'devices',
    fields: [list('device', '/dev/fuse'), list('device-cgroup-rule', 'c 1:3 rwm'), list('gpus', 'all'), line('runtime', 'runc'), line('cgroup-parent', '/group'), line('isolation', 'default')],
  },
  {
    name: 'health',
    fields: [
      flip('no-healthcheck'), line('health-cmd', 'curl -f http://localhost/'), line('health-interval', '30s'), line('health-timeout', '5s'), line('health-retries', '3'),
      line('health-start-period', '10s'), line('health-start-interval', '1s'), line('log-driver', 'json-file'), list('log-opt', 'max-size=10m'),
    ],
  },
  { name: 'image', fields: [line('platform', 'linux/arm64'), flip('quiet')] },
]

/** Limits that hold by something else than control groups. */
const OTHER_LIMITS: ReadonlySet<string> = new Set(['shm-size', 'ulimit', 'oom-score-adj'])
/** Limits that an engine without control groups takes and does nothing about. */
export const CGROUP_FLAGS: ReadonlySet<string> = new Set(
  ADVANCED.filter(({ name }) => name === 'limits').flatMap(({ fields }) => fields.map(({ flag }) => flag).filter((flag) => !OTHER_LIMITS.has(flag))),
)

/** Flags that have a control of their own in the simple part. */
export const SIMPLE: ReadonlySet<string> = new Set(['name', 'publish', 'volume', 'restart', 'rm', 'pull'])
export const ADVANCED_FLAGS: ReadonlySet<string> = new Set(SUPPORTED_FLAGS.map(({ name }) => name).filter((name) => !SIMPLE.has(name)))
