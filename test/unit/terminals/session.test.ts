import { Duplex } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTerminalSession } from '../../../engine/terminals/session.ts'

const EXITED = { reason: 'exited', exitCode: 0 } as const
const never = new AbortController().signal

/** A connection whose other end is the test: `give` prints, `written` holds what was typed. */
function wire() {
  const written: Buffer[] = []
  let asked = 0
  let taken: (() => void) | null = null
  const socket = new Duplex({
    readableHighWaterMark: 1_024,
    writableHighWaterMark: 16,
    read: () => void (asked += 1),
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk)
      taken = done
    },
  })
  return { socket, written, take: () => taken?.(), give: (bytes: string | Uint8Array) => socket.push(bytes), end: () => socket.push(null), asked: () => asked }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('a terminal session', () => {
  it('gives every byte once, in order, whatever the pieces; then ends with the reason', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), { maxLength: 20 }), fc.integer({ min: 0, max: 20 }), async (pieces, before) => {
        const { socket, give, end } = wire()
        const session = createTerminalSession(socket, () => Promise.resolve(EXITED))
        for (const piece of pieces.slice(0, before)) give(piece)
        await turn()
        const seen: Uint8Array[] = []
        const reading = (async () => {
          for await (const bytes of session.read(never)) seen.push(bytes)
        })()
        for (const piece of pieces.slice(before)) {
          give(piece)
          await turn()
        }
        end()
        await reading
        expect(Buffer.concat(seen)).toEqual(Buffer.concat(pieces))
        expect(session.ended).toEqual(EXITED)
      }),
      { seed: 11, numRuns: 60 },
    )
  })

  it('rests while its reader does, and flows on without one', async () => {
    const { socket, give } = wire()
    const session = createTerminalSession(socket, () => Promise.resolve(EXITED))
    const reader = session.read(never)
    expect((await reader.next()).value).toHaveLength(0)
    const second = reader.next()
    await turn()
    give('one')
    await second
    // Nobody asks for the third: what comes stays in the connection.
    for (let i = 0; i < 100; i += 1) give('x'.repeat(1_000))
    await turn()
    expect(socket.isPaused()).toBe(true)
    expect(socket.readableLength).toBeGreaterThan(1_000)
    await reader.return()
    await turn()
    expect(socket.isPaused()).toBe(false)
    expect(socket.readableLength).toBe(0)
    expect((await session.read(never).next()).value).toHaveLength(100_003)
    socket.destroy()
    await session.over
  })

  it('a second reader takes over; an aborted one leaves', async () => {
    const { socket, give } = wire()
    const session = createTerminalSession(socket, () => Promise.resolve(EXITED))
    const first = session.read(never)
    await first.next()
    const waiting = first.next()
    const gone = new AbortController()
    const second = session.read(gone.signal)
    await second.next()
    expect((await waiting).done).toBe(true)
    const next = second.next()
    give('for the second')
    expect(Buffer.from((await next).value ?? []).toString()).toBe('for the second')
    const last = second.next()
    gone.abort()
    await expect(last).rejects.toBeDefined()
    socket.destroy()
  })

  it('writing waits for room, ends with its signal, and an ended one takes nothing', async () => {
    const { socket, written, take } = wire()
    const session = createTerminalSession(socket, () => Promise.resolve({ reason: 'container-stopped', exitCode: 137 }))
    let done = false
    const writing = session.write(Buffer.alloc(100), never).then(() => (done = true))
    await turn()
    expect(done).toBe(false)
    const given = new AbortController()
    const refused = session.write(Buffer.alloc(100), given.signal)
    given.abort()
    await expect(refused).rejects.toMatchObject({ code: 'cancelled' })
    take()
    await turn()
    take()
    await writing
    session.close()
    expect(await session.over).toEqual({ reason: 'container-stopped', exitCode: 137 })
    const before = written.length
    await session.write(Buffer.from('x'), never)
    expect(written).toHaveLength(before)
  })

  it('is lost when nobody can say why it ended', async () => {
    const { socket } = wire()
    const session = createTerminalSession(socket, () => Promise.reject(new Error('no engine')))
    const reader = session.read(never)
    await reader.next()
    socket.destroy(new Error('cut'))
    expect((await reader.next()).done).toBe(true)
    expect(session.ended).toEqual({ reason: 'lost', exitCode: null })
  })
})
