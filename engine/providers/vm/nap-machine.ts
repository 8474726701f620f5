/**
 * When the virtual machine is paused and when it goes on. Pure: nap.ts does what it says, and tells what happened.
 * Times are milliseconds of a clock that never jumps (`performance.now()`).
 */

/** `pausing` and `waking`: QEMU was asked and has not answered yet. */
export type NapPhase = 'awake' | 'pausing' | 'napping' | 'waking'

/** What the person chose. */
export interface NapRules {
  /** Milliseconds without use until the nap; 0 = never. */
  readonly afterMs: number
  /** Running containers are paused as well when nobody speaks to them; else the machine naps only when none runs. */
  readonly withContainers: boolean
}

export interface NapState {
  readonly phase: NapPhase
  readonly rules: NapRules
  /** Clients and operations that are at it: the machine runs as long as there is one. */
  readonly holds: number
  /** Naru's own short questions under way: no use, but a nap would leave them without an answer. */
  readonly errands: number
  /** Containers that run; null until the engine told. */
  readonly containers: number | null
  readonly lastUse: number
}

export type NapEvent =
  | { readonly type: 'hold' | 'release' | 'errand' | 'errand-over' | 'use' | 'tick' | 'paused' | 'resumed' | 'failed' }
  | { readonly type: 'containers'; readonly running: number }
  | { readonly type: 'rules'; readonly rules: NapRules }

export interface NapStep {
  readonly state: NapState
  /** What QEMU is to be asked now. */
  readonly act?: 'pause' | 'resume'
}

export const initialNap = (rules: NapRules, now: number): NapState => ({ phase: 'awake', rules, holds: 0, errands: 0, containers: null, lastUse: now })

/** The moment a nap is due if nothing happens until then; null while something must end first. */
export function napDueAt({ rules, holds, errands, containers, lastUse }: NapState): number | null {
  if (rules.afterMs <= 0 || holds > 0 || errands > 0 || containers === null) return null
  return containers === 0 || rules.withContainers ? lastUse + rules.afterMs : null
}

function isDue(state: NapState, now: number): boolean {
  const due = napDueAt(state)
  return due !== null && now >= due
}

/** The facts after an event; who changes them is the only one that can. */
function learn(state: NapState, event: NapEvent, now: number): NapState {
  switch (event.type) {
    case 'hold':
      return { ...state, holds: state.holds + 1, lastUse: now }
    case 'release':
      return { ...state, holds: Math.max(0, state.holds - 1), lastUse: now }
    case 'errand':
      return { ...state, errands: state.errands + 1 }
    case 'errand-over':
      return { ...state, errands: Math.max(0, state.errands - 1) }
    case 'use':
      return { ...state, lastUse: now }
    case 'containers':
      // One that started or ended is something that happened.
      return { ...state, containers: event.running, ...(event.running !== state.containers && { lastUse: now }) }
    case 'rules':
      return { ...state, rules: event.rules }
    case 'paused':
      return { ...state, phase: 'napping' }
    case 'resumed':
      // Nobody here asked for it: whoever did has a reason.
      return { ...state, phase: 'awake', ...(state.phase === 'napping' && { lastUse: now }) }
    case 'failed':
      // Not tried again at once; a connection that is gone is noticed elsewhere.
      return { ...state, phase: 'awake', lastUse: now }
    case 'tick':
      return state
  }
}

export function napStep(before: NapState, event: NapEvent, now: number): NapStep {
  const state = learn(before, event, now)
  if (state.phase === 'awake' && isDue(state, now)) return { state: { ...state, phase: 'pausing' }, act: 'pause' }
  if (state.phase === 'napping' && !isDue(state, now)) return { state: { ...state, phase: 'waking' }, act: 'resume' }
  return { state }
}
