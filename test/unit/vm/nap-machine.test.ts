import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { initialNap, napDueAt, napStep } from '../../../engine/providers/vm/nap-machine.ts'
import type { NapEvent, NapState } from '../../../engine/providers/vm/nap-machine.ts'

const RULES = { afterMs: 1_000, withContainers: false }

/** Plays events, each `[at, event]`; QEMU's answers are events as well. */
function play(events: readonly (readonly [number, NapEvent])[], start: Partial<NapState> = {}): { state: NapState; acts: string[] } {
  let state: NapState = { ...initialNap(RULES, 0), containers: 0, ...start }
  const acts: string[] = []
  for (const [at, event] of events) {
    const step = napStep(state, event, at)
    state = step.state
    if (step.act) acts.push(`${at} ${step.act}`)
  }
  return { state, acts }
}

const tick: NapEvent = { type: 'tick' }
const is = (type: 'hold' | 'release' | 'errand' | 'errand-over' | 'use' | 'paused' | 'resumed' | 'failed'): NapEvent => ({ type })

describe('the nap', () => {
  it('comes when nobody was there for the time that was chosen', () => {
    expect(play([[999, tick], [1_000, tick], [1_010, is('paused')]])).toMatchObject({ acts: ['1000 pause'], state: { phase: 'napping' } })
  })

  it.each<[string, Partial<NapState>]>([
    ['switched off', { rules: { afterMs: 0, withContainers: true } }],
    ['a client is there', { holds: 1 }],
    ['a question of Naru’s own is under way', { errands: 1 }],
    ['a container runs', { containers: 1 }],
    ['it is not known yet what runs', { containers: null }],
  ])('does not come: %s', (_name, start) => {
    expect(play([[1_000_000, tick]], start)).toMatchObject({ acts: [], state: { phase: 'awake' } })
    expect(napDueAt({ ...initialNap(RULES, 0), containers: 0, ...start })).toBeNull()
  })

  it('pauses running containers only when that was chosen, and when nobody speaks to them', () => {
    const start = { containers: 3, rules: { ...RULES, withContainers: true } }
    expect(play([[500, is('use')], [1_499, tick], [1_500, tick]], start).acts).toEqual(['1500 pause'])
  })

  it('begins to count when the last client goes, or a container ends', () => {
    expect(play([[0, is('hold')], [5_000, is('release')], [5_999, tick], [6_000, tick]]).acts).toEqual(['6000 pause'])
    expect(play([[0, { type: 'containers', running: 1 }], [5_000, { type: 'containers', running: 0 }], [5_999, tick], [6_000, tick]]).acts).toEqual(['6000 pause'])
    // The same list again is no news.
    expect(play([[900, { type: 'containers', running: 0 }], [1_000, tick]]).acts).toEqual(['1000 pause'])
  })

  it('ends for a client, for bytes, for other rules', () => {
    const napping: [number, NapEvent][] = [[1_000, tick], [1_010, is('paused')]]
    for (const event of [is('hold'), is('use'), { type: 'rules', rules: { afterMs: 0, withContainers: false } } as const]) {
      expect(play([...napping, [9_000, event], [9_010, is('resumed')]])).toMatchObject({ acts: ['1000 pause', '9000 resume'], state: { phase: 'awake' } })
    }
  })

  it('ends for Naru’s own question too, but that is no use: it naps again behind it', () => {
    const played = play([[1_000, tick], [1_010, is('paused')], [9_000, is('errand')], [9_010, is('resumed')], [9_020, is('errand-over')]])
    expect(played.acts).toEqual(['1000 pause', '9000 resume', '9020 pause'])
  })

  it('who comes while it falls asleep wakes it as soon as it sleeps; who is gone by then does as well', () => {
    expect(play([[1_000, tick], [1_001, is('hold')], [1_010, is('paused')]]).acts).toEqual(['1000 pause', '1010 resume'])
    expect(play([[1_000, tick], [1_001, is('hold')], [1_002, is('release')], [1_010, is('paused')]]).acts).toEqual(['1000 pause', '1010 resume'])
  })

  it('that failed is not tried again at once', () => {
    expect(play([[1_000, tick], [1_010, is('failed')], [2_009, tick], [2_010, tick]]).acts).toEqual(['1000 pause', '2010 pause'])
  })

  it('property: whatever happens, a machine somebody holds ends up awake, and QEMU is never asked twice at once', () => {
    const event = fc.oneof(
      fc.constantFrom(is('hold'), is('release'), is('errand'), is('errand-over'), is('use'), tick),
      fc.nat(2).map((running): NapEvent => ({ type: 'containers', running })),
      fc.record({ afterMs: fc.constantFrom(0, 50, 1_000), withContainers: fc.boolean() }).map((rules): NapEvent => ({ type: 'rules', rules })),
    )
    const answers = fc.boolean()
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2_000), event, answers)), (events) => {
        let state: NapState = { ...initialNap(RULES, 0), containers: 0 }
        let asked: 'pause' | 'resume' | undefined
        let now = 0
        const take = (each: NapEvent): void => {
          const step = napStep(state, each, now)
          expect(step.act === undefined || asked === undefined).toBe(true)
          state = step.state
          asked = step.act ?? asked
        }
        const answer = (): void => {
          const done = asked
          asked = undefined
          if (done) take(is(done === 'pause' ? 'paused' : 'resumed'))
        }
        for (const [later, each, answered] of events) {
          now += later
          take(each)
          if (answered) answer()
        }
        take(is('hold'))
        for (let round = 0; asked && round < 4; round++) answer()
        expect(state.phase).toBe('awake')
      }),
    )
  })
})
