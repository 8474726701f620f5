/** Flags about what a container may do to the machine. Pure. */
import { checkCgroupRule, parseDevice, parseGpus } from '../values/devices.ts'
import { refuseValue } from '../values/go.ts'
import { choice, kindsOf, pair } from './kinds.ts'
import type { SupportedFlag } from './kinds.ts'

const kinds = kindsOf('security')
/** Kernel settings that belong to a namespace and not to the whole machine. */
const SYSCTL = /^(?:net\.|fs\.mqueue\.|kernel\.(?:msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)=)/

function checkSysctl(value: string): void {
  pair(value)
  if (!SYSCTL.test(value)) throw refuseValue('sysctl', `a container cannot have this kernel setting: "${value}"`, { value })
}

function checkSecurityOption(value: string): void {
  if (value !== 'no-new-privileges' && !/[=:]/.test(value)) throw refuseValue('pair', `not NAME=VALUE: "${value}"`, { value })
}

export const SECURITY_FLAGS: readonly SupportedFlag[] = [
  kinds.flag('privileged', 'privileged'),
  kinds.list('cap-add', 'capAdd'),
  kinds.list('cap-drop', 'capDrop'),
  kinds.list('security-opt', 'securityOptions', checkSecurityOption),
  kinds.text('userns', 'userns', choice('host')),
  kinds.text('cgroupns', 'cgroupns', choice('host', 'private')),
  kinds.text('cgroup-parent', 'cgroupParent'),
  kinds.text('ipc', 'ipc', choice('none', 'private', 'shareable', 'host', 'container:')),
  kinds.text('pid', 'pid', choice('host', 'container:')),
  kinds.text('uts', 'uts', choice('host')),
  kinds.pairs('sysctl', 'sysctls', checkSysctl),
  kinds.text('runtime', 'runtime'),
  kinds.text('isolation', 'isolation'),
  kinds.list('device', 'devices', parseDevice),
  kinds.list('device-cgroup-rule', 'deviceCgroupRules', checkCgroupRule),
  kinds.list('gpus', 'gpus', parseGpus),
]
