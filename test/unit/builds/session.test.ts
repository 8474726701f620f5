/** The session as a builder sees it: a gRPC client over HTTP/2 on the other end of the connection. */
import { connect } from 'node:http2'
import type { ClientHttp2Session } from 'node:http2'
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duplexPair } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createIgnore } from '../../../engine/builds/dockerignore.ts'
import { encodeMessage, fieldsOf, textOf } from '../../../engine/builds/protobuf.ts'
import { openBuildSession } from '../../../engine/builds/session/session.ts'
import type { BuildSession, SessionOptions } from '../../../engine/builds/session/session.ts'
import type { EngineClient } from '../../../engine/docker/engine-client.ts'

let folder: string
let session: BuildSession
let builder: ClientHttp2Session
let broken: unknown
let exposed: Readonly<Record<string, string | readonly string[]>>

async function open(more: Partial<SessionOptions> = {}): Promise<void> {
  const [ours, theirs] = duplexPair()
  const client = {
    openSession: async (headers: typeof exposed) => {
      exposed = headers
      return ours
    },
  } as unknown as EngineClient
  const signal = AbortSignal.timeout(20_000)
  const selection = { folder, ignore: createIgnore('ignored\n'), keep: new Set<string>(), signal }
  session = await openBuildSession(client, { selection, dockerfile: { name: 'Dockerfile', text: 'FROM x\n' }, onProgress: () => undefined, onSent: () => undefined, onBroken: (error) => (broken = error), ...more }, signal)
  builder = connect('http://session', { createConnection: () => theirs })
  builder.on('error', () => undefined)
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-session-'))
  broken = undefined
})
afterEach(async () => {
  builder.destroy()
  session.close()
  await rm(folder, { recursive: true, force: true })
})

interface Packet {
  readonly type: number
  readonly id: number
  readonly data: Buffer
  readonly stat?: { readonly path: string; readonly mode: number; readonly size: number; readonly target: string }
}

function packetOf(message: Uint8Array): Packet {
  let type = 0
  let id = 0
  let data = Buffer.alloc(0)
  let stat: Packet['stat']
  for (const field of fieldsOf(message)) {
    if (field.number === 1) type = field.value ?? 0
    else if (field.number === 3) id = field.value ?? 0
    else if (field.number === 4) data = Buffer.from(field.bytes ?? [])
    else if (field.number === 2) {
      const inner = [...fieldsOf(field.bytes ?? new Uint8Array(0))]
      const number = (wanted: number) => inner.find((one) => one.number === wanted)?.value ?? 0
      const text = (wanted: number) => inner.filter((one) => one.number === wanted).map(textOf)[0] ?? ''
      stat = { path: text(1), mode: number(2), size: number(5), target: text(7) }
    }
  }
  return { type, id, data, ...(stat && { stat }) }
}

const framed = (message: Uint8Array): Buffer => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/** Calls a method; `onMessage` may answer. Resolves with the status once the call has ended. */
function call(path: string, headers: Record<string, string>, first: Uint8Array | null, onMessage: (message: Uint8Array, send: (message: Uint8Array) => void) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = builder.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...headers })
    const send = (message: Uint8Array): void => void stream.write(framed(message))
    let held = Buffer.alloc(0)
    let status = ''
    stream.on('response', (answer) => (status = String(answer['grpc-status'] ?? status)))
    stream.on('trailers', (answer) => (status = String(answer['grpc-status'] ?? status)))
    stream.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      while (held.length >= 5 && held.length >= 5 + held.readUInt32BE(1)) {
        const length = held.readUInt32BE(1)
        const message = held.subarray(5, 5 + length)
        held = held.subarray(5 + length)
        onMessage(message, send)
      }
    })
    stream.on('end', () => stream.end())
    stream.on('close', () => resolve(status))
    stream.on('error', reject)
    if (first) send(first)
    if (first) stream.end()
  })
}

/** Takes a whole folder, asking for the files that `wanted` names. */
async function take(name: string, wanted: (path: string) => boolean = () => true) {
  const told: NonNullable<Packet['stat']>[] = []
  const contents = new Map<string, Buffer[]>()
  const names = new Map<number, string>()
  let waiting = 0
  let all = false
  const status = await call('/moby.filesync.v1.FileSync/DiffCopy', { 'dir-name': name }, null, (message, send) => {
    const packet = packetOf(message)
    if (packet.stat) {
      const id = told.push(packet.stat) - 1
      if (packet.stat.mode < 2 ** 20 * 16 && wanted(packet.stat.path)) {
        names.set(id, packet.stat.path)
        waiting += 1
        send(encodeMessage([[1, 1], [3, id]]))
      }
    } else if (packet.type === 0) all = true
    else if (packet.type === 2) {
      const path = names.get(packet.id) ?? ''
      if (packet.data.length === 0) waiting -= 1
      contents.set(path, [...(contents.get(path) ?? []), packet.data])
    }
    if (all && waiting === 0 && packet.type !== 3) send(encodeMessage([[1, 3]]))
  })
  return { told, status, contents: new Map([...contents].map(([path, parts]) => [path, Buffer.concat(parts).toString()])) }
}

