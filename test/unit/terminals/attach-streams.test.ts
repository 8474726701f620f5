/** The streams of an attached container: keys that leave it, frames of what it prints. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDetachKeys } from '../../../engine/terminals/detach-keys.ts'
import { createFrameReader } from '../../../engine/terminals/frames.ts'

/** `bytes` cut at any places. */
const cut = (bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] => {
  const pieces: Uint8Array[] = []
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}
const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 10 })

describe('detach keys', () => {
  it('pass everything before them and nothing behind, however it is cut; a Ctrl+P alone waits for what follows', () => {
    // Few values, so that the keys come often.
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0x10, 0x11, 0x61), { maxLength: 60 }), sizes, (typed, cuts) => {
        const keys = createDetachKeys()
        const passed: number[] = []
        let left = false
        for (const piece of cut(Uint8Array.from(typed), cuts)) {
          const { pass, detach } = keys.take(piece)
          passed.push(...pass)
          if (detach) {
            left = true
            break
          }
        }
        const text = String.fromCharCode(...typed)
        const at = text.indexOf('\x10\x11')
        expect(left).toBe(at >= 0)
        const expected = at >= 0 ? text.slice(0, at) : text.replace(/\x10$/, '')
        expect(String.fromCharCode(...passed)).toBe(expected)
      }),
      { seed: 3, numRuns: 500 },
    )
  })
})

describe('frames', () => {
  const frame = (type: number, payload: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(8 + payload.length)
    bytes[0] = type
    new DataView(bytes.buffer).setUint32(4, payload.length)
    bytes.set(payload, 8)
    return bytes
  }

  it('give their payloads in order, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 2 }), fc.uint8Array({ maxLength: 40 })), { maxLength: 12 }), sizes, (frames, cuts) => {
        const read = createFrameReader()
        const whole = Buffer.concat(frames.map(([type, payload]) => frame(type, payload)))
        expect(Buffer.concat(cut(whole, cuts).flatMap(read))).toEqual(Buffer.concat(frames.map(([, payload]) => payload)))
      }),
      { seed: 5, numRuns: 300 },
    )
  })

  it('are refused when they are none', () => {
    expect(() => createFrameReader()(Buffer.from('plain text'))).toThrowError(/out of step/)
  })
})
