import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LINK_LIMITS } from '../../../engine/contract/contract.ts'
import { NaruError } from '../../../engine/contract/errors.ts'
import { compactFrame, decodeFrame, encodeFrame } from '../../../engine/link/codec.ts'
import { FRAME } from '../../../engine/link/transport.ts'
import type { Frame } from '../../../engine/link/transport.ts'

/** Keys that break naive encoders: prototype names, what a marker might look like, empty. */
const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toJSON', 'length', '$', '0', ''))
const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array(),
  fc.uint32Array(),
  fc.float64Array(),
  fc.float32Array(),
  fc.int16Array(),
)
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(fc.oneof(tie('any'), fc.constant(undefined)), { maxLength: 6 }),
    fc.array(fc.tuple(key, tie('any')), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
  ),
})).any
const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.tuple(fc.constant(FRAME.call), id, fc.string({ maxLength: 100 }), value),
  fc.tuple(fc.constant(FRAME.open), id, fc.string({ maxLength: 100 }), value),
  fc.tuple(fc.constant(FRAME.ok), id, value),
  fc.tuple(fc.constant(FRAME.items), id, fc.array(value, { maxLength: 8 })),
  fc.tuple(fc.constant(FRAME.credit), id, id),
  fc.tuple(fc.constant(FRAME.end), id),
  fc.tuple(fc.constant(FRAME.cancel), id),
)

/** A decoder may refuse; it must not fail in any other way. */
function decodesOrRefuses(bytes: Uint8Array): void {
  try {
    decodeFrame(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(NaruError)
    expect((error as NaruError).code).toBe('invalid-request')
  }
}

/** Not toStrictEqual: it stumbles over keys named `constructor`. Tells -0 from 0 and knows NaN. */
function expectSame(got: Frame, sent: Frame): void {
  if (!isDeepStrictEqual(got, structuredClone(sent))) expect(got).toEqual(sent)
  expect(isDeepStrictEqual(got, structuredClone(sent))).toBe(true)
}

const message = (header: unknown, ...tail: number[]): Uint8Array => {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + text.byteLength + tail.length)
  bytes.set(encodeFrame([FRAME.end, 1]).subarray(0, 4))
  new DataView(bytes.buffer).setUint32(4, text.byteLength, true)
  bytes.set(text, 8)
  bytes.set(tail, 8 + text.byteLength)
  return bytes
}