describe('a build session', () => {
  it('exposes its methods, and says it is well', async () => {
    await open()
    expect(exposed).toMatchObject({ 'x-docker-expose-session-uuid': session.id, 'x-docker-expose-session-grpc-method': expect.arrayContaining(['/moby.filesync.v1.FileSync/DiffCopy']) as unknown })
    const answers: Uint8Array[] = []
    expect(await call('/grpc.health.v1.Health/Check', {}, new Uint8Array(0), (message) => answers.push(message))).toBe('0')
    expect(answers.map((one) => [...fieldsOf(one)])).toEqual([[{ number: 1, value: 1 }]])
    expect(await call('/moby.filesync.v1.Auth/FetchToken', {}, new Uint8Array(0), () => undefined)).toBe('12')
  })

  it('hands over the Dockerfile, and an ignore file that ignores nothing', async () => {
    await open()
    const { contents, status } = await take('dockerfile')
    expect(status).toBe('0')
    expect([...contents]).toEqual([['Dockerfile', 'FROM x\n'], ['Dockerfile.dockerignore', '#\n']])
  })

  it('tells every entry of the context and sends what is asked for', async () => {
    let sent = { bytes: 0, files: 0, done: false }
    await mkdir(join(folder, 'sub'))
    await writeFile(join(folder, 'sub/b'), 'x'.repeat(300_000))
    await writeFile(join(folder, 'a'), 'aaa', { mode: 0o640 })
    await writeFile(join(folder, 'empty'), '')
    await writeFile(join(folder, 'ignored'), 'no')
    await symlink('/etc', join(folder, 'link'))
    await open({ onProgress: (bytes, files) => (sent = { ...sent, bytes, files }), onSent: () => (sent = { ...sent, done: true }) })
    const { told, contents, status } = await take('context', (path) => path !== 'a')
    expect(status).toBe('0')
    expect(told.map(({ path, size, target }) => [path, size, target])).toEqual([['a', 3, ''], ['empty', 0, ''], ['link', 4, '/etc'], ['sub', 0, ''], ['sub/b', 300_000, '']])
    expect(told.map(({ mode }) => mode.toString(8))).toEqual(['640', '644', (2 ** 27 + 0o777).toString(8), (2 ** 31 + 0o755).toString(8), '644'])
    expect(contents.get('sub/b')).toBe('x'.repeat(300_000))
    expect(contents.has('a')).toBe(false)
    expect(sent).toEqual({ bytes: 300_000, files: 3, done: true })
  })

  it('a file that cannot be sent whole ends the call and is named', async () => {
    await writeFile(join(folder, 'big'), 'x'.repeat(5_000_000))
    await open()
    const status = await call('/moby.filesync.v1.FileSync/DiffCopy', { 'dir-name': 'context' }, null, (message, send) => {
      if (!packetOf(message).stat) return
      void truncate(join(folder, 'big'), 10).then(() => send(encodeMessage([[1, 1]])))
    })
    expect(status).toBe('2')
    expect(broken).toMatchObject({ code: 'conflict', params: { path: join(folder, 'big') } })
  })

  it('a folder that is gone ends the call although nobody asks for anything', async () => {
    await open()
    await rm(folder, { recursive: true })
    expect(await call('/moby.filesync.v1.FileSync/DiffCopy', { 'dir-name': 'context' }, null, () => undefined)).toBe('2')
    expect(broken).toMatchObject({ code: 'not-found', hint: 'build.context' })
  })

  it('answers for registries, the Hub under its own name, and not for strangers', async () => {
    await open({ login: async (registry) => (registry === 'docker.io' || registry === 'reg.test:5000' ? { username: 'me', secret: `of ${registry}` } : undefined) })
    const login = async (host: string) => {
      const found: string[] = []
      expect(await call('/moby.filesync.v1.Auth/Credentials', {}, encodeMessage([[1, host]]), (message) => found.push(...[...fieldsOf(message)].map(textOf)))).toBe('0')
      return found
    }
    expect(await login('registry-1.docker.io')).toEqual(['me', 'of docker.io'])
    expect(await login('reg.test:5000')).toEqual(['me', 'of reg.test:5000'])
    expect(await login('other.test')).toEqual([])
  })
})
