import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressesOverlap, bindingsOverlap, findPublisher, questionsOverlap } from '../../../engine/ports/overlap.ts'
import { row } from '../../support/rows.ts'

const V4 = ['0.0.0.0', '127.0.0.1', '127.0.0.2', '10.0.0.1']
const V6 = ['::', '::1', '2001:db8::1']
const address = fc.constantFrom('', ...V4, ...V6)
const question = fc.record({ hostIp: address, hostPort: fc.integer({ min: 1, max: 4 }), protocol: fc.constantFrom('tcp' as const, 'udp' as const, 'sctp' as const) })

describe('addressesOverlap', () => {
  it.each([
    ['', '10.0.0.1', true],
    ['0.0.0.0', '10.0.0.1', true],
    ['0.0.0.0', '127.0.0.1', true],
    ['::', '10.0.0.1', true],
    ['0.0.0.0', '::1', false],
    ['127.0.0.1', '10.0.0.1', false],
    ['::1', '::1', true],
  ])('%j and %j: %s', (a, b, expected) => {
    expect(addressesOverlap(a, b)).toBe(expected)
    expect(addressesOverlap(b, a)).toBe(expected)
  })

  it('goes both ways, holds for the same address, and is never less than what the engine binds', () => {
    fc.assert(
      fc.property(address, address, (a, b) => {
        expect(addressesOverlap(a, b)).toBe(addressesOverlap(b, a))
        expect(bindingsOverlap(a, b)).toBe(bindingsOverlap(b, a))
        expect(addressesOverlap(a, a) && bindingsOverlap(a, a)).toBe(true)
        if (bindingsOverlap(a, b)) expect(addressesOverlap(a, b)).toBe(true)
      }),
    )
  })
})

describe('bindingsOverlap', () => {
  it('keeps the families apart, and gives the whole of one to its wildcard, of both to no address', () => {
    for (const a of V4) for (const b of V6) expect(bindingsOverlap(a, b), `${a} ${b}`).toBe(false)
    for (const a of [...V4, ...V6]) expect(bindingsOverlap('', a)).toBe(true)
    for (const a of V4) expect(bindingsOverlap('0.0.0.0', a)).toBe(true)
    for (const a of V6) expect(bindingsOverlap('::', a)).toBe(true)
  })
})

describe('questionsOverlap and findPublisher', () => {
  it('never confuse ports or protocols, and agree', () => {
    fc.assert(
      fc.property(question, question, (held, asked) => {
        const competes = questionsOverlap(held, asked)
        if (held.hostPort !== asked.hostPort || held.protocol !== asked.protocol) expect(competes).toBe(false)
        const holder = row({ ports: [{ containerPort: 80, ...held }] })
        expect(findPublisher([holder], asked) !== undefined).toBe(competes)
        expect(findPublisher([{ ...holder, state: 'exited' }], asked)).toBeUndefined()
      }),
    )
  })
})
