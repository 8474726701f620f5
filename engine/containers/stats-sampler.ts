/**
 * Takes the figures of running containers from one engine, for everybody who watches some of them. Single samples
 * (`one-shot`) in rounds instead of the engine's streams: a stream measures every second, and with tens of containers
 * that is most of what an idle engine does. Processor time is told against the sample before, which is kept here.
 */
import type { ContainerStats, StatsPace } from '../contract/models.ts'
import type { RawStats } from '../docker/api-types.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { computeStats, isRunningSample } from './stats.ts'

/**
 * Milliseconds between two samples of a container at least, samples a second of all that are taken at this pace at most, and
 * how much earlier than due a sample may come along with others: one round wakes engine, engine room and page less often
 * than many.
 */
const PACES = {
  live: { least: 1_000, perSecond: 4, early: 250 },
  normal: { least: 2_000, perSecond: 4, early: 500 },
  resting: { least: 10_000, perSecond: 1, early: 4_000 },
} as const
/** Quickest first: who watches a container closest says how often it is measured. */
const ORDER: readonly StatsPace[] = ['live', 'normal', 'resting']
/** Milliseconds from a container's first sample to its second: only then its processor time is known. */
const SECOND_MS = 1_000
/** Samples asked for at once. */
const WIDTH = 4
/** What came so far is handed on after this long, however slow the rest is, ms. */
const FLUSH_MS = 200
/** Samples kept for comparison after nobody wants them any more, ms and number: rows scroll out and in again. */
const KEPT_MS = 60_000
const KEPT = 400

export interface StatsWatcher {
  readonly ids: readonly string[]
  readonly pace: StatsPace
  readonly items: (stats: readonly ContainerStats[]) => void
  /** Every container it watches failed; the first failure. It is told once and then forgotten. */
  readonly failed: (error: unknown) => void
}

/** Milliseconds. */
interface Wish {
  readonly period: number
  readonly early: number
}

interface Known {
  readonly sample: RawStats
  readonly figures: ContainerStats
  /** Nothing was known before it: the next one is due soon. */
  readonly isFirst: boolean
}

interface Entry {
  known: Known | null
  /** Null unless the last attempt failed. */
  failure: { readonly error: unknown } | null
  /** Milliseconds of `performance.now()`; when it was last asked for. */
  asked: number
}

export interface StatsSampler {
  /** Figures known already come at once. Gives what ends the watching. */
  readonly watch: (watcher: StatsWatcher) => () => void
}

/** Milliseconds between two samples of one of `count` containers that are taken at this pace. */
export function periodOf(pace: StatsPace, count: number): number {
  const { least, perSecond } = PACES[pace]
  return Math.max(least, (count / perSecond) * 1_000)
}

