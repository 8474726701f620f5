/**
 * Figures of one stats sample, computed as the docker CLI computes them. Pure; no engine name is looked at, only
 * which fields are there (cgroup v1, cgroup v2 and Podman differ in those). What a sample does not tell is null, and
 * `unknown` says why: a zero would be a figure.
 */
import type { ContainerStats, Flow, StatFigure, UnknownFigure } from '../contract/models.ts'
import type { RawCpuStats, RawStats } from '../docker/api-types.ts'

export type ComputedStats = Omit<ContainerStats, 'id' | 'at'>

/**
 * CPU: share of the host's CPU time since the previous sample, times the number of cores (`docker stats`). Podman's
 * samples, known by their own `cpu`, tell the busy time of all programs as the host's time: there it is container
 * time over wall time. Memory: usage without the page cache that can be dropped, `total_inactive_file` (cgroup v1)
 * or `inactive_file` (v2). Network and disk: sums over interfaces and devices, and their growth per second.
 * @param previous the sample before; without it what the engine itself compares with (`precpu_stats`), which single
 *   samples leave empty
 */
export function computeStats(sample: RawStats, previous?: RawStats): ComputedStats {
  const seconds = previous ? wallNanoseconds(previous.read, sample.read) / 1e9 : 0
  const cpu = hasUsage(sample.cpu_stats) ? cpuPercent(sample, previous) : null
  const memory = memoryWithoutCache(sample)
  const network = flow(networkTotals(sample), previous && networkTotals(previous), seconds)
  const disk = flow(diskTotals(sample), previous && diskTotals(previous), seconds)
  const pids = positive(sample.pids_stats?.current) || null
  const unknown: { [Figure in StatFigure]?: UnknownFigure } = {}
  if (cpu === null) unknown.cpu = hasUsage(sample.cpu_stats) ? 'first' : 'not-told'
  for (const [name, value] of Object.entries({ memory, network, disk, pids })) if (value === null) unknown[name as StatFigure] = 'not-told'
  return {
    cpuPercent: cpu,
    cores: positive(sample.cpu_stats?.online_cpus) || positive(sample.cpu_stats?.cpu_usage?.percpu_usage?.length) || null,
    memoryBytes: memory,
    memoryLimitBytes: plausibleLimit(sample.memory_stats?.limit),
    network,
    disk,
    pids,
    pidsLimit: plausibleLimit(sample.pids_stats?.limit),
    unknown,
  }
}

/** False for what an engine answers about a container that does not run: a sample of nothing, taken at no time. */
export function isRunningSample(sample: RawStats): boolean {
  return hasUsage(sample.cpu_stats) || positive(sample.memory_stats?.usage) > 0 || Date.parse(sample.read ?? '') > 0
}

function cpuPercent(sample: RawStats, previous: RawStats | undefined): number | null {
  const now = sample.cpu_stats
  const before = previous ? previous.cpu_stats : hasUsage(sample.precpu_stats) && sample.precpu_stats
  if (!before || !hasUsage(before)) return null
  const used = positive(now?.cpu_usage?.total_usage) - positive(before.cpu_usage?.total_usage)
  // Less than before: it was started anew in between.
  if (used < 0) return null
  const system = positive(now?.system_cpu_usage) - positive(before.system_cpu_usage)
  if (now?.cpu === undefined && positive(before.system_cpu_usage) > 0 && system > 0) return (used / system) * coresOf(now) * 100
  const wall = wallNanoseconds(previous ? previous.read : sample.preread, sample.read)
  return wall > 0 ? (used / wall) * 100 : null
}

function hasUsage(cpu: RawCpuStats | null | undefined): boolean {
  return positive(cpu?.cpu_usage?.total_usage) > 0
}

/** As the CLI counts them: engines before 1.27 tell no number, but a time for each. */
function coresOf(cpu: RawCpuStats | null | undefined): number {
  return positive(cpu?.online_cpus) || positive(cpu?.cpu_usage?.percpu_usage?.length) || 1
}

/** 0 when either is no moment ("year 1" stands for none). */
function wallNanoseconds(from: string | undefined, to: string | undefined): number {
  const [start, end] = [Date.parse(from ?? ''), Date.parse(to ?? '')]
  return start > 0 && end > start ? (end - start) * 1_000_000 : 0
}

/** Null when nothing is told: whatever runs has some. */
function memoryWithoutCache(sample: RawStats): number | null {
  const usage = positive(sample.memory_stats?.usage)
  const stats = sample.memory_stats?.stats ?? {}
  for (const name of ['total_inactive_file', 'inactive_file']) {
    const cache = stats[name]
    if (typeof cache === 'number' && cache < usage) return usage - cache
  }
  return usage || null
}

interface Totals {
  readonly into: number
  readonly outOf: number
}

/** Null without an interface of its own: no network, or the host's, which is told for no single container. */
function networkTotals({ networks }: RawStats): Totals | null {
  const all = Object.values(networks ?? {})
  if (all.length === 0) return null
  return { into: sum(all.map((one) => one?.rx_bytes)), outOf: sum(all.map((one) => one?.tx_bytes)) }
}

/** Version 1 writes `Read` and `Write` (and `Total`, `Sync` …), version 2 `read` and `write`. Null when no device is told. */
function diskTotals({ blkio_stats }: RawStats): Totals | null {
  const entries = blkio_stats?.io_service_bytes_recursive
  if (!Array.isArray(entries) || entries.length === 0) return null
  const of = (letter: string): number => sum(entries.map((entry) => (String(entry?.op ?? '')[0]?.toLowerCase() === letter ? entry.value : 0)))
  return { into: of('r'), outOf: of('w') }
}

function flow(now: Totals | null, before: Totals | null | undefined, seconds: number): Flow | null {
  if (!now) return null
  const rate = (side: keyof Totals): number | null => {
    const grown = before ? now[side] - before[side] : -1
    // Less than before: it was started anew in between.
    return seconds > 0 && grown >= 0 ? grown / seconds : null
  }
  return { inBytes: now.into, outBytes: now.outOf, inPerSecond: rate('into'), outPerSecond: rate('outOf') }
}

/** "No limit" is a number near 2^63 or 2^64, or nothing; here it is 0. */
function plausibleLimit(limit: number | undefined): number {
  const value = positive(limit)
  return value < 2 ** 60 ? value : 0
}

function sum(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((total, value) => total + positive(value), 0)
}

function positive(value: number | null | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0
}
