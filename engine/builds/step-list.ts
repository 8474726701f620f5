/** The steps of a build while it runs: told by a builder, in the order they came, with what changed since asked last. */
import type { BuildStep, BuildWarning } from '../contract/models.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Steps kept; a build with more tells the first ones. A large multi-stage build has some hundred. */
export const MAX_STEPS = 2_000
export const MAX_WARNINGS = 200

export interface StepCounts {
  readonly total: number
  readonly done: number
  readonly cached: number
  readonly failed: number
}

/** Builders tell a graph in any order; people read a Dockerfile from top to bottom. Ties keep the order of arrival. */
function placeInList({ id, kind, line }: BuildStep): number {
  const arrival = Number(id.slice(1))
  if (kind === 'internal') return arrival
  return kind === 'export' ? 10_000_000 + arrival : 10_000 + (line ?? 0) * 10 + (line === undefined ? arrival : 0)
}

export class StepList {
  readonly #steps = new Map<string, Writable<BuildStep>>()
  readonly #changed = new Set<string>()
  readonly warnings: BuildWarning[] = []

  get size(): number {
    return this.#steps.size
  }

  /** In the order of a list. */
  all(): readonly BuildStep[] {
    return [...this.#steps.values()].map((step) => ({ ...step })).sort((a, b) => a.index - b.index)
  }

  get(id: string): BuildStep | undefined {
    return this.#steps.get(id)
  }

  /** Id of the next new step. */
  nextId(): string {
    return `s${this.#steps.size}`
  }

  /** Adds or changes; undefined values are left as they were. */
  put(id: string, more: Partial<Omit<BuildStep, 'id' | 'index'>>): void {
    let step = this.#steps.get(id)
    if (!step) {
      if (this.#steps.size >= MAX_STEPS) return
      step = { id, index: this.#steps.size, name: '', kind: 'internal', state: 'waiting', logLines: 0 }
      this.#steps.set(id, step)
    }
    for (const [key, value] of Object.entries(more)) if (value !== undefined) Object.assign(step, { [key]: value })
    step.index = placeInList(step)
    this.#changed.add(id)
  }

  warn(warning: BuildWarning): void {
    if (this.warnings.length < MAX_WARNINGS) this.warnings.push(warning)
  }

  /** What had not ended when the build did. */
  endAll(state: 'cancelled' | 'failed' | 'done', at: number): void {
    for (const step of this.#steps.values()) {
      if (step.state === 'running') this.put(step.id, { state, endedAt: at })
      else if (step.state === 'waiting' && state !== 'done') this.put(step.id, { state: 'cancelled' })
    }
  }

  /** Steps changed since the last call. */
  takeChanged(): readonly BuildStep[] {
    const changed = [...this.#changed].flatMap((id) => this.#steps.get(id) ?? []).map((step) => ({ ...step }))
    this.#changed.clear()
    return changed
  }

  counts(): StepCounts {
    const own = [...this.#steps.values()].filter(({ kind }) => kind === 'instruction')
    const of = (...states: BuildStep['state'][]): number => own.filter(({ state }) => states.includes(state)).length
    return { total: own.length, done: of('done', 'cached'), cached: of('cached'), failed: of('failed') }
  }

  /** Name of an instruction at work, else of anything at work. */
  current(): string | undefined {
    const running = [...this.#steps.values()].filter(({ state }) => state === 'running')
    return (running.find(({ kind }) => kind === 'instruction') ?? running[0])?.name
  }
}
