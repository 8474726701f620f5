/** Base images that need a login, from a registry on this machine, with BuildKit (asks for the login) and classic (is sent it). */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectEngine } from '../../engine/docker/connect.ts'
import { specOf } from '../support/build-room.ts'
import { busyboxArchive, hasBusybox } from '../support/busybox-image.ts'
import { startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { prepareNative, whyNoNative } from '../support/native.ts'
import { canRunRegistry, startRegistry } from '../support/registry.ts'
import type { Registry } from '../support/registry.ts'

const MINUTE = 60_000
const LOGIN = `Basic ${Buffer.from('someone:secret word').toString('base64')}`
const engineId = 'native'

/** The registry behind a door that wants the login. */
async function lock(registry: Registry): Promise<{ host: string; server: Server }> {
  const server = createServer((asked, answer) => {
    if (asked.headers.authorization !== LOGIN) {
      answer.writeHead(401, { 'www-authenticate': 'Basic realm="test"', 'docker-distribution-api-version': 'registry/2.0' }).end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}')
      return
    }
    const { authorization: _login, ...headers } = asked.headers
    const passed = request({ host: '127.0.0.1', port: registry.port, method: asked.method, path: asked.url, headers }, (real) => {
      answer.writeHead(real.statusCode ?? 500, real.headers)
      real.pipe(answer)
    })
    passed.on('error', () => answer.destroy())
    asked.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

describe.skipIf(whyNoNative() !== null || !hasBusybox || !canRunRegistry)('private base images', () => {
  let room: EngineRoom
  let registry: Registry
  let door: { host: string; server: Server }
  let folder: string
  let classic = false

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'naru-private-'))
    registry = await startRegistry()
    await writeFile(join(folder, 'base.tar'), await busyboxArchive('base:1'))
    for (const tag of ['kit', 'old']) await registry.seed(join(folder, 'base.tar'), 'shop/base', tag)
    door = await lock(registry)
    room = await startEngineRoom({
      bundleFolder: await prepareNative('newest'),
      env: { NARU_SOCKETS: '', DOCKER_CONFIG: join(folder, 'config') },
      engines: {
        connect: async (dial, how) => {
          const real = await connectEngine(dial, how)
          // Read anew at each build: one engine, both of its builders.
          return Object.defineProperty({ ...real }, 'capabilities', { enumerable: true, get: () => ({ ...real.capabilities, buildkit: !classic }) })
        },
      },
    })
    await room.link.call('engines.select', { engineId })
    await room.engines(({ engines }) => engines.some(({ id, status }) => id === engineId && status === 'ready'))
  }, 6 * MINUTE)
  afterAll(async () => {
    await room?.run('engines.stop', { engineId, containers: 'stop' })
    await room?.close()
    door?.server.close()
    await registry?.close()
    await rm(folder, { recursive: true, force: true })
  }, 2 * MINUTE)

  it.each([['BuildKit', 'kit', false], ['classic', 'old', true]] as const)('%s: refused without a login, built with it', async (_builder, tag, old) => {
    classic = old
    const place = await mkdtemp(join(folder, 'c-'))
    await writeFile(join(place, 'Dockerfile'), `FROM ${door.host}/shop/base:${tag}\nRUN echo inside ${tag}\n`)
    await rm(join(folder, 'config'), { recursive: true, force: true })
    const refused = await room.run('builds.start', { engineId, spec: specOf(place) })
    expect(refused).toMatchObject({ status: 'failed', error: { code: 'unauthorized', params: { line: 1 } } })
    await mkdir(join(folder, 'config'), { recursive: true })
    await writeFile(join(folder, 'config/config.json'), JSON.stringify({ auths: { [door.host]: { auth: LOGIN.slice(6) } } }))
    const row = await room.run('builds.start', { engineId, spec: specOf(place, { tags: [`from-private:${tag}`] }) })
    expect(row.error?.detail).toBeUndefined()
    expect(row.status).toBe('succeeded')
    expect(JSON.stringify([refused, row, ...room.lines])).not.toContain('secret word')
  }, 2 * MINUTE)

  it('a registry that has logins checked elsewhere is told by its reason, as at a pull', async () => {
    classic = false
    const asked: string[] = []
    const elsewhere = createServer((question, answer) => void answer.end(void asked.push(question.url ?? '')))
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    // The same place by another name: no port makes a place foreign.
    const realm = `localhost:${(elsewhere.address() as AddressInfo).port}`
    const front = createServer((_request, answer) => void answer.writeHead(401, { 'www-authenticate': `Bearer realm="http://${realm}/token",service="shop"` }).end())
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
    const host = `127.0.0.1:${(front.address() as AddressInfo).port}`
    const place = await mkdtemp(join(folder, 'c-'))
    await writeFile(join(place, 'Dockerfile'), `FROM ${host}/shop/base:1\n`)
    await mkdir(join(folder, 'config'), { recursive: true })
    await writeFile(join(folder, 'config/config.json'), JSON.stringify({ auths: { [host]: { auth: LOGIN.slice(6) } } }))
    const row = await room.run('builds.start', { engineId, spec: specOf(place) })
    front.close()
    elsewhere.close()
    expect(row).toMatchObject({ status: 'failed', error: { code: 'denied', hint: 'registry.realm-foreign', params: { registry: host, realm } } })
    expect(asked).toEqual([])
  }, 2 * MINUTE)
})
