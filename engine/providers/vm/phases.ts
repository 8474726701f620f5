/** How long each step of a start took. */
import type { MachinePhase } from '../../contract/models.ts'
import type { StartContext } from '../provider.ts'

export class PhaseTimes {
  #phases: readonly MachinePhase[] = []

  get list(): readonly MachinePhase[] {
    return this.#phases
  }

  begin(): void {
    this.#phases = []
  }

  /** A step reports once when it begins and again with every line; steps without a limit are not timed. */
  report({ step, limitMs }: Parameters<StartContext['report']>[0], now: number): boolean {
    if (limitMs === undefined || this.#phases.at(-1)?.step === step) return false
    this.#endLast(now)
    this.#phases = [...this.#phases, { step, since: now, limitMs }]
    return true
  }

  /** The last step succeeded. */
  end(now: number): void {
    this.#endLast(now)
  }

  #endLast(now: number): void {
    this.#phases = this.#phases.map((each, index, all) => (index === all.length - 1 && each.tookMs === undefined ? { ...each, tookMs: now - each.since } : each))
  }
}
