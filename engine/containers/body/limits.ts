/** Limits and devices of a create. Pure. */
import type { RunSpec } from '../../contract/models.ts'
import { parseBytes } from '../../contract/units.ts'
import { checkCgroupRule, parseBpsDevice, parseDevice, parseGpus, parseIopsDevice, parseUlimit, parseWeightDevice } from '../values/devices.ts'
import { parseCpus } from '../values/go.ts'
import { inField } from './refuse.ts'

type SizeKey = 'memory' | 'memoryReservation' | 'memorySwap' | 'shmSize'
type RateKey = 'deviceReadBps' | 'deviceWriteBps' | 'deviceReadIops' | 'deviceWriteIops'

/** Memory, CPUs, processes and block devices. */
export function limitMembers(spec: RunSpec): Record<string, unknown> {
  const size = (key: SizeKey) => inField(key, () => (!spec[key] ? 0 : key === 'memorySwap' && spec[key] === '-1' ? -1 : parseBytes(spec[key])))
  const rates = (key: RateKey) =>
    inField(key, () => (spec[key] ?? []).map((each) => (key.endsWith('Bps') ? parseBpsDevice(each) : parseIopsDevice(each))).map(({ path, rate }) => ({ Path: path, Rate: rate })))
  return {
    Memory: size('memory'),
    MemoryReservation: size('memoryReservation'),
    MemorySwap: size('memorySwap'),
    MemorySwappiness: spec.memorySwappiness ?? -1,
    OomKillDisable: spec.oomKillDisable ?? false,
    OomScoreAdj: spec.oomScoreAdj ?? 0,
    NanoCpus: inField('cpus', () => (spec.cpus ? parseCpus(spec.cpus) : 0)),
    CpuShares: spec.cpuShares ?? 0,
    CpuPeriod: spec.cpuPeriod ?? 0,
    CpuQuota: spec.cpuQuota ?? 0,
    CpuRealtimePeriod: spec.cpuRtPeriod ?? 0,
    CpuRealtimeRuntime: spec.cpuRtRuntime ?? 0,
    CpusetCpus: spec.cpusetCpus ?? '',
    CpusetMems: spec.cpusetMems ?? '',
    PidsLimit: spec.pidsLimit ?? 0,
    ShmSize: size('shmSize'),
    Ulimits: inField('ulimits', () => (spec.ulimits ?? []).map(parseUlimit).map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard }))),
    BlkioWeight: spec.blkioWeight ?? 0,
    BlkioWeightDevice: inField('blkioWeightDevices', () => (spec.blkioWeightDevices ?? []).map(parseWeightDevice).map(({ path, weight }) => ({ Path: path, Weight: weight }))),
    BlkioDeviceReadBps: rates('deviceReadBps'),
    BlkioDeviceWriteBps: rates('deviceWriteBps'),
    BlkioDeviceReadIOps: rates('deviceReadIops'),
    BlkioDeviceWriteIOps: rates('deviceWriteIops'),
  }
}

/** Devices, the rules for them, and GPUs. */
export function deviceMembers(spec: RunSpec): Record<string, unknown> {
  const devices = inField('devices', () => (spec.devices ?? []).map(parseDevice))
  const paths = devices.flatMap((device) =>
    device.kind === 'path' ? [{ PathOnHost: device.host, PathInContainer: device.inside, CgroupPermissions: device.permissions }] : [],
  )
  const named = devices.flatMap((device) => (device.kind === 'cdi' ? [device.name] : []))
  const requests = [
    ...inField('gpus', () => (spec.gpus ?? []).map(parseGpus)),
    ...(named.length > 0 ? [{ Driver: 'cdi', DeviceIDs: named }] : []),
  ]
  return {
    Devices: paths,
    DeviceCgroupRules: spec.deviceCgroupRules ? inField('deviceCgroupRules', () => (spec.deviceCgroupRules ?? []).map(checkCgroupRule)) : null,
    DeviceRequests: requests.length > 0 ? requests : null,
  }
}
