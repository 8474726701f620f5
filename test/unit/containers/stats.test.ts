import { describe, expect, it } from 'vitest'
import { computeStats } from '../../../engine/containers/stats.ts'
import type { RawStats } from '../../../engine/docker/api-types.ts'

const MiB = 1024 * 1024

describe('computeStats', () => {
  const table: readonly [string, RawStats, RawStats | undefined, ReturnType<typeof computeStats>][] = [
    [
      'cgroup v2',
      {
        cpu_stats: { cpu_usage: { total_usage: 1_500 }, system_cpu_usage: 20_000, online_cpus: 4 },
        precpu_stats: { cpu_usage: { total_usage: 1_000 }, system_cpu_usage: 10_000, online_cpus: 4 },
        memory_stats: { usage: 100 * MiB, limit: 512 * MiB, stats: { inactive_file: 40 * MiB } },
        pids_stats: { current: 7 },
      },
      undefined,
      { cpuPercent: 20, memoryBytes: 60 * MiB, memoryLimitBytes: 512 * MiB, pids: 7 },
    ],
    [
      'cgroup v1, cores told by percpu',
      {
        cpu_stats: { cpu_usage: { total_usage: 3_000, percpu_usage: [1, 2, 0, 0] }, system_cpu_usage: 11_000 },
        precpu_stats: { cpu_usage: { total_usage: 1_000 }, system_cpu_usage: 1_000 },
        memory_stats: { usage: 50 * MiB, limit: 9_223_372_036_854_772_000, stats: { total_inactive_file: 10 * MiB, inactive_file: 1, cache: 20 * MiB } },
        pids_stats: { current: 1 },
      },
      undefined,
      { cpuPercent: 40, memoryBytes: 40 * MiB, memoryLimitBytes: 0, pids: 1 },
    ],
    [
      'cache larger than usage is left alone',
      { memory_stats: { usage: 5 * MiB, limit: MiB * 8, stats: { cache: 6 * MiB } } },
      undefined,
      { cpuPercent: null, memoryBytes: 5 * MiB, memoryLimitBytes: 8 * MiB, pids: 0 },
    ],
    [
      'Podman: no host time, no memory details; measured against the sample before',
      {
        read: '2026-01-01T00:00:02.000Z',
        cpu_stats: { cpu_usage: { total_usage: 1_500_000_000 }, system_cpu_usage: 77, online_cpus: 2 },
        precpu_stats: { cpu_usage: { total_usage: 1_000_000_000 } },
        memory_stats: { usage: 3 * MiB, limit: 100 * MiB },
        pids_stats: { current: 2 },
      },
      { read: '2026-01-01T00:00:01.000Z', cpu_stats: { cpu_usage: { total_usage: 1_000_000_000 } } },
      { cpuPercent: 50, memoryBytes: 3 * MiB, memoryLimitBytes: 100 * MiB, pids: 2 },
    ],
    ['a first sample', { cpu_stats: { cpu_usage: { total_usage: 9 }, system_cpu_usage: 10 }, precpu_stats: { cpu_usage: { total_usage: 0 } } }, undefined, { cpuPercent: null, memoryBytes: 0, memoryLimitBytes: 0, pids: 0 }],
    [
      'single samples: against the one before, whatever the engine compares with',
      { cpu_stats: { cpu_usage: { total_usage: 3_000 }, system_cpu_usage: 40_000, online_cpus: 2 }, precpu_stats: { cpu_usage: { total_usage: 2_900 }, system_cpu_usage: 39_000 } },
      { cpu_stats: { cpu_usage: { total_usage: 1_000 }, system_cpu_usage: 20_000 } },
      { cpuPercent: 20, memoryBytes: 0, memoryLimitBytes: 0, pids: 0 },
    ],
    ['one that has used nothing yet', { cpu_stats: { cpu_usage: { total_usage: 0 }, system_cpu_usage: 30 } }, { cpu_stats: { cpu_usage: { total_usage: 0 }, system_cpu_usage: 10 } }, { cpuPercent: 0, memoryBytes: 0, memoryLimitBytes: 0, pids: 0 }],
    ['started anew since the sample before', { cpu_stats: { cpu_usage: { total_usage: 5 }, system_cpu_usage: 30 } }, { cpu_stats: { cpu_usage: { total_usage: 900 }, system_cpu_usage: 10 } }, { cpuPercent: null, memoryBytes: 0, memoryLimitBytes: 0, pids: 0 }],
    ['a stopped container', { cpu_stats: null, precpu_stats: null, memory_stats: null, pids_stats: null }, undefined, { cpuPercent: null, memoryBytes: 0, memoryLimitBytes: 0, pids: 0 }],
  ]
  it.each(table)('%s', (_title, sample, previous, expected) => {
    expect(computeStats(sample, previous)).toEqual(expected)
  })
})
