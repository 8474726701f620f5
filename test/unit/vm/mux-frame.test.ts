import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeCredit, encodeFrame, END_MARK, FRAME, FrameError, FrameReader, HEADER_BYTES, PAYLOAD_MAX, RESYNC, SyncHunter } from '../../../engine/providers/vm/mux-frame.ts'
import type { Frame, FrameType } from '../../../engine/providers/vm/mux-frame.ts'

interface Seen {
  readonly stream: number
  readonly type: number
  readonly payload: string
}

/** Reads pieces; what came out of them. */
function read(pieces: readonly Buffer[]): { frames: Seen[]; spoilt: number } {
  const frames: Seen[] = []
  let spoilt = 0
  const reader = new FrameReader(
    ({ stream, type, payload }: Frame) => frames.push({ stream, type, payload: payload.toString('hex') }),
    () => (spoilt += 1),
  )
  pieces.forEach((piece) => reader.push(piece))
  return { frames, spoilt }
}

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end))
}

const frame = fc.record({
  stream: fc.integer({ min: 0, max: 0xffff_ffff }),
  type: fc.constantFrom<FrameType>(FRAME.OPEN, FRAME.DATA, FRAME.FIN, FRAME.RST, FRAME.WIN),
  payload: fc.uint8Array({ maxLength: 300 }),
})
const seen = (each: { stream: number; type: number; payload: Uint8Array }): Seen => ({
  stream: each.stream,
  type: each.type,
  payload: Buffer.from(each.payload).toString('hex'),
})
const encode = (frames: readonly { stream: number; type: FrameType; payload: Uint8Array }[]): Buffer =>
  Buffer.concat(frames.map((each) => encodeFrame(each.stream, each.type, each.payload)))

describe('frames of the mux', () => {
  it('are eight bytes of header, the payload and an end mark', () => {
    expect(encodeFrame(0x01020304, FRAME.DATA, Buffer.from('ab'))).toEqual(Buffer.from([4, 3, 2, 1, 2, 0, 2, 0, 97, 98, END_MARK]))
    expect(encodeFrame(7, FRAME.FIN)).toHaveLength(HEADER_BYTES)
    expect(encodeCredit(7, 65_536)).toEqual(encodeFrame(7, FRAME.WIN, Buffer.from([0, 0, 1, 0])))
    expect(() => encodeFrame(1, FRAME.DATA, Buffer.alloc(PAYLOAD_MAX + 1))).toThrow(RangeError)
  })

  it('come out as they went in, whatever the pieces', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 20 }), (frames, places) => {
        expect(read(cut(encode(frames), places))).toEqual({ frames: frames.map(seen), spoilt: 0 })
      }),
    )
  })

  it('of the greatest size come out whole', () => {
    const payload = Buffer.alloc(PAYLOAD_MAX, 1)
    expect(read([encodeFrame(1, FRAME.DATA, payload)]).frames).toEqual([{ stream: 1, type: FRAME.DATA, payload: payload.toString('hex') }])
  })

  it('come back into step after a cut anywhere, and the frame that was cut never comes out', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), fc.nat(), fc.array(frame, { minLength: 1, maxLength: 4 }), (before, at, after) => {
        const bytes = encode(before)
        const rest = bytes.subarray(0, at % (bytes.length + 1))
        const control = { stream: 0, type: FRAME.RST, payload: new Uint8Array(8).fill(7) }
        const { frames } = read([rest, RESYNC, encode([control, ...after])])
        const wanted = [control, ...after].map(seen)
        expect(frames.slice(-wanted.length)).toEqual(wanted)
        const old = frames.slice(0, -wanted.length)
        // Whole frames before the cut, and at most one bare header that the zeros completed.
        expect(old.length).toBeLessThanOrEqual(before.length)
        const withPayload = old.filter(({ payload }) => payload !== '')
        expect(before.map(seen).filter(({ payload }) => payload !== '').slice(0, withPayload.length)).toEqual(withPayload)
      }),
    )
  })

  it('refuse what cannot be one', () => {
    expect(() => read([Buffer.from([1, 0, 0, 0, 9, 0, 0, 0])])).toThrow(FrameError)
    expect(() => read([Buffer.from([1, 0, 0, 0, 2, 1, 0, 0])])).toThrow(FrameError)
    expect(() => read([Buffer.from([1, 0, 0, 0, 2, 0, 1, 0x80])])).toThrow(FrameError)
  })

  it('never throw anything but FrameError, and never hold more than one frame', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 30 }), (pieces) => {
        try {
          read(pieces.map((piece) => Buffer.from(piece)))
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError)
        }
      }),
    )
  })
})

describe('looking for the answer to a resync', () => {
  it('finds it behind anything and gives what follows', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 50 }), fc.array(fc.nat(), { maxLength: 8 }), (before, after, places) => {
        const nonce = Buffer.from('8f2c11aa90be7d35', 'hex')
        const hunter = new SyncHunter(nonce)
        const bytes = Buffer.concat([before, encodeFrame(0, FRAME.RST, nonce), after])
        const out: Buffer[] = []
        let found = false
        for (const piece of cut(bytes, places)) {
          if (found) out.push(piece)
          else {
            const rest = hunter.push(piece)
            if (rest !== null) {
              found = true
              out.push(rest)
            }
          }
        }
        expect(found).toBe(true)
        expect(Buffer.concat(out)).toEqual(Buffer.from(after))
      }),
    )
  })
})
