/** Flags about how much of the machine a container may take. Pure. */
import { parseBytes } from '../../contract/units.ts'
import { checkWeight, parseBpsDevice, parseIopsDevice, parseUlimit, parseWeightDevice } from '../values/devices.ts'
import { parseCpus, refuseValue } from '../values/go.ts'
import { kindsOf } from './kinds.ts'
import type { SupportedFlag } from './kinds.ts'

const kinds = kindsOf('limits')

/** Numbers of CPUs or memory nodes: `0-3`, `0,1`. */
function checkSet(value: string): void {
  if (!/^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/.test(value)) throw refuseValue('cpuset', `not a list such as 0-3 or 0,1: "${value}"`, { value })
}

export const LIMIT_FLAGS: readonly SupportedFlag[] = [
  kinds.text('memory', 'memory', parseBytes, { short: 'm' }),
  kinds.text('memory-reservation', 'memoryReservation', parseBytes),
  kinds.text('memory-swap', 'memorySwap', (value) => value === '-1' || parseBytes(value)),
  kinds.whole('memory-swappiness', 'memorySwappiness', { min: -1, max: 100, absent: -1 }),
  kinds.flag('oom-kill-disable', 'oomKillDisable'),
  kinds.whole('oom-score-adj', 'oomScoreAdj', { min: -1_000, max: 1_000, absent: 0 }),
  kinds.text('cpus', 'cpus', parseCpus),
  kinds.whole('cpu-shares', 'cpuShares', { min: 0, absent: 0 }, { short: 'c' }),
  kinds.whole('cpu-period', 'cpuPeriod', { min: 0, absent: 0 }),
  kinds.whole('cpu-quota', 'cpuQuota', { min: -1, absent: 0 }),
  kinds.whole('cpu-rt-period', 'cpuRtPeriod', { min: 0, absent: 0 }),
  kinds.whole('cpu-rt-runtime', 'cpuRtRuntime', { min: 0, absent: 0 }),
  kinds.text('cpuset-cpus', 'cpusetCpus', checkSet),
  kinds.text('cpuset-mems', 'cpusetMems', checkSet),
  kinds.whole('pids-limit', 'pidsLimit', { min: -1, absent: 0 }),
  kinds.text('shm-size', 'shmSize', parseBytes),
  kinds.list('ulimit', 'ulimits', parseUlimit),
  kinds.whole('blkio-weight', 'blkioWeight', { min: 0, max: 65_535, absent: 0, check: checkWeight }),
  kinds.list('blkio-weight-device', 'blkioWeightDevices', parseWeightDevice),
  kinds.list('device-read-bps', 'deviceReadBps', parseBpsDevice),
  kinds.list('device-write-bps', 'deviceWriteBps', parseBpsDevice),
  kinds.list('device-read-iops', 'deviceReadIops', parseIopsDevice),
  kinds.list('device-write-iops', 'deviceWriteIops', parseIopsDevice),
]
