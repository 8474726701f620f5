/** What a chaos run does, out of one number: rounds of work, and the faults that meet it. Pure. */
import { createRandom } from '../../fake-dockerd/world.ts'

/**
 * `dockerd`, `containerd`, `shim`, `runc`, `room`: that process gets SIGKILL (`room`: the engine room's own). `hang`:
 * dockerd is stopped and goes on later. `page`: the link is torn, as when a renderer is killed.
 */
export type FaultKind = 'dockerd' | 'containerd' | 'hang' | 'shim' | 'runc' | 'room' | 'page'
export const WORK_KINDS = ['pull', 'build', 'run', 'stop', 'remove', 'save', 'upload', 'logs', 'exec'] as const
export type WorkKind = (typeof WORK_KINDS)[number]

export interface Fault {
  readonly kind: FaultKind
  /** After the round's work began, milliseconds. */
  readonly atMs: number
  /** Of a hang, milliseconds. */
  readonly forMs: number
}

export interface Round {
  readonly index: number
  readonly work: readonly WorkKind[]
  /** By time. */
  readonly faults: readonly Fault[]
  /** Of everything else that is left to chance. */
  readonly seed: number
}

/** Work of one round; each kind once. */
const WORK_AT_ONCE = 4
/** Latest fault, milliseconds: the slowest work takes about so long. */
const LATEST_MS = 900
/** Most of the hangs pass before anything notices; one in eight is noticed by two pings without an answer. */
const HANG_MS = { short: 2_500, long: 11_500, longEvery: 8 }
/** Share of the faults that end or stop the engine itself. */
const ENGINE_SHARE = 0.38
/** Faults of a round that leaves the engine alone. */
const SMALL_AT_ONCE = 3
const ENGINE_MIX: readonly FaultKind[] = ['dockerd', 'dockerd', 'containerd', 'dockerd', 'dockerd', 'containerd', 'dockerd', 'hang']
/** runc lives for milliseconds: most faults for it meet nothing. */
const SMALL_MIX: readonly FaultKind[] = ['shim', 'runc', 'page', 'shim', 'page', 'room', 'shim', 'page']

type Random = () => number
export const below = (random: Random, count: number): number => Math.floor(random() * count)

export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const all = [...items]
  for (let at = all.length - 1; at > 0; at--) {
    const other = below(random, at + 1)
    const [a, b] = [all[at] as T, all[other] as T]
    all[at] = b
    all[other] = a
  }
  return all
}

/** The rounds of a seed, with `faults` faults or a few more in all. */
export function planRounds(seed: number, faults: number): readonly Round[] {
  const random = createRandom(seed)
  let made = 0
  const next = (mix: readonly FaultKind[], nth: number): Fault => {
    made += 1
    const kind = mix[nth % mix.length] ?? 'shim'
    const longest = Math.floor(nth / mix.length) % HANG_MS.longEvery === 0 ? HANG_MS.long : 200 + below(random, HANG_MS.short)
    return { kind, atMs: below(random, LATEST_MS), forMs: kind === 'hang' ? longest : 0 }
  }
  let small = 0
  const groups: Fault[][] = []
  for (let nth = 0; nth < faults * ENGINE_SHARE; nth++) {
    const engine = next(ENGINE_MIX, nth)
    groups.push(nth % 2 > 0 ? [engine] : [engine, next(SMALL_MIX, small++)])
  }
  while (made < faults) groups.push(Array.from({ length: SMALL_AT_ONCE }, () => next(SMALL_MIX, small++)))
  return shuffled(groups, random).map((group, index) => ({
    index,
    work: shuffled(WORK_KINDS, random).slice(0, WORK_AT_ONCE),
    faults: group.sort((a, b) => a.atMs - b.atMs),
    seed: below(random, 2 ** 32),
  }))
}

const faultText = ({ kind, atMs, forMs }: Fault): string => `${kind} at ${atMs} ms${forMs > 0 ? ` for ${forMs} ms` : ''}`

/** One line that says what a round was. */
export const roundText = ({ index, work, faults }: Round): string => `round ${index} (${faults.map(faultText).join(', ')} during ${work.join(', ')})`
