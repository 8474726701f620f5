/** The main job on the engine Naru brings: run offline, see it answer, read its log, stop, remove; then pull and run. */
import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunSpec } from '../../engine/contract/models.ts'
import { findDaemon } from '../../engine/providers/native/find.ts'
import { nativePaths } from '../../engine/providers/native/paths.ts'
import { until } from '../fake-dockerd/harness.ts'
import { Page, startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { canRunRegistry, startRegistry } from '../support/registry.ts'
import type { Registry } from '../support/registry.ts'
import { buildLogWorker } from '../support/worker.ts'
import type { BuiltWorker } from '../support/worker.ts'
import { mainJobSuite } from './main-job-suite.ts'

const cache = fileURLToPath(new URL('../../.naru/cache', import.meta.url))
const BUNDLE = process.env['NARU_TEST_BUNDLE'] ?? join(cache, 'engine')
const WELCOME = join(cache, 'welcome.tar')
const possible = process.getuid?.() === 0 && existsSync(join(BUNDLE, 'bin', 'dockerd')) && existsSync(WELCOME)
const MINUTE = 60_000

describe.skipIf(!possible)('the main job on the embedded engine', () => {
  let room: EngineRoom
  let worker: BuiltWorker
  let page: Page
  const engineId = 'native'
  const spec = (image: string, more: Partial<RunSpec> = {}): RunSpec => ({
    image,
    ports: [],
    env: [],
    volumes: [],
    restart: { name: 'no' },
    autoRemove: false,
    pull: 'missing',
    ...more,
  })
  const onPort = (hostPort: number) => [{ containerPort: '80', protocol: 'tcp', hostIp: '127.0.0.1', hostPort: String(hostPort) }] as const
  const remove = (id: string) => room.run('containers.remove', { engineId, id, force: true, stopFirst: false, volumes: true })

  beforeAll(async () => {
    worker = await buildLogWorker()
    // No sockets of this machine: only the embedded engine.
    room = await startEngineRoom({ bundleFolder: BUNDLE, welcomeImage: WELCOME, logWorkerPath: worker.path, env: { NARU_SOCKETS: '' }, engines: {} })
    await room.link.call('engines.select', { engineId })
    await room.engines(({ engines }) => engines.some(({ id, status }) => id === engineId && status === 'ready'))
    page = new Page(room.link)
  }, 2 * MINUTE)

  afterAll(async () => {
    await page?.close()
    const stopped = await room?.run('engines.stop', { engineId, containers: 'stop' })
    expect(stopped).toMatchObject({ status: 'succeeded' })
    await room?.close()
    await worker?.remove()
  }, 2 * MINUTE)

  mainJobSuite({ room: () => room, page: () => page, engineId })

  it('names the container or process that holds a port or a name', async () => {
    const first = await room.run('containers.run', { engineId, spec: spec('naru/welcome', { name: 'one', ports: [...onPort(18_095)] }) })
    expect(first).toMatchObject({ status: 'succeeded' })
    const { containerId } = first.result as { containerId: string }
    try {
      const ask = { engineId, hostIp: '127.0.0.1', hostPort: 18_095, protocol: 'tcp' } as const
      await until('the mirror knows', () => page.containers.get(containerId)?.state === 'running')
      expect(await room.link.call('ports.check', ask)).toMatchObject({ free: false, holder: { kind: 'container', name: 'one' }, nearestFree: expect.any(Number) as number })
      expect(await room.run('containers.run', { engineId, spec: spec('naru/welcome', { name: 'two', ports: [...onPort(18_095)] }) })).toMatchObject({
        error: { code: 'port-in-use', params: { port: 18_095, holder: 'one', holderKind: 'container' } },
      })
      expect(await room.run('containers.run', { engineId, spec: spec('naru/welcome', { name: 'one' }) })).toMatchObject({
        error: { code: 'name-in-use', params: { name: 'one', holderId: containerId } },
      })
      const server = createServer().listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      const { port } = server.address() as AddressInfo
      try {
        expect(await room.run('containers.run', { engineId, spec: spec('naru/welcome', { ports: [...onPort(port)] }) })).toMatchObject({
          error: { code: 'port-in-use', params: { port, holderKind: 'process', pid: process.pid } },
        })
      } finally {
        server.close()
      }
    } finally {
      await remove(containerId)
    }
  }, 2 * MINUTE)

  it('leaves nothing of a run that fails when it starts, and says whose the port is', async () => {
    // A stopped container keeps its port setting; started after another took the port, the engine itself refuses.
    const created = await room.run('containers.create', { engineId, spec: spec('naru/welcome', { name: 'early', ports: [...onPort(18_096)] }) })
    const early = (created.result as { containerId: string }).containerId
    const running = await room.run('containers.run', { engineId, spec: spec('naru/welcome', { name: 'late', ports: [...onPort(18_096)] }) })
    const late = (running.result as { containerId: string }).containerId
    expect(await room.run('containers.start', { engineId, id: early })).toMatchObject({
      status: 'failed',
      error: { code: 'port-in-use', params: { port: 18_096, holder: 'late', holderId: late } },
    })
    const bad = await room.run('containers.run', { engineId, spec: spec('naru/welcome', { name: 'bad', command: ['/no/such/program'] }) })
    expect(bad).toMatchObject({ status: 'failed', error: { hint: 'container-removed' } })
    await until('its row gone', () => ![...page.containers.values()].some(({ name }) => name === 'bad'))
    await remove(early)
    await remove(late)
  }, 2 * MINUTE)

  it('comes back by itself when the daemon is killed, containers unharmed', async () => {
    const row = await room.run('containers.run', { engineId, spec: spec('naru/welcome', { name: 'survivor', ports: [...onPort(18_098)] }) })
    const { containerId } = row.result as { containerId: string }
    await until('the running row', () => page.containers.get(containerId)?.state === 'running')
    const before = await room.link.call('containers.inspect', { engineId, id: containerId })
    const patches = page.seen.length
    const daemon = await findDaemon(nativePaths(await realpath(join(room.folder, 'state', 'engine'))))
    process.kill(daemon?.pid ?? Number.NaN, 'SIGKILL')
    await until('greyed rows', () => page.seen.slice(patches).some(({ sync }) => sync === 'stale'))
    await until('live rows', () => page.last?.sync === 'live', MINUTE)
    expect(page.seen.slice(patches).every(({ reset, containers }) => !reset || containers.upsert.length > 0)).toBe(true)
    const after = await room.link.call('containers.inspect', { engineId, id: containerId })
    expect([after.state, after.startedAt]).toEqual(['running', before.startedAt])
    expect((await fetch('http://127.0.0.1:18098/')).status).toBe(200)
    await remove(containerId)
  }, 2 * MINUTE)

  describe.skipIf(!canRunRegistry)('with a registry on loopback', () => {
    let registry: Registry
    beforeAll(async () => {
      registry = await startRegistry()
      await registry.seed(WELCOME, 'acme/web', '1')
    }, MINUTE)
    afterAll(() => registry?.close())

    it('pulls, again, and runs what was not there', async () => {
      const reference = `localhost:${registry.port}/acme/web:1`
      const pulled = await room.run('images.pull', { engineId, reference })
      expect(pulled).toMatchObject({ status: 'succeeded', command: `docker pull ${reference}` })
      expect(pulled.progress?.parts.length).toBeGreaterThan(0)
      expect(await room.run('images.pull', { engineId, reference })).toMatchObject({ result: { upToDate: true } })
      expect(await room.run('images.remove', { engineId, reference, force: false })).toMatchObject({ status: 'succeeded', result: { untagged: expect.arrayContaining([reference]) as string[] } })
      const row = await room.run('containers.run', { engineId, spec: spec(`${registry.host}/acme/web:1`, { name: 'pulled', ports: [...onPort(18_097)] }) })
      expect(row).toMatchObject({ status: 'succeeded' })
      await remove((row.result as { containerId: string }).containerId)
    }, 2 * MINUTE)

    it('says when the registry wants a login', async () => {
      const closed = await startRegistry(`someone:$2y$05$${'a'.repeat(53)}\n`)
      try {
        expect(await room.run('images.pull', { engineId, reference: `${closed.host}/acme/web:1` })).toMatchObject({
          status: 'failed',
          error: { code: 'unauthorized', params: { registry: closed.host } },
        })
      } finally {
        await closed.close()
      }
    }, 2 * MINUTE)

    it('says which image is unknown, and which registry is silent', async () => {
      expect(await room.run('images.pull', { engineId, reference: `${registry.host}/acme/none:1` })).toMatchObject({ status: 'failed', error: { code: 'image-not-found' } })
      const silent = await room.run('images.pull', { engineId, reference: '127.0.0.1:9/acme/web:1' })
      expect(silent).toMatchObject({ status: 'failed', error: { code: 'registry.unreachable', params: { registry: '127.0.0.1:9' } } })
    }, 2 * MINUTE)
  })
})
