import { Duplex } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkedBody } from '../../../engine/docker/chunked.ts'
import { getRaw } from '../../../engine/docker/raw-answer.ts'
import { cutAt } from '../../support/log-frames.ts'

const coded = (payloads: readonly Uint8Array[], trailer = ''): Buffer =>
  Buffer.concat([
    ...payloads.filter((each) => each.length > 0).flatMap((each) => [Buffer.from(`${each.length.toString(16)};x=1\r\n`), each, Buffer.from('\r\n')]),
    Buffer.from(`0\r\n${trailer}\r\n`),
  ])

/** A connection that answers with these pieces. */
function answering(pieces: readonly Uint8Array[]): Duplex {
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
  for (const piece of pieces) socket.push(Buffer.from(piece))
  socket.push(null)
  return socket
}

describe('ChunkedBody', () => {
  it('gives the payload however the bytes are cut', () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 })
    fc.assert(
      fc.property(payloads, fc.array(fc.nat(), { maxLength: 30 }), fc.constantFrom('', 'A: b\r\n', 'A: b\r\nC: d\r\n'), (parts, cuts, trailer) => {
        const body = new ChunkedBody()
        const seen = cutAt(coded(parts, trailer), cuts).map((piece) => Buffer.from(body.push(piece)))
        expect(Buffer.concat(seen)).toEqual(Buffer.concat(parts))
        expect(body.done).toBe(true)
      }),
    )
  })

  it.each(['zz\r\n', '\r\n', '3\r\nabcX', 'fffffffffffff\r\n'])('refuses %j', (text) => {
    expect(() => new ChunkedBody().push(Buffer.from(text))).toThrow('chunked')
  })
})

describe('getRaw', () => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
  const whole = Buffer.concat([Buffer.from(`HTTP/1.1 100 Continue\r\n\r\n${head}`), coded([Buffer.from('one'), Buffer.from('two')])])

  it('reads head and body however they are cut', async () => {
    for (let at = 1; at < whole.length; at++) {
      const { status, body } = await getRaw(answering(cutAt(whole, [at])), '/')
      expect([status, (await buffer(body)).toString()]).toEqual([200, 'onetwo'])
    }
  })

  it('knows the end of a body by its length or by the end of the connection', async () => {
    const counted = await getRaw(answering([Buffer.from('HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nabcdef')]), '/')
    expect([counted.status, (await buffer(counted.body)).toString()]).toEqual([404, 'abc'])
    const open = await getRaw(answering([Buffer.from('HTTP/1.0 200 OK\r\n\r\nabc'), Buffer.from('def')]), '/')
    expect((await buffer(open.body)).toString()).toBe('abcdef')
  })

  it.each([
    ['in the head', 'HTTP/1.1 200 OK\r\nTra'],
    ['in a chunk', `${head}5\r\nab`],
    ['before the last chunk', `${head}2\r\nab\r\n`],
    ['before its length', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab'],
  ])('fails when cut %s', async (_where, text) => {
    const reading = getRaw(answering([Buffer.from(text)]), '/').then(({ body }) => buffer(body))
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('refuses what is no HTTP', async () => {
    await expect(getRaw(answering([Buffer.from('SSH-2.0-x\r\n\r\n')]), '/')).rejects.toMatchObject({ code: 'engine.not-an-engine' })
  })
})
