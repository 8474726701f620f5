/** What an engine can do: asked at connect, never concluded from its name. */
import type { Capabilities, EngineVersion } from '../contract/models.ts'
import type { Http } from './http.ts'

/** The parts of `GET /info` that are read. */
export interface RawInfo {
  readonly Driver?: string
  readonly DriverStatus?: readonly (readonly string[])[] | null
  readonly MemoryLimit?: boolean
  readonly CpuCfsQuota?: boolean
  readonly CPUCfsQuota?: boolean
  readonly CgroupDriver?: string
  readonly CgroupVersion?: string
  readonly SecurityOptions?: readonly string[] | null
  readonly KernelVersion?: string
  readonly NCPU?: number
  readonly MemTotal?: number
}

/** The parts of `GET /version` that are read. */
export interface RawVersion {
  readonly Platform?: { readonly Name?: string } | null
  readonly Components?: readonly { readonly Name?: string }[] | null
  readonly Version?: string
  readonly ApiVersion?: string
  readonly MinAPIVersion?: string
  readonly Os?: string
  readonly Arch?: string
  readonly KernelVersion?: string
}

/** Milliseconds for one probe; one that does not answer counts as "cannot". */
const PROBE_MS = 5_000
const NOBODY = 'naru-capability-probe'

export function isRootless(info: RawInfo): boolean {
  return (info.SecurityOptions ?? []).some((option) => /(^|=|,)rootless(,|$)/.test(option))
}

/** The engine as it names itself. Docker's component is only called "Engine": its platform or Moby says more. */
export function productOf(version: RawVersion): string {
  const component = version.Components?.[0]?.Name ?? ''
  if (component && component !== 'Engine') return component
  return version.Platform?.Name || 'Moby'
}

/** Version facts for the badge, from `/version` and `/info`; `apiVersion` is the negotiated one. */
export function engineVersion(version: RawVersion, info: RawInfo, apiVersion: string): EngineVersion {
  const kernel = version.KernelVersion || info.KernelVersion
  return {
    product: productOf(version),
    version: version.Version ?? '',
    apiVersion,
    os: version.Os ?? '',
    arch: version.Arch ?? '',
    ...(kernel && { kernel }),
    ...(info.Driver && { storageDriver: info.Driver }),
    ...((info.CgroupVersion === '1' || info.CgroupVersion === '2') && { cgroupVersion: info.CgroupVersion }),
    rootless: isRootless(info),
    ...(info.NCPU && { cpus: info.NCPU }),
    ...(info.MemTotal && { memoryBytes: info.MemTotal }),
  }
}

/** Asks the engine for each thing that engines differ in. Never rejects except when `signal` is aborted. */
export async function probeCapabilities(http: Http, info: RawInfo, signal: AbortSignal): Promise<Capabilities> {
  const ask = async (method: string, path: string, body?: unknown) => {
    try {
      return await http.exchange({ method, path, body, signal, timeoutMs: PROBE_MS })
    } catch (error) {
      if (signal.aborted) throw error
      return { status: 0, text: '' }
    }
  }
  const has = ({ status, text }: { status: number; text: string }): boolean =>
    status !== 0 && status !== 405 && (status !== 404 || /no such container|no container with/i.test(text))
  const [update, session, swarm, distribution] = await Promise.all([
    ask('POST', `/containers/${NOBODY}/update`, {}),
    ask('POST', '/session'),
    ask('GET', '/swarm'),
    // Upper case is refused before any registry is asked.
    ask('GET', '/distribution/NARU/json'),
  ])
  const controlled = hasCgroups(info)
  const capabilities = {
    pause: controlled,
    limits: controlled && info.MemoryLimit !== false && (info.CpuCfsQuota ?? info.CPUCfsQuota) !== false,
    stats: controlled,
    update: has(update),
    buildkit: has(session),
    swarm: has(swarm),
    distribution: has(distribution),
    layerDirectories: tellsLayerDirectories(info),
  }
  return { ...capabilities, notes: notesOf(capabilities, controlled) }
}

/**
 * Without control groups limits are ignored silently, pause fails and stats show the whole host. Rootless engines on
 * version 1 have none even when they name a driver.
 */
function hasCgroups(info: RawInfo): boolean {
  return info.CgroupDriver !== 'none' && !(isRootless(info) && info.CgroupVersion === '1')
}

function tellsLayerDirectories(info: RawInfo): boolean {
  const snapshotter = (info.DriverStatus ?? []).some((pair) => pair.join(' ').includes('containerd.snapshotter'))
  return !snapshotter && (info.Driver === 'overlay2' || info.Driver === 'overlay' || info.Driver === 'fuse-overlayfs')
}

function notesOf(capabilities: Omit<Capabilities, 'notes'>, controlled: boolean): string[] {
  return [
    ...(controlled ? [] : ['no-cgroups']),
    ...(controlled && !capabilities.limits ? ['no-limits'] : []),
    ...(capabilities.update ? [] : ['no-update']),
    ...(capabilities.buildkit ? [] : ['no-buildkit']),
  ]
}
