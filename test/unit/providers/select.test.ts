import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EngineStatus } from '../../../engine/contract/models.ts'
import { LEGAL } from '../../../engine/providers/machine.ts'
import { chooseEngine } from '../../../engine/providers/select.ts'
import type { Choosable, ChoiceInput } from '../../../engine/providers/select.ts'

const engine = (id: string, status: EngineStatus, more: Partial<Choosable> = {}): Choosable => ({
  id,
  status,
  managed: id === 'native',
  settled: status !== 'starting',
  everReady: false,
  stoppedByPerson: false,
  ...more,
})
const choose = (engines: Choosable[], more: Partial<ChoiceInput> = {}) =>
  chooseEngine({ explicit: 'auto', currentId: null, engines, patienceOver: false, ...more })

describe('choice of the engine', () => {
  it('waits for a better engine that may still answer, until patience is over', () => {
    const engines = [engine('a', 'starting'), engine('b', 'ready')]
    expect(choose(engines)).toEqual({ kind: 'wait' })
    expect(choose(engines, { patienceOver: true })).toEqual({ kind: 'use', id: 'b', start: false })
  })

  it('starts native only when every socket is known not to answer', () => {
    expect(choose([engine('a', 'starting'), engine('native', 'stopped')])).toEqual({ kind: 'wait' })
    expect(choose([engine('a', 'failed'), engine('native', 'stopped')])).toEqual({ kind: 'use', id: 'native', start: true })
    expect(choose([engine('a', 'ready'), engine('native', 'stopped')])).toEqual({ kind: 'use', id: 'a', start: false })
  })

  it('takes the virtual machine when the embedded engine cannot be had or did not start, never before', () => {
    const vm = engine('vm', 'stopped', { managed: true })
    expect(choose([engine('native', 'stopped'), vm])).toEqual({ kind: 'use', id: 'native', start: true })
    expect(choose([engine('native', 'absent'), vm])).toEqual({ kind: 'use', id: 'vm', start: true })
    expect(choose([engine('native', 'failed'), vm], { currentId: 'native' })).toEqual({ kind: 'use', id: 'vm', start: true })
    expect(choose([engine('native', 'failed', { everReady: true }), vm], { currentId: 'native' })).toEqual({ kind: 'use', id: 'native', start: false })
  })

  it('does not start again what the person stopped', () => {
    const stopped = engine('native', 'stopped', { stoppedByPerson: true })
    expect(choose([stopped], { currentId: 'native' })).toEqual({ kind: 'use', id: 'native', start: false })
    expect(choose([stopped], { explicit: 'native' })).toEqual({ kind: 'use', id: 'native', start: false })
  })

  it('keeps a dead engine on screen instead of jumping to another', () => {
    const dead = engine('a', 'unreachable', { everReady: true })
    expect(choose([dead, engine('b', 'ready')], { currentId: 'a' })).toEqual({ kind: 'use', id: 'a', start: false })
  })

  it('leaves an engine that never answered for one that does', () => {
    expect(choose([engine('a', 'unreachable'), engine('b', 'ready')], { currentId: 'a' })).toMatchObject({ id: 'b' })
  })

  it('prefers one that is being connected to one that is missing', () => {
    const engines = [engine('gone', 'unreachable'), engine('slow', 'starting')]
    expect(choose(engines, { patienceOver: true })).toMatchObject({ id: 'slow' })
  })

  it('has none when nothing can be had', () => {
    expect(choose([])).toEqual({ kind: 'none' })
    expect(choose([engine('native', 'absent')])).toEqual({ kind: 'none' })
  })

  it('always names a listed engine, honours the explicit one and starts only what is stopped and ours', () => {
    const any = fc.record({
      id: fc.constantFrom('a', 'b', 'native'),
      status: fc.constantFrom(...(Object.keys(LEGAL) as EngineStatus[])),
      managed: fc.boolean(),
      settled: fc.boolean(),
      everReady: fc.boolean(),
      stoppedByPerson: fc.boolean(),
    })
    const input = fc.record({
      explicit: fc.constantFrom('auto', 'a', 'native', 'elsewhere'),
      currentId: fc.constantFrom(null, 'a', 'b', 'native'),
      engines: fc.uniqueArray(any, { selector: ({ id }) => id }),
      patienceOver: fc.boolean(),
    })
    fc.assert(
      fc.property(input, (given) => {
        const choice = chooseEngine(given)
        const named = choice.kind === 'use' ? given.engines.find(({ id }) => id === choice.id) : undefined
        if (choice.kind === 'use') expect(named).toBeDefined()
        if (choice.kind === 'use' && choice.start) {
          expect(named).toMatchObject({ managed: true, status: 'stopped', stoppedByPerson: false })
        }
        if (given.engines.some(({ id }) => id === given.explicit)) expect(choice).toMatchObject({ id: given.explicit })
        if (given.patienceOver) expect(choice.kind).not.toBe('wait')
      }),
    )
  })
})