describe('codec', () => {
  it('gives back what structured clone would', () => {
    fc.assert(
      fc.property(frame, (sent) => {
        expectSame(decodeFrame(encodeFrame(sent)), sent)
      }),
      { numRuns: 400 },
    )
  })

  it('reads a message wherever it lies in its buffer', () => {
    fc.assert(
      fc.property(frame, fc.integer({ min: 0, max: 9 }), (sent, offset) => {
        const bytes = encodeFrame(sent)
        const larger = new Uint8Array(bytes.byteLength + 20)
        larger.set(bytes, offset)
        const got = decodeFrame(larger.subarray(offset, offset + bytes.byteLength))
        larger.fill(0xff)
        expectSame(got, sent)
      }),
    )
  })

  it('leaves the value it was given as it was', () => {
    const text = Uint8Array.of(1, 2, 3)
    const sent: Frame = [FRAME.ok, 1, { text, nested: [{ text }] }]
    const before = structuredClone(sent)
    encodeFrame(sent)
    compactFrame(sent)
    expect(sent).toStrictEqual(before)
    expect((sent[2] as { text: unknown }).text).toBe(text)
  })

  it('refuses random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), decodesOrRefuses))
  })

  it('refuses or reads, never fails otherwise, with bytes changed, cut or added', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(frame, damage, fc.nat(), fc.boolean(), (sent, changes, cut, cutting) => {
        const bytes = encodeFrame(sent)
        for (const [at, to] of changes) bytes[at % bytes.byteLength] = to
        decodesOrRefuses(cutting ? bytes.subarray(0, cut % bytes.byteLength) : bytes)
      }),
      { numRuns: 400 },
    )
  })

  it('refuses every cut of a good message', () => {
    const bytes = encodeFrame([FRAME.ok, 1, { a: Uint8Array.of(1, 2), b: ['text', Number.NaN] }])
    for (let length = 0; length < bytes.byteLength; length++) {
      expect(() => decodeFrame(bytes.subarray(0, length))).toThrow(NaruError)
    }
    const longer = new Uint8Array(bytes.byteLength + 1)
    longer.set(bytes)
    expect(() => decodeFrame(longer)).toThrow(NaruError)
  })

  it.each<[string, unknown, number[]]>([
    ['no JSON', '{', []],
    ['a header that is no pair', 'null', []],
    ['no attachments list', [[5, 1]], []],
    ['an unknown kind of frame', [[9, 1], []], []],
    ['a frame without an id', [[5], []], []],
    ['an id that is no number', [[5, '1'], []], []],
    ['a credit of nothing', [[6, 1, 0], []], []],
    ['a credit that takes', [[6, 1, -5], []], []],
    ['an error that is no envelope', [[2, 1, { code: 'nonsense', message: '', retryable: false }], []], []],
    ['an unknown kind of attachment', [[1, 1, null], [['Date', 1, [2]]]], [0]],
    ['half a number', [[1, 1, null], [['Float64Array', 4, [2]]]], [0, 0, 0, 0]],
    ['an attachment without a place', [[1, 1, null], [['Uint8Array', 1, [3]]]], [0]],
    ['an attachment over a value', [[1, 1, 'text'], [['Uint8Array', 1, [2]]]], [0]],
    ['an attachment in a prototype', [[1, 1, {}], [['Uint8Array', 1, [2, '__proto__', 'x']]]], [0]],
    ['an attachment at a method of arrays', [[1, 1, []], [['Uint8Array', 1, [2, 'length']]]], [0]],
    ['an attachment at the root', [[1, 1, null], [['Uint8Array', 1, []]]], [0]],
    ['a negative length', [[1, 1, null], [['Uint8Array', -1, [2]]]], [0]],
    ['a length beyond the end', [[1, 1, null], [['Uint8Array', 2, [2]]]], [0]],
    ['bytes nobody asked for', [[5, 1], []], [0]],
  ])('refuses %s', (_what, header, tail) => {
    expect(() => decodeFrame(message(header, ...tail))).toThrow(NaruError)
  })

  it('refuses a message above the limit, sent or received', () => {
    expect(() => decodeFrame(new Uint8Array(LINK_LIMITS.frameBytes + 1))).toThrow(/larger/)
    const sent: Frame = [FRAME.ok, 1, new Uint8Array(LINK_LIMITS.frameBytes)]
    expect(() => encodeFrame(sent)).toThrow(/larger/)
    expect(() => compactFrame(sent)).toThrow(/larger/)
    // Small in JavaScript's count of characters, too large as UTF-8.
    expect(() => encodeFrame([FRAME.ok, 1, '한'.repeat(LINK_LIMITS.frameBytes / 2)])).toThrow(/larger/)
  })

  it('refuses what has no form of its own, and ends on cycles and on shared branches', () => {
    const cycle: unknown[] = []
    cycle.push(cycle)
    let shared: unknown = 'leaf'
    for (let depth = 0; depth < 60; depth++) shared = [shared, shared]
    class Row {}
    for (const bad of [cycle, shared, new Date(), new Map(), new Row(), 1n, Symbol('s'), () => 1, new DataView(new ArrayBuffer(1)), new Error('e')]) {
      expect(() => encodeFrame([FRAME.ok, 1, bad])).toThrow(NaruError)
      expect(() => compactFrame([FRAME.ok, 1, bad])).toThrow(NaruError)
    }
  })

  it('takes a view out of its larger buffer, and a Buffer out of its pool', () => {
    const view = new Uint8Array(100).subarray(10, 20)
    const [, , compact] = compactFrame([FRAME.ok, 1, { view, pooled: Buffer.from('abc'), odd: Buffer.from('0123456789').subarray(1, 9) }])
    const got = structuredClone(compact) as { view: Uint8Array; pooled: Uint8Array; odd: Uint8Array }
    expect(got.view.buffer.byteLength).toBe(10)
    expect(got.pooled.buffer.byteLength).toBe(3)
    expect(new TextDecoder().decode(got.odd)).toBe('12345678')
  })
})
