/** Figures of the scripted engine room: a quarter of an hour of the one that is watched, half a minute of every row. */
import type { ContainerStats } from '../../engine/contract/models.ts'
import { NaruError } from '../../engine/contract/errors.ts'
import type { StreamHandlers } from '../../engine/link/handlers.ts'
import type { Scenario } from './scenarios.ts'
import { MB } from './seed.ts'

/** The same shape in every run: slow waves with a burst now and then. */
function figures(id: string, n: number, second: number, at: number): ContainerStats {
  const wave = (period: number, shift = 0): number => (1 + Math.sin((second + shift) / period)) / 2
  const burst = (second + n * 17) % 90 < 14 ? 1 : 0
  const busy = (n * 7.3) % 31
  return {
    id,
    at,
    cpuPercent: busy * (0.35 + 0.4 * wave(11, n * 5) + 0.1 * wave(1.7, n)) + burst * busy * 2.2,
    cores: 8,
    memoryBytes: (18.2 + n * 31) * MB * (1 + 0.12 * wave(70, n)) + burst * 4 * MB,
    memoryLimitBytes: n === 0 ? 512 * 1024 ** 2 : 25_769_803_776,
    network: { inBytes: 41.2 * MB, outBytes: 388 * MB, inPerSecond: 18_000 * wave(9) + burst * 90_000, outPerSecond: 42_000 * wave(7) + burst * 210_000 },
    disk: n === 2 ? null : { inBytes: 9.4 * MB, outBytes: 61 * MB, inPerSecond: burst * 800_000 * wave(2), outPerSecond: 120_000 * wave(5) * wave(3) },
    pids: 3 + n + burst * 2,
    pidsLimit: n === 0 ? 100 : 0,
    unknown: n === 2 ? { disk: 'not-told' } : {},
  }
}

export function statsStreams(scenario: Scenario, now: number): Partial<StreamHandlers> {
  const nth = new Map(scenario.containers.map(({ id }, n) => [id, n]))
  return {
    'stats.watch': async function* ({ ids, pace }, { signal }) {
      const current = scenario.engines.engines.find(({ id }) => id === scenario.engines.currentId)
      if (current?.capabilities?.stats === false) throw new NaruError('unsupported', 'no figures', { hint: 'stats' })
      const seconds = pace === 'live' ? 900 : 30
      for (let second = seconds; second > 0; second -= 1) {
        // Away for a while, as when the engine was started anew.
        if (pace === 'live' && second > 70 && second < 100) continue
        for (const id of ids) yield figures(id, nth.get(id) ?? 0, seconds - second, now - second * 1_000)
      }
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
  }
}
