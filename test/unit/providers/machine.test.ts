import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EngineStatus } from '../../../engine/contract/models.ts'
import { initialState, LEGAL, transition } from '../../../engine/providers/machine.ts'
import type { MachineEvent, MachineState } from '../../../engine/providers/machine.ts'

const error = { code: 'engine.unreachable', message: 'gone', retryable: true } as const

const event: fc.Arbitrary<MachineEvent> = fc.oneof(
  fc.constantFrom<MachineEvent>(
    { type: 'found-absent' },
    { type: 'found-absent', error },
    { type: 'found-stopped' },
    { type: 'start' },
    { type: 'answered' },
    { type: 'slow', error },
    { type: 'lost', error },
    { type: 'stop' },
    { type: 'stopped' },
    { type: 'stopped', error },
    { type: 'failed', error },
  ),
  fc.record({
    type: fc.constant('phase' as const),
    phase: fc.record({
      step: fc.constantFrom('clean-up', 'network', 'daemon'),
      index: fc.integer({ min: 1, max: 3 }),
      total: fc.constant(3),
    }),
  }),
)

function run(events: readonly MachineEvent[]): MachineState[] {
  const states = [initialState(0)]
  events.forEach((each, at) => {
    const before = states[states.length - 1]!
    states.push(transition(before, each, at + 1) ?? before)
  })
  return states
}

describe('engine state machine', () => {
  it('never leaves the table, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const states = run(events)
        for (let at = 1; at < states.length; at++) {
          const from = states[at - 1]!
          const to = states[at]!
          if (from !== to) expect(LEGAL[from.status]).toContain(to.status)
        }
      }),
    )
  })

  it('keeps phase, error and since true to the status', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const states = run(events)
        states.forEach((state, at) => {
          if (state.phase) expect(['starting', 'stopping']).toContain(state.status)
          if (['degraded', 'unreachable', 'failed'].includes(state.status)) expect(state.error).toBeDefined()
          if (['ready', 'starting', 'stopping'].includes(state.status)) expect(state.error).toBeUndefined()
          const before = states[at - 1]
          if (before && before.status === state.status) expect(state.since).toBe(before.since)
          if (before && before.status !== state.status) expect(state.since).toBe(at)
        })
      }),
    )
  })

  it('every status can be left and can lead to ready', () => {
    const reach = (from: EngineStatus): Set<EngineStatus> => {
      const seen = new Set<EngineStatus>([from])
      for (const status of seen) for (const next of LEGAL[status]) seen.add(next)
      return seen
    }
    for (const status of Object.keys(LEGAL) as EngineStatus[]) expect(reach(status)).toContain('ready')
  })

  it('refuses what makes no sense', () => {
    const ready: MachineState = { status: 'ready', since: 1 }
    expect(transition(ready, { type: 'start' }, 2)).toBeNull()
    expect(transition(ready, { type: 'found-absent' }, 2)).toBeNull()
    expect(transition(ready, { type: 'answered' }, 2)).toBeNull()
    expect(transition(ready, { type: 'phase', phase: { step: 'daemon', index: 1, total: 1 } }, 2)).toBeNull()
    expect(transition({ status: 'starting', since: 1 }, { type: 'start' }, 2)).toBeNull()
    expect(transition({ status: 'stopping', since: 1 }, { type: 'answered' }, 2)).toBeNull()
    expect(transition({ status: 'stopping', since: 1 }, { type: 'lost', error }, 2)).toBeNull()
    expect(transition({ status: 'stopped', since: 1 }, { type: 'lost', error }, 2)).toBeNull()
  })

  it('keeps the start of a phase while only its last line changes', () => {
    const step = { step: 'daemon', index: 2, total: 3 }
    const first = transition({ status: 'starting', since: 1 }, { type: 'phase', phase: step }, 5)!
    const second = transition(first, { type: 'phase', phase: { ...step, lastLine: 'API listen' } }, 9)!
    expect(second.phase).toEqual({ ...step, since: 5, lastLine: 'API listen' })
  })
})