/** @param resting true while the engine naps: its containers stand still, and asking would wake it */
export function createStatsSampler(client: Pick<EngineClient, 'statsOnce'>, resting: () => boolean = () => false): StatsSampler {
  const entries = new Map<string, Entry>()
  const watchers = new Set<StatsWatcher>()
  let life: AbortController | null = null
  let timer: NodeJS.Timeout | undefined
  let busy = false

  /** Wanted containers and how often each is sampled. */
  function wanted(): ReadonlyMap<string, Wish> {
    const paces = new Map<string, StatsPace>()
    for (const pace of ORDER) {
      for (const watcher of watchers) if (watcher.pace === pace) for (const id of watcher.ids) if (!paces.has(id)) paces.set(id, pace)
    }
    const counts = new Map<StatsPace, number>()
    for (const pace of paces.values()) counts.set(pace, (counts.get(pace) ?? 0) + 1)
    return new Map([...paces].map(([id, pace]) => [id, { period: periodOf(pace, counts.get(pace) ?? 1), early: PACES[pace].early }]))
  }

  function dueAt(id: string, period: number): number {
    const entry = entries.get(id)
    if (!entry) return 0
    return entry.asked + (entry.known?.isFirst ? SECOND_MS : period)
  }

  function earlyOf(id: string, { period, early }: Wish): number {
    // Processor time over less than most of a second is noise.
    return entries.get(id)?.known?.isFirst ? SECOND_MS / 4 : Math.min(early, period / 4)
  }

  function plan(): void {
    clearTimeout(timer)
    if (busy || watchers.size === 0) return
    let next = Number.POSITIVE_INFINITY
    for (const [id, { period }] of wanted()) next = Math.min(next, dueAt(id, period))
    timer = setTimeout(() => void round(), Math.max(0, next - performance.now()))
    timer.unref()
  }

  async function round(): Promise<void> {
    const signal = life?.signal
    if (!signal || busy) return
    busy = true
    const now = performance.now()
    const due = [...wanted()].filter(([id, wish]) => dueAt(id, wish.period) <= now + earlyOf(id, wish)).map(([id]) => id)
    let fresh: ContainerStats[] = []
    const flush = (): void => {
      const items = new Map(fresh.map((stats) => [stats.id, stats]))
      fresh = []
      if (items.size > 0) for (const watcher of watchers) deliver(watcher, items)
    }
    const flushing = setInterval(flush, FLUSH_MS)
    try {
      await Promise.all(
        Array.from({ length: Math.min(WIDTH, due.length) }, async () => {
          for (let id = due.shift(); id !== undefined && !signal.aborted; id = due.shift()) {
            const stats = await take(id, signal)
            if (stats) fresh.push(stats)
          }
        }),
      )
    } finally {
      clearInterval(flushing)
      busy = false
    }
    if (!signal.aborted) flush()
    for (const watcher of watchers) giveUp(watcher)
    forget()
    plan()
  }

  /** One sample; null when there are no figures. Never rejects. */
  async function take(id: string, signal: AbortSignal): Promise<ContainerStats | null> {
    const entry = entries.get(id) ?? { known: null, failure: null, asked: 0 }
    // The newest asked for is last: the oldest are forgotten first.
    entries.delete(id)
    entries.set(id, entry)
    const before = entry.asked
    entry.asked = performance.now()
    if (resting()) return null
    try {
      const sample = await client.statsOnce(id, { signal, background: true })
      entry.failure = null
      if (!isRunningSample(sample)) {
        entry.known = null
        return null
      }
      const figures = { id, at: Date.now(), ...computeStats(sample, entry.known?.sample) }
      entry.known = { sample, figures, isFirst: entry.known === null }
      return figures
    } catch (error) {
      if (signal.aborted) entry.asked = before
      else {
        entry.known = null
        entry.failure = { error }
      }
      return null
    }
  }

  function deliver(watcher: StatsWatcher, items: ReadonlyMap<string, ContainerStats>): void {
    const own = watcher.ids.flatMap((id) => items.get(id) ?? [])
    if (own.length > 0) watcher.items(own)
  }

  function giveUp(watcher: StatsWatcher): void {
    const failures = watcher.ids.map((id) => entries.get(id)?.failure)
    const first = failures[0]
    if (first && failures.every(Boolean) && watchers.delete(watcher)) watcher.failed(first.error)
    if (watchers.size === 0) rest()
  }

  function forget(): void {
    const now = performance.now()
    const still = wanted()
    for (const [id, { asked }] of entries) {
      if (!still.has(id) && (now - asked > KEPT_MS || entries.size > KEPT)) entries.delete(id)
    }
  }

  function rest(): void {
    clearTimeout(timer)
    life?.abort()
    life = null
  }

  function watch(watcher: StatsWatcher): () => void {
    life ??= new AbortController()
    for (const id of watcher.ids) {
      const entry = entries.get(id)
      const isOld = entry && (entry.failure !== null || performance.now() - entry.asked > KEPT_MS)
      // Processor time of a container would else be told for the time nobody looked.
      if (isOld && !wanted().has(id)) entries.delete(id)
    }
    watchers.add(watcher)
    const known = new Map(watcher.ids.flatMap((id) => {
      const figures = entries.get(id)?.known?.figures
      return figures ? [[id, figures] as const] : []
    }))
    deliver(watcher, known)
    plan()
    return () => {
      watchers.delete(watcher)
      if (watchers.size === 0) rest()
      else plan()
    }
  }

  return { watch }
}
