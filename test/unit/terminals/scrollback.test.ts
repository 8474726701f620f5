import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createScrollback } from '../../../engine/terminals/scrollback.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

describe('scrollback', () => {
  it('gives the same bytes for any chunking', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 60 }), (pieces) => {
        const scrollback = createScrollback(10_000)
        for (const piece of pieces) scrollback.push(piece)
        expect(Buffer.from(scrollback.read())).toEqual(Buffer.concat(pieces))
      }),
      { seed: 7 },
    )
  })

  it('never holds more than its bound, and what it gives is an end of what came, behind a line break if there is one', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 90 }), { maxLength: 40 }), fc.integer({ min: 1, max: 200 }), (pieces, limit) => {
        const scrollback = createScrollback(limit)
        for (const piece of pieces) {
          scrollback.push(piece)
          expect(scrollback.size).toBeLessThanOrEqual(limit)
        }
        const all = Buffer.concat(pieces)
        const held = all.subarray(Math.max(0, all.length - limit))
        const cut = held.length < all.length ? held.indexOf(0x0a) + 1 : 0
        expect(Buffer.from(scrollback.read())).toEqual(held.subarray(cut))
      }),
      { seed: 8 },
    )
  })

  it('copies what it is given and puts many small pieces together', () => {
    const scrollback = createScrollback()
    const piece = Buffer.from('a')
    for (let i = 0; i < 5_000; i += 1) scrollback.push(piece)
    piece.fill('z')
    expect(text(scrollback.read())).toBe('a'.repeat(5_000))
  })
})
