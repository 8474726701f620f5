import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ContainerRow, StatePatch } from '../../../engine/contract/models.ts'
import { changePatch, fullPatch, mergePatches, splitPatch } from '../../../engine/state/patch.ts'
import { EMPTY_STATE, missedBy, reduce } from '../../../engine/state/store.ts'
import type { MirrorAction, MirrorState } from '../../../engine/state/store.ts'

const IDS = ['a', 'b', 'c', 'd', 'e'] as const

function row(id: string, version: number): ContainerRow {
  return {
    id,
    name: `${id}${version}`,
    image: 'i',
    imageId: 'sha256:0',
    command: '',
    createdAt: 0,
    state: version % 3 === 0 ? 'exited' : 'running',
    health: 'none',
    status: '',
    ports: [],
    labels: {},
    networks: [],
    mounts: [],
  }
}

/** The engine changes one container, or a request (whole, or for some ids) reads it as it is now. */
type Step =
  | { readonly type: 'change'; readonly id: string; readonly version: number | null }
  | { readonly type: 'ask'; readonly ids: readonly string[] | undefined }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constant('change' as const),
    id: fc.constantFrom(...IDS),
    version: fc.option(fc.nat(9), { nil: null }),
  }),
  fc.record({ type: fc.constant('ask' as const), ids: fc.option(fc.subarray([...IDS], { minLength: 1 }), { nil: undefined }) }),
)

/** Answers of the steps' requests, closed by one for each id (as the marks of the last events bring about). */
function answersOf(steps: readonly Step[]): { answers: MirrorAction[]; engine: Map<string, ContainerRow> } {
  const engine = new Map<string, ContainerRow>()
  const answers: MirrorAction[] = []
  const read = (ids: readonly string[] | undefined): void => {
    const rows = [...engine.values()].filter((one) => ids === undefined || ids.includes(one.id))
    answers.push({ type: 'containers', answer: { sequence: answers.length + 1, rows, ...(ids && { ids }) } })
  }
  for (const one of steps) {
    if (one.type === 'ask') read(one.ids)
    else if (one.version === null) engine.delete(one.id)
    else engine.set(one.id, row(one.id, one.version))
  }
  for (const id of IDS) read([id])
  return { answers, engine }
}

/** What a page holds after these patches. */
function page(patches: readonly StatePatch[]): Map<string, ContainerRow> {
  let rows = new Map<string, ContainerRow>()
  for (const { reset, containers } of patches) {
    if (reset) rows = new Map()
    for (const id of containers.remove) expect(rows.delete(id)).toBe(true)
    for (const one of containers.upsert) rows.set(one.id, one)
  }
  return rows
}

const sorted = (rows: ReadonlyMap<string, ContainerRow>): ContainerRow[] =>
  [...rows.values()].sort((a, b) => a.id.localeCompare(b.id))

