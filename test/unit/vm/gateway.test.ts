/** The engine's socket on this machine, with an engine in the guest's place. */
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { Agent, createServer, request } from 'node:http'
import type { Server } from 'node:http'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { errorFromStatus } from '../../../engine/docker/errors.ts'
import { folderGuard } from '../../../engine/providers/vm/folder-guard.ts'
import { openGateway } from '../../../engine/providers/vm/gateway.ts'
import { StartTimes } from '../../../engine/providers/vm/start-times.ts'
import type { Gateway } from '../../../engine/providers/vm/gateway.ts'

let folder = ''
let shared = ''
let engine: Server
let gateway: Gateway
let seen: string[] = []
/** A clock that goes on by what the engine takes for an answer. */
let now = 0
let takes = 0
let starts = new StartTimes()
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'naru-gate-')))
  await chmod(folder, 0o755)
  shared = join(folder, 'shared')
  await mkdir(join(shared, 'inner'), { recursive: true })
  seen = []
  starts = new StartTimes(() => now)
  engine = createServer((call, response) => {
    void text(call).then((body) => {
      seen.push(`${call.method} ${call.url} ${body.length}`)
      now += takes
      const started = /\/(fine|bad|again)\/start/.exec(call.url ?? '')?.[1]
      response.statusCode = started ? { fine: 204, bad: 500, again: 304 }[started] ?? 500 : call.url?.includes('/exec') ? 404 : 201
      response.end(started === 'fine' || started === 'again' ? undefined : '{}')
    })
  })
  engine.on('upgrade', (call, socket) => {
    seen.push(`upgrade ${call.url}`)
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
    // Half-close: what it says comes after the other side has ended.
    const said: string[] = []
    socket.on('data', (part: Buffer) => said.push(part.toString()))
    socket.on('end', () => socket.end(`heard ${said.join('')}`))
  })
  await once(engine.listen(join(folder, 'engine.sock')), 'listening')
  gateway = await openGateway(join(folder, 'docker.sock'), () => createConnection({ path: join(folder, 'engine.sock'), allowHalfOpen: true }), { rules: { ...folderGuard([shared]), seen: (head) => starts.seen(head) } })
})
afterEach(async () => {
  agent.destroy()
  await gateway.close()
  engine.closeAllConnections()
  await new Promise((resolve) => engine.close(resolve))
  await rm(folder, { recursive: true, force: true })
})

async function post(path: string, body: unknown): Promise<{ readonly status: number; readonly answer: string }> {
  const call = request({ socketPath: join(folder, 'docker.sock'), path, method: 'POST', agent, headers: { 'content-type': 'application/json' } })
  call.end(typeof body === 'string' ? body : JSON.stringify(body))
  const [response] = await once(call, 'response')
  return { status: response.statusCode, answer: await text(response) }
}
const create = (source: string, more: object = {}) => post('/v1.51/containers/create?name=x', { Image: 'bb', HostConfig: { Binds: [`${source}:/x`] }, ...more })

