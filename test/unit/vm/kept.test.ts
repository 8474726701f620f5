/** What the engine says is done is on the disk first: answers of an engine through the gateway, with a disk that is told when. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import { folderGuard } from '../../../engine/providers/vm/folder-guard.ts'
import { openGateway } from '../../../engine/providers/vm/gateway.ts'
import type { Gateway } from '../../../engine/providers/vm/gateway.ts'
import { createKeeper, isBuildKit, makesSomething } from '../../../engine/providers/vm/kept.ts'
import { responseEnd } from '../../../engine/providers/vm/response-end.ts'

const head = (line: string) => ({ method: line.split(' ')[0] ?? '', path: line.split(' ')[1] ?? '', headers: new Map<string, string>() })

describe('what makes something', () => {
  it.each([
    'POST /images/load', 'POST /v1.51/images/load?quiet=1', 'POST /v1.51/images/create?fromImage=bb&tag=1', 'POST /images/localhost:5000/a/b/tag?repo=x', 'POST /build?version=2', 'POST /commit?container=x',
    'POST /v1.51/containers/create?name=x', 'POST /volumes/create', 'POST /networks/create', 'POST /containers/abc/rename?name=y', 'PUT /v1.51/containers/abc/archive?path=%2F',
  ])('%s', (line) => expect(makesSomething(head(line))).toBe(true))

  it.each([
    'GET /images/json', 'POST /containers/abc/start', 'POST /containers/create/start', 'POST /exec/abc/start', 'POST /build/prune', 'HEAD /containers/abc/archive?path=/', 'GET /containers/abc/archive?path=/', 'POST /images/a/push?tag=1', 'DELETE /images/a', 'POST /grpc',
  ])('not %s', (line) => expect(makesSomething(head(line))).toBe(false))

  it('BuildKit’s connections are known', () => {
    expect(['POST /grpc', 'POST /v1.51/session', 'GET /grpc', 'POST /grpcs'].map((line) => isBuildKit(head(line)))).toEqual([true, true, false, false])
  })
})

/** An answer in one of HTTP's framings. */
const answers = fc
  .record({
    framing: fc.constantFrom('chunked', 'length'),
    early: fc.nat({ max: 2 }),
    status: fc.constantFrom(200, 201, 404, 500),
    parts: fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 6 }),
  })
  .map(({ framing, early, status, parts }) => {
    const body = framing === 'chunked'
      ? Buffer.concat([...parts.flatMap((part) => [Buffer.from(`${part.length.toString(16)}\r\n`), Buffer.from(part), Buffer.from('\r\n')]), Buffer.from('0\r\n\r\n')])
      : Buffer.concat(parts.map((part) => Buffer.from(part)))
    const lines = framing === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`
    return { status, bytes: Buffer.concat([Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'.repeat(early)), Buffer.from(`HTTP/1.1 ${status} X\r\nServer: y\r\n${lines}\r\n\r\n`), body]) }
  })

describe('the end of an answer', () => {
  it('is with its last byte, not before, whatever the pieces', () => {
    fc.assert(
      fc.property(answers, fc.array(fc.nat(), { maxLength: 12 }), ({ status, bytes }, places) => {
        const at = [0, ...places.map((place) => place % bytes.length).sort((a, b) => a - b), bytes.length]
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end)).filter((piece) => piece.length > 0)
        const end = responseEnd()
        expect(pieces.map((piece) => end.push(piece))).toEqual(pieces.map((_, index) => index === pieces.length - 1))
        expect(end.success()).toBe(status < 300)
      }),
    )
  })

  it('of no bytes at all comes with the head', () => {
    expect(responseEnd().push(Buffer.from('HTTP/1.1 204 No Content\r\n\r\n'))).toBe(true)
  })

  it('is the connection’s where nothing tells it, and any bytes are taken', () => {
    const open = responseEnd()
    expect(open.push(Buffer.from('HTTP/1.0 200 OK\r\n\r\nabc'))).toBe(false)
    expect(open.success()).toBe(true)
    const taken = responseEnd()
    expect(taken.push(Buffer.from('HTTP/1.1 101 UPGRADED\r\nContent-Length: 0\r\n\r\n'))).toBe(false)
    expect(taken.success()).toBe(false)
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 8 }), (pieces) => {
      const end = responseEnd()
      for (const piece of pieces) end.push(Buffer.from(piece))
    }))
  })
})

describe('the disk is told', () => {
  it('once for all who wait, and again for who came while it was at it', async () => {
    const asked: ((answer: string) => void)[] = []
    const keep = createKeeper({ ask: () => new Promise((resolve) => asked.push(resolve)) })
    const done: string[] = []
    const note = (name: string) => keep().then(() => done.push(name))
    const all = [note('a'), note('b'), note('c')]
    expect(asked).toHaveLength(1)
    asked[0]?.('sync rc=0')
    await all[0]
    await expect.poll(() => asked.length).toBe(2)
    expect(done).toEqual(['a'])
    asked[1]?.('sync rc=0')
    await Promise.all(all)
    expect(done).toEqual(['a', 'b', 'c'])
    expect(asked).toHaveLength(2)
  })

  it('anew when an earlier Naru’s was under way; a failure is its own only', async () => {
    const says = ['busy', 'sync rc=0', 'sync rc=1', 'sync rc=0']
    const keep = createKeeper({ ask: async () => says.shift() ?? '' })
    await keep()
    expect(says).toHaveLength(2)
    await expect(keep()).rejects.toMatchObject({ code: 'internal' })
    await keep()
  })
})

describe('answers through the engine’s socket', () => {
  let folder = ''
  let engine: Server
  let gateway: Gateway
  let release: (error?: Error) => void = () => undefined
  let finish = (): unknown => undefined
  let kept = 0

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'naru-kept-'))
    kept = 0
    engine = createServer((call, response) => {
      call.resume().on('end', () => {
        if (call.url === '/commit') response.statusCode = 409
        if (call.url === '/images/load') response.write('{"stream":"Loaded"}')
        else response.end('{"last":1}')
        finish = () => response.end('{"last":1}')
      })
    })
    await once(engine.listen(join(folder, 'engine.sock')), 'listening')
    const keep = (): Promise<void> => {
      kept += 1
      return new Promise((resolve, reject) => (release = (error) => (error ? reject(error) : resolve())))
    }
    gateway = await openGateway(join(folder, 'docker.sock'), () => createConnection({ path: join(folder, 'engine.sock'), allowHalfOpen: true }), { rules: folderGuard([]), keeper: { keep, log: () => undefined } })
  })
  afterEach(async () => {
    await gateway.close()
    engine.closeAllConnections()
    await new Promise((resolve) => engine.close(resolve))
    await rm(folder, { recursive: true, force: true })
  })

  async function call(method: string, path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
    const asking = request({ socketPath: join(folder, 'docker.sock'), method, path, headers })
    asking.end(method === 'GET' ? undefined : 'body')
    const [response] = await once(asking, 'response')
    return response
  }

  it('tell what is under way at once, and that it is done when the disk has it', async () => {
    const response = await call('POST', '/images/load')
    let said = ''
    response.on('data', (part: Buffer) => (said += part.toString()))
    let ended = false
    const over = once(response, 'end').then(() => (ended = true))
    await expect.poll(() => said).toBe('{"stream":"Loaded"}')
    expect(kept).toBe(0)
    finish()
    await expect.poll(() => kept).toBe(1)
    expect(ended).toBe(false)
    release()
    await over
    expect(said).toBe('{"stream":"Loaded"}{"last":1}')
  })

  it('end with the connection when no length tells, and are whole then', async () => {
    const asking = call('POST', '/volumes/create', { connection: 'close' })
    await expect.poll(() => kept).toBe(1)
    release()
    expect(await text(await asking)).toBe('{"last":1}')
  })

  it('do not wait when nothing was made', async () => {
    expect(await text(await call('GET', '/images/json'))).toBe('{"last":1}')
    expect((await call('POST', '/commit')).statusCode).toBe(409)
    expect(kept).toBe(0)
  })

  it('break off when the disk does not have it', async () => {
    const asking = call('POST', '/containers/create')
    await expect.poll(() => kept).toBe(1)
    release(new NaruError('timeout', 'too slow'))
    await expect(asking).rejects.toThrow(/socket hang up|ECONNRESET/)
  })

  it('are asked for BuildKit’s sake when its connection is over', async () => {
    const socket = createConnection(join(folder, 'docker.sock'))
    socket.write('POST /grpc HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n')
    await once(socket, 'data')
    expect(kept).toBe(0)
    socket.destroy()
    await expect.poll(() => kept).toBe(1)
  })
})
