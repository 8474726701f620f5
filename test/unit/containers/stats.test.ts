import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { computeStats, isRunningSample } from '../../../engine/containers/stats.ts'
import type { ComputedStats } from '../../../engine/containers/stats.ts'
import type { RawStats } from '../../../engine/docker/api-types.ts'
// Captured: dockerd 28 and Podman 4.3 on cgroup v1, a busy loop of one core (`Limited`: --cpus 0.5 -m 64m --pids-limit 50).
import captured from '../../fixtures/stats-samples.json' with { type: 'json' }

const MiB = 1024 * 1024
const samples = captured as unknown as Record<keyof typeof captured, RawStats & readonly RawStats[]>
const pair = (name: keyof typeof captured): [RawStats, RawStats] => [samples[name][1]!, samples[name][0]!]

/** As docs of the Engine API show it for cgroup v2: lower-case operations, no per-core times. */
const V2: RawStats = {
  read: '2026-01-01T00:00:02Z',
  preread: '2026-01-01T00:00:01Z',
  cpu_stats: { cpu_usage: { total_usage: 1_500 }, system_cpu_usage: 20_000, online_cpus: 4 },
  precpu_stats: { cpu_usage: { total_usage: 1_000 }, system_cpu_usage: 10_000, online_cpus: 4 },
  memory_stats: { usage: 100 * MiB, limit: 512 * MiB, stats: { inactive_file: 40 * MiB, active_file: 1, anon: 5 } },
  pids_stats: { current: 7, limit: 18_446_744_073_709_552_000 },
  blkio_stats: { io_service_bytes_recursive: [{ op: 'read', value: 10 }, { op: 'write', value: 20 }, { op: 'read', value: 1 }, { op: '', value: 99 }, { value: 99 }] },
  networks: { eth0: { rx_bytes: 3, tx_bytes: 4 }, eth1: { rx_bytes: 30, tx_bytes: 40 } },
}

const V1: RawStats = {
  cpu_stats: { cpu_usage: { total_usage: 3_000, percpu_usage: [1, 2, 0, 0] }, system_cpu_usage: 11_000 },
  precpu_stats: { cpu_usage: { total_usage: 1_000 }, system_cpu_usage: 1_000 },
  memory_stats: { usage: 50 * MiB, limit: 9_223_372_036_854_772_000, stats: { total_inactive_file: 10 * MiB, inactive_file: 1, cache: 20 * MiB } },
  pids_stats: { current: 1 },
  blkio_stats: {
    io_service_bytes_recursive: [
      { op: 'Read', value: 4_096 }, { op: 'Write', value: 8_192 }, { op: 'Sync', value: 8_192 }, { op: 'Async', value: 4_096 }, { op: 'Discard', value: 1 }, { op: 'Total', value: 12_288 },
    ],
  },
}

const cpuOf = (total: number, system: number, more: object = {}): RawStats => ({ cpu_stats: { cpu_usage: { total_usage: total }, system_cpu_usage: system, online_cpus: 2, ...more } })
const noted = (n: number, places = 1): number => expect.closeTo(n, places) as number

