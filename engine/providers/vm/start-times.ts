/** How long containers take to start in this machine: from the request, whoever sends it, to the engine's answer. */
import type { RequestHead } from './request-gate.ts'

/** So many of the newest are looked at. */
const KEPT = 5
const START = /^(?:\/v\d+\.\d+)?\/containers\/[^/]+\/start\/?(?:\?|$)/

export class StartTimes {
  readonly #now: () => number
  #newest: number[] = []
  #changed: () => void = () => undefined

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** The middle one of the newest, milliseconds; null while none was seen. */
  get typicalMs(): number | null {
    const sorted = this.#newest.toSorted((a, b) => a - b)
    return sorted[Math.floor(sorted.length / 2)] ?? null
  }

  /** Told whenever there is a new one. */
  onChange(changed: () => void): void {
    this.#changed = changed
  }

  /** A request on its way in; what comes back is told the beginning of its answer. See GateRules. */
  readonly seen = ({ method, path }: RequestHead): ((answer: Buffer) => void) | undefined => {
    if (method !== 'POST' || !START.test(path)) return undefined
    const since = this.#now()
    return (answer) => {
      // Not one that ran already (304) or that failed.
      if (!/^HTTP\/1\.[01] 204/.test(answer.toString('latin1', 0, 12))) return
      this.#newest = [...this.#newest, Math.round(this.#now() - since)].slice(-KEPT)
      this.#changed()
    }
  }
}
