/** Messages of a pull or push as a state per layer. Pure but for the clock it is given. */
import type { OperationProgress, ProgressPart, ProgressState } from '../contract/models.ts'
import type { RawProgress } from '../docker/api-types.ts'

/** What engines say about a layer, in the words of the Docker API (Podman uses a subset). */
const STATES: readonly (readonly [RegExp, ProgressState])[] = [
  [/^(?:pulling fs layer|waiting|preparing)$/i, 'waiting'],
  [/^downloading$/i, 'downloading'],
  [/^verifying checksum$/i, 'verifying'],
  [/^download complete$/i, 'downloaded'],
  [/^extracting$/i, 'extracting'],
  [/^pushing$/i, 'pushing'],
  [/^(?:pull complete|pushed|loading layer)$/i, 'done'],
  [/^(?:already exists|layer already exists)$/i, 'exists'],
  [/^mounted from /i, 'mounted'],
  [/^retrying in /i, 'retrying'],
]

/** Nothing of these has come or gone. */
const UNMOVED: ReadonlySet<ProgressState> = new Set<ProgressState>(['waiting', 'retrying', 'exists', 'mounted'])

/** The engine has something to do without the registry; how long that takes is its own affair. */
const AT_WORK: ReadonlySet<ProgressState> = new Set<ProgressState>(['verifying', 'extracting', 'retrying'])

/** Speed is measured over this many milliseconds. */
const SPEED_WINDOW_MS = 4_000
/** Samples closer than this add nothing; also the bound of their number (window / gap). */
const SAMPLE_GAP_MS = 100
/** A speed over less time than this says nothing yet. */
const SPEED_AFTER_MS = 250
/** An image has at most 127 layers; a registry that invents more does not fill the memory. */
const MOST_PARTS = 1_000

export interface PullProgress {
  /** Takes in one message; true when something a person sees has changed. */
  readonly add: (message: RawProgress) => boolean
  readonly progress: () => OperationProgress
  /** The other side has the next word: nothing is being checked, unpacked or retried here. */
  readonly awaitsRegistry: () => boolean
}

interface Sample {
  readonly at: number
  readonly bytes: number
}

export function createPullProgress(step: string, now: () => number = () => performance.now()): PullProgress {
  const parts = new Map<string, ProgressPart>()
  /** Bytes that crossed the network, by layer. */
  const moved = new Map<string, number>()
  /** Layers that wait for others of this engine, not for the registry. */
  const queued = new Set<string>()
  let samples: Sample[] = []

  function sample(): void {
    const at = now()
    const last = samples.at(-1)
    if (last && at - last.at < SAMPLE_GAP_MS) return
    const bytes = [...moved.values()].reduce((sum, part) => sum + part, 0)
    samples = [...samples.filter((one) => at - one.at <= SPEED_WINDOW_MS), { at, bytes }]
  }

  function speed(): number | undefined {
    const first = samples[0]
    const last = samples.at(-1)
    if (!first || !last || last.at - first.at < SPEED_AFTER_MS) return undefined
    if (now() - last.at > SPEED_WINDOW_MS || last.bytes <= first.bytes) return undefined
    return Math.round(((last.bytes - first.bytes) / (last.at - first.at)) * 1_000)
  }

  return {
    add(message) {
      const { id, status = '' } = message
      const state = STATES.find(([words]) => words.test(status))?.[1]
      if (!id || !state || (!parts.has(id) && parts.size >= MOST_PARTS)) return false
      const part = nextPart(parts.get(id), id, state, message)
      parts.set(id, part)
      if (/^waiting$/i.test(status)) queued.add(id)
      else queued.delete(id)
      if (state === 'downloading' || state === 'pushing') moved.set(id, part.currentBytes ?? 0)
      else if (moved.has(id) && part.totalBytes !== undefined) moved.set(id, part.totalBytes)
      sample()
      return true
    },
    progress() {
      const bytesPerSecond = speed()
      return { step, parts: [...parts.values()], ...(bytesPerSecond !== undefined && { bytesPerSecond }) }
    },
    awaitsRegistry() {
      const all = [...parts.values()]
      const asked = all.some(({ id, state }) => state === 'downloading' || (state === 'waiting' && !queued.has(id)))
      return all.every(({ state }) => !AT_WORK.has(state)) && (all.length === 0 || asked)
    },
  }
}

function nextPart(before: ProgressPart | undefined, id: string, state: ProgressState, message: RawProgress): ProgressPart {
  const { current, total } = message.progressDetail ?? {}
  // Newer engines count seconds, not bytes, while extracting: without a total it is no progress.
  const totalBytes = total !== undefined && total > 0 ? total : before?.totalBytes
  const moving = state === 'downloading' || state === 'extracting' || state === 'pushing'
  const currentBytes = moving
    ? current !== undefined && totalBytes !== undefined && (total ?? 0) > 0 ? Math.min(current, totalBytes) : undefined
    : UNMOVED.has(state) ? undefined : totalBytes
  return {
    id,
    state,
    ...(currentBytes !== undefined && { currentBytes }),
    ...(totalBytes !== undefined && { totalBytes }),
  }
}