describe('computeStats', () => {
  const table: readonly [string, RawStats, RawStats | undefined, Partial<ComputedStats>][] = [
    [
      'cgroup v2',
      V2,
      undefined,
      {
        cpuPercent: 20, cores: 4, memoryBytes: 60 * MiB, memoryLimitBytes: 512 * MiB, pids: 7, pidsLimit: 0,
        network: { inBytes: 33, outBytes: 44, inPerSecond: null, outPerSecond: null },
        disk: { inBytes: 11, outBytes: 20, inPerSecond: null, outPerSecond: null },
        unknown: {},
      },
    ],
    [
      'cgroup v1 of an old engine: as many cores as times are told, capitals of the disk',
      V1,
      undefined,
      {
        cpuPercent: 80, cores: 4, memoryBytes: 40 * MiB, memoryLimitBytes: 0, pids: 1, pidsLimit: 0, network: null,
        disk: { inBytes: 4_096, outBytes: 8_192, inPerSecond: null, outPerSecond: null }, unknown: { network: 'not-told' },
      },
    ],
    [
      'dockerd, limited, single samples',
      ...pair('dockerV1Limited'),
      {
        cpuPercent: noted(50.4), cores: 2, memoryBytes: 4_763_648 - 4_087_808, memoryLimitBytes: 64 * MiB, pids: 1, pidsLimit: 50,
        network: null, disk: null, unknown: { network: 'not-told', disk: 'not-told' },
      },
    ],
    ['dockerd, the stream compares by itself', samples.dockerV1Stream, undefined, { cpuPercent: noted(50.1), pidsLimit: 50 }],
    ['dockerd, paused', samples.dockerV1Paused, samples.dockerV1Stream, { cpuPercent: noted(0), memoryBytes: 4_739_072 - 4_087_808, pids: 1 }],
    [
      'dockerd, a network of its own, no limits: the memory of the machine',
      ...pair('dockerV1Bridge'),
      { cpuPercent: noted(99.7), memoryLimitBytes: 25_276_502_016, network: { inBytes: 1_042, outBytes: 126, inPerSecond: noted(0), outPerSecond: noted(0) } },
    ],
    ['dockerd, the network of the host is not told', ...pair('dockerV1HostNetwork'), { network: null, unknown: { network: 'not-told', disk: 'not-told' } }],
    [
      'Podman, limited: its host time is the busy time of all programs, its limit of processes is not told',
      ...pair('podmanLimited'),
      { cpuPercent: noted(49.9), cores: 2, memoryBytes: 4_698_112, memoryLimitBytes: 64 * MiB, pids: 1, pidsLimit: 0, unknown: { disk: 'not-told' } },
    ],
    ['Podman, a whole core', ...pair('podmanBridge'), { cpuPercent: noted(99.9), network: { inBytes: 516, outBytes: 1_220, inPerSecond: noted(0), outPerSecond: noted(0) } }],
    ['no host time told at all: wall time', { ...cpuOf(1.5e9, 0), read: '2026-01-01T00:00:02Z' }, { ...cpuOf(1e9, 0), read: '2026-01-01T00:00:01Z' }, { cpuPercent: 50 }],
    [
      'single samples: against the one before, whatever the engine compares with',
      { ...cpuOf(3_000, 40_000), precpu_stats: cpuOf(2_900, 39_000).cpu_stats! },
      cpuOf(1_000, 20_000),
      { cpuPercent: 20 },
    ],
    ['a first sample', { ...cpuOf(9, 10), precpu_stats: { cpu_usage: { total_usage: 0 } } }, undefined, { cpuPercent: null, unknown: { cpu: 'first', memory: 'not-told', network: 'not-told', disk: 'not-told', pids: 'not-told' } }],
    ['one that did nothing', cpuOf(9, 30), cpuOf(9, 10), { cpuPercent: 0 }],
    ['started anew since the sample before', cpuOf(5, 30), cpuOf(900, 10), { cpuPercent: null }],
    ['cache larger than usage is left alone', { memory_stats: { usage: 5 * MiB, limit: MiB * 8, stats: { inactive_file: 6 * MiB } } }, undefined, { memoryBytes: 5 * MiB, memoryLimitBytes: 8 * MiB }],
    [
      'rates: bytes per second between the two, none after a new start of the counter',
      { ...V2, read: '2026-01-01T00:00:04Z', networks: { eth0: { rx_bytes: 1_033, tx_bytes: 10 } } },
      V2,
      { network: { inBytes: 1_033, outBytes: 10, inPerSecond: 500, outPerSecond: null }, disk: { inBytes: 11, outBytes: 20, inPerSecond: 0, outPerSecond: 0 } },
    ],
    [
      'rootless without control groups: nothing is a figure, and nothing is zero',
      { read: '2026-01-01T00:00:02Z', cpu_stats: { cpu_usage: { total_usage: 0 } }, memory_stats: {}, pids_stats: {}, blkio_stats: { io_service_bytes_recursive: null } },
      { read: '2026-01-01T00:00:01Z', cpu_stats: { cpu_usage: { total_usage: 0 } } },
      {
        cpuPercent: null, cores: null, memoryBytes: null, memoryLimitBytes: 0, network: null, disk: null, pids: null,
        unknown: { cpu: 'not-told', memory: 'not-told', network: 'not-told', disk: 'not-told', pids: 'not-told' },
      },
    ],
    ['a stopped container', samples.dockerStopped, undefined, { cpuPercent: null, memoryBytes: null, pids: null }],
    ['nulls', { cpu_stats: null, precpu_stats: null, memory_stats: null, pids_stats: null, blkio_stats: null, networks: null }, undefined, { cpuPercent: null, memoryBytes: null, disk: null }],
  ]
  it.each(table)('%s', (_title, sample, previous, expected) => {
    expect(computeStats(sample, previous)).toMatchObject(expected)
  })

  it('a container that runs is told from one that does not', () => {
    expect(isRunningSample(samples.dockerV1Stream)).toBe(true)
    expect(isRunningSample(pair('podmanLimited')[0])).toBe(true)
    expect(isRunningSample(samples.dockerStopped)).toBe(false)
    expect(isRunningSample({ read: '0001-01-01T00:00:00Z', cpu_stats: {}, memory_stats: {} })).toBe(false)
    // It runs, and nothing is known of it.
    expect(isRunningSample({ read: '2026-01-01T00:00:02Z', cpu_stats: {}, memory_stats: {} })).toBe(true)
  })

  it('no figure is ever below zero or not a number', () => {
    const value = fc.option(fc.oneof(fc.integer(), fc.double(), fc.constant(Number.NaN)), { nil: undefined })
    const cpu = fc.record({ cpu_usage: fc.option(fc.record({ total_usage: value })), system_cpu_usage: value, online_cpus: value, cpu: value })
    const any = fc.record({
      read: fc.option(fc.constantFrom('0001-01-01T00:00:00Z', '2026-01-01T00:00:02Z', 'never', '2026-01-01T00:00:09.5Z'), { nil: undefined }),
      cpu_stats: fc.option(cpu),
      precpu_stats: fc.option(cpu),
      memory_stats: fc.option(fc.record({ usage: value, limit: value, stats: fc.option(fc.dictionary(fc.constantFrom('inactive_file', 'total_inactive_file'), fc.integer())) })),
      networks: fc.option(fc.dictionary(fc.string(), fc.record({ rx_bytes: value, tx_bytes: value }))),
      blkio_stats: fc.option(fc.record({ io_service_bytes_recursive: fc.option(fc.array(fc.record({ op: fc.string(), value }))) })),
      pids_stats: fc.option(fc.record({ current: value, limit: value })),
    })
    const numbers = (from: object): number[] => Object.values(from).flatMap((one: unknown) => (typeof one === 'number' ? [one] : one !== null && typeof one === 'object' ? numbers(one) : []))
    fc.assert(fc.property(any, fc.option(any, { nil: undefined }), (sample, previous) => {
      for (const one of numbers(computeStats(sample as RawStats, previous as RawStats | undefined))) expect(one).toBeGreaterThanOrEqual(0)
    }))
  })
})