describe('reduce', () => {
  it('converges to the engine whatever order answers come in', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.infiniteStream(fc.nat()), (steps, order) => {
        const { answers, engine } = answersOf(steps)
        const left = [...answers]
        let state: MirrorState = EMPTY_STATE
        const patches: StatePatch[] = [fullPatch('e', state)]
        while (left.length > 0) {
          const [answer] = left.splice((order.next().value ?? 0) % left.length, 1)
          const reduced = reduce(state, answer as MirrorAction)
          if (reduced.change) {
            expect(reduced.state.revision).toBe(state.revision + 1)
            patches.push(changePatch('e', reduced.state, reduced.change))
          } else expect(reduced.state.revision).toBe(state.revision)
          state = reduced.state
        }
        expect(sorted(state.containers.rows)).toEqual(sorted(engine))
        expect(sorted(page(patches))).toEqual(sorted(engine))
      }),
      { numRuns: 500 },
    )
  })

  it('remembers ids only until the next whole list', () => {
    const { state } = reduce(EMPTY_STATE, { type: 'containers', answer: { sequence: 1, rows: [], ids: ['a', 'b'] } })
    expect(state.containers.answered.size).toBe(2)
    const later = reduce(state, { type: 'containers', answer: { sequence: 2, rows: [] } })
    expect(later.state.containers.answered.size).toBe(0)
  })

  it('keeps what inspect told while the run lasts, and drops it after', () => {
    let { state } = reduce(EMPTY_STATE, { type: 'containers', answer: { sequence: 1, rows: [row('a', 3)] } })
    const told = { state: 'exited' as const, exitCode: 137, oomKilled: true, startedAt: 1, finishedAt: 2 }
    state = reduce(state, { type: 'runs', runs: new Map([['a', told]]) }).state
    state = reduce(state, { type: 'containers', answer: { sequence: 2, rows: [{ ...row('a', 3), status: 'older' }] } }).state
    expect(state.containers.rows.get('a')).toMatchObject({ status: 'older', exitCode: 137, oomKilled: true, finishedAt: 2 })
    state = reduce(state, { type: 'containers', answer: { sequence: 3, rows: [row('a', 1)] } }).state
    expect(state.containers.rows.get('a')).toEqual(row('a', 1))
    // An answer about the run before comes too late.
    expect(reduce(state, { type: 'runs', runs: new Map([['a', told]]) }).change).toBeNull()
  })

  it('tells a change of sync once', () => {
    const stale = reduce(EMPTY_STATE, { type: 'sync', sync: 'stale' })
    expect(stale.change).not.toBeNull()
    expect(reduce(stale.state, { type: 'sync', sync: 'stale' }).change).toBeNull()
  })
})

describe('missedBy', () => {
  it('does not count the ageing of the status text', () => {
    const before = reduce(EMPTY_STATE, { type: 'containers', answer: { sequence: 1, rows: [row('a', 1), row('b', 1)] } }).state
    const rows = [{ ...row('a', 1), status: 'Up 2 minutes' }, row('c', 1)]
    const after = reduce(before, { type: 'containers', answer: { sequence: 2, rows } }).state
    expect(missedBy(before.containers, after.containers).sort()).toEqual(['b', 'c'])
  })
})

describe('patches', () => {
  const rowPatch = fc
    .record({ upsert: fc.uniqueArray(fc.constantFrom(...IDS)), remove: fc.uniqueArray(fc.constantFrom(...IDS)), version: fc.nat(9) })
    .map(({ upsert, remove, version }) => ({
      upsert: upsert.map((id) => row(id, version)),
      remove: remove.filter((id) => !upsert.includes(id)),
    }))
  const patch: fc.Arbitrary<StatePatch> = fc.record({
    engineId: fc.constant('e'),
    revision: fc.constant(1),
    reset: fc.boolean(),
    sync: fc.constantFrom('live' as const, 'stale' as const),
    containers: rowPatch,
    images: fc.constant({ upsert: [], remove: [] }),
  })
  const plain = (patches: readonly StatePatch[], start: readonly string[]): ContainerRow[] => {
    const rows = new Map(start.map((id) => [id, row(id, 0)]))
    for (const { reset, containers } of patches) {
      if (reset) rows.clear()
      for (const id of containers.remove) rows.delete(id)
      for (const one of containers.upsert) rows.set(one.id, one)
    }
    return sorted(rows)
  }

  it('merged have the effect of the sequence', () => {
    fc.assert(
      fc.property(fc.array(patch, { minLength: 1, maxLength: 8 }), fc.subarray([...IDS]), (patches, start) => {
        const merged = patches.reduce(mergePatches)
        expect(plain([merged], start)).toEqual(plain(patches, start))
        expect(merged.sync).toBe(patches.at(-1)?.sync)
      }),
    )
  })

  it('split have the effect of the whole, in parts of the size asked for', () => {
    fc.assert(
      fc.property(patch, fc.integer({ min: 1, max: 3 }), fc.subarray([...IDS]), (whole, size, start) => {
        const parts = [...splitPatch(whole, size)]
        expect(plain(parts, start)).toEqual(plain([whole], start))
        expect(Math.max(...parts.map((part) => part.containers.upsert.length))).toBeLessThanOrEqual(size)
        expect(parts.filter((part) => part.reset)).toHaveLength(whole.reset ? 1 : 0)
      }),
    )
  })
})
