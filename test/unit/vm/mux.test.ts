/** The host's end against a guest that does as it likes. (agent.test.ts tries it against the real one.) */
import { duplexPair } from 'node:stream'
import type { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Mux, STREAMS_MAX } from '../../../engine/providers/vm/mux.ts'
import { encodeCredit, encodeFrame, FRAME, FrameReader, PAYLOAD_MAX, WINDOW_BYTES } from '../../../engine/providers/vm/mux-frame.ts'
import type { Frame } from '../../../engine/providers/vm/mux-frame.ts'

interface Guest {
  readonly line: Duplex
  /** The guest's side of the line. */
  readonly port: Duplex
  readonly frames: { stream: number; type: number; payload: string; size: number }[]
}

/** Answers the first hello, after `before`, and keeps what it is sent. */
function guest(before: Buffer = Buffer.alloc(0)): Guest {
  const [line, port] = duplexPair({ readableHighWaterMark: 1 << 20, writableHighWaterMark: 1 << 20 })
  const frames: Guest['frames'] = []
  const accept = ({ stream, type, payload }: Frame): void => {
    if (stream === 0 && type === FRAME.RST) port.write(Buffer.concat([before, encodeFrame(0, FRAME.RST, payload)]))
    else frames.push({ stream, type, payload: payload.toString('latin1', 0, 40), size: payload.length })
  }
  const reader = new FrameReader(accept, () => expect.fail('the host sent a spoilt frame'))
  port.on('data', (part: Buffer) => reader.push(part))
  port.on('error', () => undefined)
  return { line, port, frames }
}

const attach = ({ line }: Guest): Promise<Mux> => Mux.attach(line, { timeoutMs: 5_000 })

describe('the host’s end of the mux', () => {
  it('attaches behind whatever an earlier session left, and not to a silent line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (rubbish) => {
        const mux = await attach(guest(Buffer.from(rubbish)))
        expect(mux.size).toBe(0)
        mux.close()
      }),
      { numRuns: 50 },
    )
    const [line] = duplexPair()
    await expect(Mux.attach(line, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'timeout' })
    const [other] = duplexPair()
    await expect(Mux.attach(other, { timeoutMs: 5_000, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('survives any frames and any bytes: it goes on or closes, and never throws', async () => {
    const frame = fc
      .tuple(fc.integer({ min: 0, max: 4 }), fc.constantFrom(FRAME.OPEN, FRAME.DATA, FRAME.FIN, FRAME.RST, FRAME.WIN), fc.uint8Array({ maxLength: 50 }))
      .map(([stream, type, payload]) => encodeFrame(stream, type, payload))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof({ weight: 4, arbitrary: frame }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) }), { maxLength: 25 }), async (pieces) => {
        const each = guest()
        const mux = await attach(each)
        const streams = [mux.open('tcp:127.0.0.1:1'), mux.open('unix:/x')]
        for (const stream of streams) stream.on('error', () => undefined).resume()
        for (const piece of pieces) each.port.write(piece)
        await turn()
        // A guest's OPEN opened nothing.
        expect(mux.size).toBeLessThanOrEqual(2)
        mux.close()
        expect(await mux.closed).not.toBe('')
      }),
      { numRuns: 150 },
    )
  })

  it('resets a stream that is sent more than its window, and that one alone', async () => {
    const each = guest()
    const mux = await attach(each)
    const flooded = mux.open('tcp:127.0.0.1:1')
    const other = mux.open('tcp:127.0.0.1:2')
    const failed = new Promise<Error>((resolve) => flooded.once('error', resolve))
    // Nobody reads, so no credit goes back.
    for (let sent = 0; sent <= WINDOW_BYTES; sent += PAYLOAD_MAX) each.port.write(encodeFrame(flooded.id, FRAME.DATA, Buffer.alloc(PAYLOAD_MAX)))
    expect((await failed).message).toContain('more than it was allowed')
    await expect.poll(() => each.frames.filter(({ type }) => type === FRAME.RST).map(({ stream }) => stream)).toEqual([flooded.id])
    each.port.write(encodeFrame(other.id, FRAME.DATA, Buffer.from('hello')))
    expect(String(await new Promise((resolve) => other.once('data', resolve)))).toBe('hello')
    other.on('error', () => undefined)
    mux.close()
  })

  it('sends no more than the guest gives credit for', async () => {
    const each = guest()
    const mux = await attach(each)
    const stream = mux.open('tcp:127.0.0.1:1')
    stream.on('error', () => undefined)
    stream.write(Buffer.alloc(2 * WINDOW_BYTES))
    const sent = (): number => each.frames.filter(({ type }) => type === FRAME.DATA).reduce((sum, { size }) => sum + size, 0)
    await expect.poll(sent).toBe(WINDOW_BYTES)
    each.port.write(encodeCredit(stream.id, 1000))
    await expect.poll(sent).toBe(WINDOW_BYTES + 1000)
    mux.close()
  })

  it('bounds what may be open, and says why it opens no more', async () => {
    const mux = await attach(guest())
    const all = Array.from({ length: STREAMS_MAX }, () => mux.open('tcp:127.0.0.1:1'))
    for (const each of all) each.on('error', () => undefined)
    expect(() => mux.open('tcp:127.0.0.1:1')).toThrow(expect.objectContaining({ code: 'engine.unreachable', retryable: true }))
    all[0]?.destroy()
    await expect.poll(() => mux.size).toBe(STREAMS_MAX - 1)
    expect(() => mux.open(`unix:/${'x'.repeat(300)}`)).toThrow(expect.objectContaining({ code: 'invalid-request' }))
    expect(() => mux.open('unix:/a\nb')).toThrow(expect.objectContaining({ code: 'invalid-request' }))
    mux.close()
    expect(() => mux.open('unix:/x')).toThrow(expect.objectContaining({ code: 'engine.unreachable' }))
    await expect(mux.ask('ping')).rejects.toMatchObject({ code: 'engine.unreachable' })
  })

  it('a question nobody answers ends by itself; an answer to nobody harms nothing', async () => {
    const each = guest()
    const mux = await attach(each)
    await expect(mux.ask('ping', 20)).rejects.toMatchObject({ code: 'timeout' })
    each.port.write(encodeFrame(0, FRAME.DATA, Buffer.from('1 late')))
    each.port.write(encodeFrame(0, FRAME.DATA, Buffer.from('no number')))
    const asked = mux.ask('ping', 5_000)
    each.port.write(encodeFrame(0, FRAME.DATA, Buffer.from('2 pong')))
    expect(await asked).toBe('pong')
    mux.close()
  })
})
