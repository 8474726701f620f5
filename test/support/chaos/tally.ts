/** Figures of a chaos run. */
import type { Outcome } from './ground.ts'
import type { FaultKind } from './plan.ts'

export class Tally {
  readonly #faults = new Map<string, number>()
  readonly #ends = new Map<string, Map<string, number>>()
  readonly #words = new Set<string>()
  readonly #returns: { readonly kind: string; readonly ms: number }[] = []
  /** Faults that found nothing to hit. */
  missed = 0
  /** Containers with a restart policy that had to be started by hand. */
  revived = 0

  fault(kind: FaultKind): void {
    this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1)
  }

  outcome({ work, end, code, words }: Outcome): void {
    const of = this.#ends.get(work) ?? new Map<string, number>()
    this.#ends.set(work, of)
    const name = code ? `${end} (${code})` : end
    of.set(name, (of.get(name) ?? 0) + 1)
    if (code === 'internal' && words) this.#words.add(`${work}: ${words}`)
  }

  /** From the engine's (or the room's) return until Naru showed what is true. */
  returned(kind: string, ms: number): void {
    this.#returns.push({ kind, ms })
  }

  get faults(): number {
    return [...this.#faults.values()].reduce((sum, one) => sum + one, 0)
  }
  of(kind: FaultKind): number {
    return this.#faults.get(kind) ?? 0
  }

  /** Lines for a person. */
  lines(): readonly string[] {
    const list = (of: ReadonlyMap<string, number>): string => [...of].sort().map(([name, times]) => `${times} ${name}`).join(', ')
    const kinds = [...new Set(this.#returns.map(({ kind }) => kind))].sort()
    const time = (kind: string): string => {
      const all = this.#returns.filter((one) => one.kind === kind).map(({ ms }) => ms).sort((a, b) => a - b)
      return `${kind}: median ${all[Math.floor(all.length / 2)]?.toFixed(0)} ms, slowest ${all.at(-1)?.toFixed(0)} ms (${all.length} times)`
    }
    return [
      `${this.faults} faults: ${list(this.#faults)}; ${this.missed} met nothing; ${this.revived} times a container whose restart was hit was started by hand`,
      ...[...this.#ends].sort().map(([work, of]) => `  ${work}: ${list(of)}`),
      'Naru shows what is true, after the engine answers again:',
      ...kinds.map((kind) => `  ${time(kind)}`),
      ...[...this.#words].slice(0, 20).map((words) => `  internal: ${words}`),
    ]
  }
}
