/** Pauses the machine when nobody uses it, and has it go on for whoever comes; nap-machine.ts decides. */
import { toEnvelope } from '../../contract/errors.ts'
import { initialNap, napDueAt, napStep } from './nap-machine.ts'
import type { NapEvent, NapPhase, NapRules, NapState } from './nap-machine.ts'

export interface NapOptions {
  readonly rules: NapRules
  readonly pause: () => Promise<void>
  /** Also sets the guest's clock: whoever waited must find the right time. */
  readonly resume: () => Promise<void>
  readonly log: (line: string) => void
  /** Told after every change of the phase. */
  readonly onPhase?: (phase: NapPhase) => void
  /** Somebody came. */
  readonly onHold?: () => void
  /** Milliseconds of a clock that never jumps. */
  readonly now?: () => number
}

/** Longest wait of one timer, milliseconds; a longer one begins again. */
const TIMER_MAX_MS = 3_600_000

const FAILED: Record<'pause' | 'resume', string> = { pause: 'the virtual machine was not paused', resume: 'the virtual machine stays paused' }

export class Nap {
  readonly #options: NapOptions
  readonly #now: () => number
  readonly #waiting = new Set<() => void>()
  #state: NapState
  #timer: ReturnType<typeof setTimeout> | undefined
  #over = false

  constructor(options: NapOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#state = initialNap(options.rules, this.#now())
  }

  get phase(): NapPhase {
    return this.#state.phase
  }

  /** It sleeps or is about to. */
  get resting(): boolean {
    return this.phase === 'napping' || this.phase === 'pausing'
  }

  get facts(): NapState {
    return this.#state
  }

  /** Milliseconds since somebody used the machine; 0 while somebody does. */
  get idleMs(): number {
    return this.#state.holds > 0 ? 0 : this.#now() - this.#state.lastUse
  }

  /** Keeps it awake until the returned function is called (once; later calls do nothing). */
  hold(): () => void {
    this.#options.onHold?.()
    return this.#during('hold', 'release')
  }

  /** A short question of Naru's own: does not count as use. */
  errand(): () => void {
    return this.#during('errand', 'errand-over')
  }

  /** Bytes went by. */
  use(): void {
    this.#dispatch({ type: 'use' })
  }

  containers(running: number): void {
    this.#dispatch({ type: 'containers', running })
  }

  setRules(rules: NapRules): void {
    // Other rules may mean sooner.
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#dispatch({ type: 'rules', rules })
  }

  /** QEMU says that the machine goes on, whoever asked it to. */
  resumed(): void {
    if (this.phase === 'napping') this.#dispatch({ type: 'resumed' })
  }

  /** Resolves when it runs; null when it does already. Never rejects: a machine that cannot go on fails what uses it. */
  awake(): Promise<void> | null {
    if (this.phase === 'awake' || this.#over) return null
    return new Promise((resolve) => this.#waiting.add(resolve))
  }

  /** No more naps. Whether it is to go on if it naps is the caller's. */
  end(): void {
    this.#over = true
    clearTimeout(this.#timer)
    this.#letWaitersGo()
  }

  #during(begin: 'hold' | 'errand', end: 'release' | 'errand-over'): () => void {
    let open = true
    this.#dispatch({ type: begin })
    return () => {
      if (open) this.#dispatch({ type: end })
      open = false
    }
  }

  #dispatch(event: NapEvent): void {
    if (this.#over) return
    const before = this.#state
    const { state, act } = napStep(before, event, this.#now())
    this.#state = state
    if (state.phase !== before.phase) this.#options.onPhase?.(state.phase)
    if (state.phase === 'awake' && before.phase !== 'awake') this.#letWaitersGo()
    if (act) void this.#act(act)
    this.#arm()
  }

  async #act(act: 'pause' | 'resume'): Promise<void> {
    try {
      await this.#options[act]()
      this.#dispatch({ type: act === 'pause' ? 'paused' : 'resumed' })
    } catch (error) {
      if (!this.#over) this.#options.log(`${FAILED[act]}: ${toEnvelope(error).message}`)
      this.#dispatch({ type: 'failed' })
    }
  }

  /** A use only moves the moment further away: the timer that is set finds that out by itself. */
  #arm(): void {
    const due = this.phase === 'awake' && !this.#over ? napDueAt(this.#state) : null
    if (due === null) {
      clearTimeout(this.#timer)
      this.#timer = undefined
      return
    }
    if (this.#timer) return
    const wait = Math.min(TIMER_MAX_MS, Math.max(1, Math.ceil(due - this.#now())))
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#dispatch({ type: 'tick' })
    }, wait)
    this.#timer.unref()
  }

  #letWaitersGo(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const go of waiting) go()
  }
}
