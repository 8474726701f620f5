/**
 * Figures of one stats sample, computed as the docker CLI computes them. Pure; no engine name is looked at, only
 * which fields are there (cgroup v1, cgroup v2 and Podman differ in those).
 */
import type { RawCpuStats, RawStats } from '../docker/api-types.ts'

export interface ComputedStats {
  /** Percent of one core; 100 per busy core. Null for a first sample, which has nothing to compare with. */
  readonly cpuPercent: number | null
  readonly memoryBytes: number
  /** 0 when the engine tells no limit. */
  readonly memoryLimitBytes: number
  readonly pids: number
}

/**
 * CPU: share of the host's CPU time since the previous sample, times the number of cores (`docker stats`). Engines
 * that tell no host CPU time (Podman) get container time over wall time instead.
 * Memory: usage without the page cache that can be dropped: `inactive_file` (cgroup v2), `total_inactive_file`
 * (cgroup v1), else `cache`.
 * @param previous the sample before; without it what the engine itself compares with (`precpu_stats`), which single
 *   samples leave empty
 */
export function computeStats(sample: RawStats, previous?: RawStats): ComputedStats {
  return {
    cpuPercent: cpuPercent(sample, previous),
    memoryBytes: memoryWithoutCache(sample),
    memoryLimitBytes: plausibleLimit(sample.memory_stats?.limit),
    pids: positive(sample.pids_stats?.current),
  }
}

/** False for what an engine answers about a container that does not run: a sample of nothing. */
export function isRunningSample(sample: RawStats): boolean {
  return hasUsage(sample.cpu_stats) || positive(sample.memory_stats?.usage) > 0
}

function cpuPercent(sample: RawStats, previous: RawStats | undefined): number | null {
  const now = sample.cpu_stats
  const before = previous ? previous.cpu_stats : hasUsage(sample.precpu_stats) && sample.precpu_stats
  if (!before) return null
  const used = positive(now?.cpu_usage?.total_usage) - positive(before.cpu_usage?.total_usage)
  // Less than before: it was started anew in between.
  if (used < 0) return null
  const system = positive(now?.system_cpu_usage) - positive(before.system_cpu_usage)
  if (positive(before.system_cpu_usage) > 0 && system > 0) return (used / system) * coresOf(now) * 100
  const wall = wallNanoseconds(sample, previous)
  return wall > 0 ? (used / wall) * 100 : null
}

function hasUsage(cpu: RawCpuStats | null | undefined): boolean {
  return positive(cpu?.cpu_usage?.total_usage) > 0
}

function coresOf(cpu: RawCpuStats | null | undefined): number {
  return positive(cpu?.online_cpus) || cpu?.cpu_usage?.percpu_usage?.filter((time) => time > 0).length || 1
}

function wallNanoseconds(sample: RawStats, previous: RawStats | undefined): number {
  const from = Date.parse(previous?.read ?? '')
  const to = Date.parse(sample.read ?? '')
  return Number.isFinite(from) && Number.isFinite(to) ? (to - from) * 1_000_000 : 0
}

function memoryWithoutCache(sample: RawStats): number {
  const usage = positive(sample.memory_stats?.usage)
  const stats = sample.memory_stats?.stats ?? {}
  for (const name of ['total_inactive_file', 'inactive_file', 'cache']) {
    const cache = stats[name]
    if (cache !== undefined && cache < usage) return usage - cache
  }
  return usage
}

/** Cgroup v1 says "no limit" with a number near 2^63. */
function plausibleLimit(limit: number | undefined): number {
  const bytes = positive(limit)
  return bytes < 2 ** 60 ? bytes : 0
}

function positive(value: number | null | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0
}
