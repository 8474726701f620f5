/**
 * Exit code, out-of-memory mark, start and end of containers: only inspect tells them, so they are asked for after the
 * row is shown, a few at a time, once per run of a container, and never in the way of the list.
 */
import type { ContainerRow } from '../contract/models.ts'
import type { RawContainerInspect } from '../docker/api-types.ts'
import { containerState, runInfo } from './normalise.ts'
import type { RunInfo } from './normalise.ts'

/** Inspect calls at once. */
export const INSPECTS_AT_ONCE = 8
/** Milliseconds answers wait for each other, so that many make one patch. */
const BATCH_MS = 40

export type KnownRun = RunInfo & { readonly state: ContainerRow['state'] }

export interface RunInfoQueue {
  /** Asks for what is not known yet of these rows. */
  readonly want: (rows: readonly ContainerRow[]) => void
  /** The container began or ended a run, or is gone: what was known of it no longer counts. */
  readonly forget: (id: string) => void
  readonly stop: () => void
}

interface Entry {
  readonly state: ContainerRow['state']
  readonly exitCode: number | undefined
  /** Waiting, asked or answered. */
  phase: 'waiting' | 'asked' | 'known'
}

const CONCERNED: ReadonlySet<ContainerRow['state']> = new Set(['running', 'paused', 'exited', 'dead'])

/** Times in a row that a list may be behind inspect for one container before that is left to the next whole list. */
const MOST_DISAGREEMENTS = 20

export interface RunInfoOptions {
  /** May reject: the row then stays as the list gave it, until its next change. */
  readonly inspect: (id: string) => Promise<RawContainerInspect>
  readonly deliver: (runs: ReadonlyMap<string, KnownRun>) => void
  /**
   * Inspect knows another state than the row. dockerd tells `die` before its list shows the end (it unmounts and
   * disconnects in between) and tells nothing after, while inspect waits for all of it.
   */
  readonly disagree: (id: string) => void
}

/** Asks through `inspect`, at most INSPECTS_AT_ONCE at a time. */
export function createRunInfoQueue({ inspect, deliver, disagree }: RunInfoOptions): RunInfoQueue {
  const entries = new Map<string, Entry>()
  const disagreements = new Map<string, number>()
  // Ended ones first: theirs is the information nobody can guess from the status text.
  const ended: string[] = []
  const running: string[] = []
  let answers = new Map<string, KnownRun>()
  let active = 0
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  const flush = (): void => {
    timer = undefined
    const runs = answers
    answers = new Map()
    if (!stopped && runs.size > 0) deliver(runs)
  }

  const ask = async (id: string, entry: Entry): Promise<void> => {
    try {
      const raw = await inspect(id)
      if (stopped || entries.get(id) !== entry) return
      entry.phase = 'known'
      const state = containerState(raw.State.Status)
      if (state !== entry.state) {
        const times = (disagreements.get(id) ?? 0) + 1
        disagreements.set(id, times)
        if (times > MOST_DISAGREEMENTS) return
        entries.delete(id)
        disagree(id)
        return
      }
      disagreements.delete(id)
      answers.set(id, { ...runInfo(raw), state })
      timer ??= setTimeout(flush, BATCH_MS)
    } catch {
      if (entries.get(id) === entry) entry.phase = 'known'
    }
  }

  const pump = (): void => {
    while (!stopped && active < INSPECTS_AT_ONCE) {
      const id = ended.shift() ?? running.shift()
      if (id === undefined) return
      const entry = entries.get(id)
      if (entry?.phase !== 'waiting') continue
      entry.phase = 'asked'
      active++
      void ask(id, entry).finally(() => {
        active--
        pump()
      })
    }
  }

  return {
    want: (rows) => {
      for (const row of rows) {
        if (!CONCERNED.has(row.state)) continue
        const known = entries.get(row.id)
        if (known?.state === row.state && known.exitCode === row.exitCode) continue
        entries.set(row.id, { state: row.state, exitCode: row.exitCode, phase: 'waiting' })
        ;(row.state === 'running' || row.state === 'paused' ? running : ended).push(row.id)
      }
      pump()
    },
    forget: (id) => {
      entries.delete(id)
      disagreements.delete(id)
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}
