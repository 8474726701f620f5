/** Takes from the guest what it can spare while nobody uses it, and gives it back; balloon-rule.ts says how much. */
import { toEnvelope } from '../../contract/errors.ts'
import { balloonTarget, isShort, usedMiB } from './balloon-rule.ts'
import { parseGuestStats } from './guest-stats.ts'
import type { GuestStats } from './guest-stats.ts'
import type { Qmp } from './qmp.ts'

export interface BalloonOptions {
  readonly qmp: Pick<Qmp, 'execute'>
  /** Asks the guest's agent. */
  readonly ask: (text: string) => Promise<string>
  /** Milliseconds since somebody used the machine. */
  readonly idleMs: () => number
  /** False while it naps: then nothing can be asked. */
  readonly awake: () => boolean
  readonly log: (line: string) => void
  readonly now?: () => number
}

/** Memory as it was when the guest was last asked. */
export interface BalloonFigures {
  /** What the machine was started with. */
  readonly sizeMiB: number
  /** What it has now. */
  readonly actualMiB: number
  readonly usedMiB: number
}

const LOOK_MS = 15_000
/** A guest that was squeezed may need it back. */
const SQUEEZED_LOOK_MS = 5_000
const MIB = 1024 ** 2

const numberOf = (value: unknown, name: string): number => Number(Object(value)[name] ?? NaN)

export class Balloon {
  readonly #options: BalloonOptions
  readonly #now: () => number
  #timer: ReturnType<typeof setTimeout> | undefined
  #over = false
  #sizeMiB = 0
  #squeezed = false
  #shortAt = -Infinity
  #stats: GuestStats | null = null
  #figures: BalloonFigures | null = null

  constructor(options: BalloonOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#arm()
  }

  /** Newest numbers; null before the first look. */
  get figures(): BalloonFigures | null {
    return this.#figures
  }

  get stats(): GuestStats | null {
    return this.#stats
  }

  /** Looks at the guest now and does what the rule says. Errors: those of QEMU and the agent. */
  async look(): Promise<void> {
    const { qmp, ask, idleMs } = this.#options
    this.#sizeMiB ||= numberOf(await qmp.execute('query-memory-size-summary'), 'base-memory') / MIB
    const sizeMiB = this.#sizeMiB
    const actualMiB = Math.round(numberOf(await qmp.execute('query-balloon'), 'actual') / MIB)
    const stats = parseGuestStats(await ask('stats'))
    if (!stats || !Number.isFinite(sizeMiB + actualMiB)) return
    const facts = { sizeMiB, actualMiB, totalMiB: stats.memoryMiB, availableMiB: stats.availableMiB }
    this.#stats = stats
    this.#figures = { sizeMiB, actualMiB, usedMiB: usedMiB(facts) }
    this.#squeezed = actualMiB < sizeMiB
    if (isShort(facts)) this.#shortAt = this.#now()
    const target = balloonTarget({ ...facts, idleMs: idleMs(), sinceShortMs: this.#now() - this.#shortAt })
    if (target !== actualMiB) await this.#set(target)
  }

  /** Gives everything back. Does nothing when nothing was taken. */
  release(): void {
    if (!this.#squeezed || this.#over) return
    void this.#quietly(() => this.#set(this.#sizeMiB))
  }

  /** No more looks; `back` gives everything back before. Never rejects. */
  async end(back: boolean): Promise<void> {
    this.#over = true
    clearTimeout(this.#timer)
    if (back && this.#squeezed) await this.#set(this.#sizeMiB).catch(() => undefined)
  }

  async #set(targetMiB: number): Promise<void> {
    this.#squeezed = targetMiB < this.#sizeMiB
    await this.#options.qmp.execute('balloon', { value: targetMiB * MIB })
  }

  #quietly(work: () => Promise<void>): Promise<void> {
    return work().catch((error: unknown) => {
      if (!this.#over) this.#options.log(`memory of the virtual machine: ${toEnvelope(error).message}`)
    })
  }

  #arm(): void {
    this.#timer = setTimeout(() => {
      const looked = this.#options.awake() ? this.#quietly(() => this.look()) : Promise.resolve()
      void looked.then(() => {
        if (!this.#over) this.#arm()
      })
    }, this.#squeezed ? SQUEEZED_LOOK_MS : LOOK_MS)
    this.#timer.unref()
  }
}