describe('the engine’s socket', () => {
  it('sees how long containers take to start: those that do, over the same connection, the middle of the newest five', async () => {
    const told: (number | null)[] = []
    starts.onChange(() => told.push(starts.typicalMs))
    expect(starts.typicalMs).toBeNull()
    for (const path of ['/v1.51/containers/bad/start', '/v1.51/containers/again/start', '/containers/fine/stop', '/v1.51/containers/create?name=start']) await post(path, '')
    expect(starts.typicalMs).toBeNull()
    for (const ms of [0, 200, 9_000, 100, 300, 250, 400]) {
      takes = ms
      await post('/v1.51/containers/fine/start?detachKeys=', '')
      await create(shared)
    }
    expect(told).toEqual([0, 200, 200, 200, 200, 250, 300])
  })

  it('is the owner’s alone', async () => {
    expect((await stat(join(folder, 'docker.sock'))).mode & 0o777).toBe(0o600)
  })

  it('lets through what the guest sees: shared folders, volumes, the engine’s own socket', async () => {
    for (const source of [shared, join(shared, 'inner'), join(shared, 'not there yet'), 'volume', '/var/run/docker.sock', '/run/docker.sock', '/sys/fs/cgroup', '/proc/1/root']) {
      expect({ source, ...(await create(source)) }).toMatchObject({ source, status: 201 })
    }
    expect(seen).toHaveLength(8)
  })

  it.each(['/etc', '/usr/share', '/var/lib/docker', '/', '/run', '/nowhere/at/all'])('refuses %s: nothing of this machine could be shown there', async (source) => {
    const { status, answer } = await create(source)
    expect(status).toBe(400)
    expect(JSON.parse(answer).message).toBe(`${source} of this computer cannot be shared with Naru's virtual machine. Copy what the container needs to a shared folder. Shared now: ${shared}.`)
    expect(seen).toEqual([])
  })

  it('names the folder to add, and is understood by Naru itself', async () => {
    await writeFile(join(folder, 'file'), '')
    const other = await create(join(folder, 'other'))
    expect(JSON.parse(other.answer).message).toContain(`Add ${join(folder, 'other')} to the shared folders`)
    const file = await create(join(folder, 'file'))
    expect(JSON.parse(file.answer).message).toContain(`Add ${folder} to the shared folders`)
    expect(errorFromStatus(400, other.answer)).toMatchObject({ code: 'invalid-request', hint: 'folder-not-shared', params: { path: join(folder, 'other'), folders: [shared] } })
    expect(errorFromStatus(400, (await create('/etc')).answer)).toMatchObject({ hint: 'folder-not-shared', params: { path: '/etc' } })
  })

  it('says so when a folder cannot be shared as long as Naru is root, with the way out', async () => {
    const closed = join(folder, 'closed')
    await mkdir(closed, { mode: 0o700 })
    const rules = folderGuard([shared], { uid: 4_000_001, gid: 4_000_001 })
    const head = { method: 'POST', path: '/containers/create', headers: new Map<string, string>() }
    const { refuse = '' } = await rules.judge(head, Buffer.from(JSON.stringify({ HostConfig: { Binds: [`${closed}:/x`] } })))
    expect(refuse).toContain(`to whom ${closed} is closed: put the files into a folder others may enter`)
    expect(errorFromStatus(400, JSON.stringify({ message: refuse }))).toMatchObject({ hint: 'folder-not-shared', params: { folders: [shared] } })
  })

  it('follows links: the guest would follow them in itself', async () => {
    await symlink('/etc', join(shared, 'away'))
    await symlink(join(shared, 'inner'), join(shared, 'near'))
    expect((await create(join(shared, 'away', 'ssl'))).answer).toContain('(it leads to /etc/ssl)')
    expect((await create(`${shared}/../other`)).status).toBe(400)
    expect((await create(join(shared, 'near'))).status).toBe(201)
    expect(errorFromStatus(400, (await create(join(shared, 'away'))).answer)).toMatchObject({ hint: 'folder-not-shared', params: { path: join(shared, 'away') } })
  })

  it('refuses volumes and mounts that are folders by another name', async () => {
    expect((await post('/volumes/create', { Name: 'v', DriverOpts: { type: 'none', o: 'bind', device: '/etc' } })).status).toBe(400)
    expect((await create('volume', { HostConfig: { Mounts: [{ Type: 'bind', Source: '/etc', Target: '/x' }] } })).status).toBe(400)
    expect((await post('/containers/create', 'not json')).status).toBe(201)
  })

  it('keeps connections: a refused take-over is followed by requests that are looked at', async () => {
    expect((await post('/exec/abc/start', { Detach: false })).status).toBe(404)
    expect((await create('/etc')).status).toBe(400)
    expect((await create(shared)).status).toBe(201)
  })

  it('carries a connection that is taken over, with half-close', async () => {
    const socket = createConnection({ path: join(folder, 'docker.sock'), allowHalfOpen: true })
    socket.end('POST /containers/abc/attach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello')
    expect((await text(socket)).split('\r\n\r\n')[1]).toBe('heard hello')
    expect(seen).toEqual(['upgrade /containers/abc/attach'])
  })

  it('carries long bodies', async () => {
    const body = 'x'.repeat(20_000_000)
    expect((await post('/build?t=x', body)).status).toBe(201)
    expect(seen).toEqual([`POST /build?t=x ${body.length}`])
  })
})
