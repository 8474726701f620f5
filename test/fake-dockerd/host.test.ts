import { join } from 'node:path'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineEvent, RunSpec } from '../../engine/contract/models.ts'
import { Page, startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { startHub } from '../support/hub.ts'
import { startFakeDockerd } from './fake-dockerd.ts'
import type { FakeDockerd } from './fake-dockerd.ts'
import { until } from './harness.ts'

let folder: string
let fake: FakeDockerd
let room: EngineRoom
let engineId: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-host-'))
  fake = await startFakeDockerd({ socketPath: join(folder, 'a.sock'), containers: 3, images: 2 })
  room = await startEngineRoom({ env: { NARU_SOCKETS: fake.socketPath } })
  engineId = (await room.engines(({ currentId }) => currentId !== null)).currentId ?? ''
})
afterEach(async () => {
  await room.close()
  await fake.close()
  await rm(folder, { recursive: true, force: true })
})

const spec: RunSpec = { image: '', name: 'web', ports: [], env: [], volumes: [], restart: { name: 'no' }, autoRemove: false, pull: 'missing' }
const someImage = () => [...fake.world.images.values()][0]?.tags[0] ?? ''

describe('an engine room on one engine', () => {
  it('says who it is', async () => {
    expect(await room.link.call('app.info', {})).toMatchObject({ version: '0.0.0-test', shell: 'headless', platform: process.platform })
  })

  it('mirrors rows, from a click to the changed row', async () => {
    const page = new Page(room.link)
    await until('all rows', () => page.last?.sync === 'live' && page.containers.size === 3 && page.images.size === 2)
    const row = await room.run('containers.run', { engineId, spec: { ...spec, image: someImage() } })
    expect(row).toMatchObject({
      status: 'succeeded',
      subject: 'web',
      command: `docker run -d --name web ${someImage()}`,
      result: { name: 'web', warnings: ['fake warning'] },
    })
    const { containerId } = row.result as { containerId: string }
    expect(row.targets[0]).toBe(containerId)
    await until('the running row', () => page.containers.get(containerId)?.state === 'running')
    expect(await room.run('containers.stop', { engineId, id: containerId })).toMatchObject({ status: 'succeeded', command: 'docker stop web' })
    await until('the stopped row', () => page.containers.get(containerId)?.state === 'exited')
    await room.run('containers.remove', { engineId, id: containerId, force: false, stopFirst: false, volumes: false })
    await until('the row gone', () => !page.containers.has(containerId))
    const revisions = page.seen.map(({ revision }) => revision)
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b))
    await page.close()
  })

  it('names who has the name, before and as told by the engine', async () => {
    const image = someImage()
    await room.run('containers.run', { engineId, spec: { ...spec, image } })
    const again = await room.run('containers.run', { engineId, spec: { ...spec, image } })
    expect(again).toMatchObject({ status: 'failed', error: { code: 'name-in-use', engineId, operationId: again.id, params: { name: 'web', holder: 'web' } } })
  })

  it('refuses to remove what runs, unless it is stopped first', async () => {
    const { result } = await room.run('containers.run', { engineId, spec: { ...spec, image: someImage() } })
    const id = (result as { containerId: string }).containerId
    const how = { force: false, stopFirst: false, volumes: false }
    expect(await room.run('containers.remove', { engineId, id, ...how })).toMatchObject({ error: { code: 'running', params: { name: 'web' } } })
    expect(await room.run('containers.remove', { engineId, id, ...how, stopFirst: true })).toMatchObject({ status: 'succeeded' })
    expect(fake.world.findContainer(id)).toBeUndefined()
  })

  it('pulls with progress and tells a failure as what it is', async () => {
    const pulled = await room.run('images.pull', { engineId, reference: 'acme/tool:1' })
    expect(pulled).toMatchObject({ status: 'succeeded', command: 'docker pull acme/tool:1', result: { upToDate: false } })
    expect(pulled.progress?.parts.map(({ state }) => state)).toEqual(['done', 'done', 'done'])
    fake.faults.pullError = 'manifest for acme/none:latest not found: manifest unknown'
    const failed = await room.run('images.pull', { engineId, reference: 'acme/none' })
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'image-not-found', params: { reference: 'acme/none:latest' } } })
    fake.faults.pullError = null
    const { operationId } = await room.link.call('operations.retry', { operationId: failed.id })
    expect(await room.settled(operationId)).toMatchObject({ status: 'succeeded' })
  })

  it('keeps the rows, greyed, while the engine is away, and never shows an empty list on its return', async () => {
    const page = new Page(room.link)
    await until('all rows', () => page.last?.sync === 'live' && page.containers.size === 3)
    await fake.crash()
    await until('stale', () => page.last?.sync === 'stale')
    expect(page.containers.size).toBe(3)
    await expect(room.link.call('containers.inspect', { engineId, id: 'x' })).rejects.toMatchObject({ code: 'engine.unreachable' })
    const second = new Page(room.attach())
    await until('a new page sees the old rows', () => second.last?.sync === 'stale' && second.containers.size === 3)
    fake.world.create('late', someImage())
    await fake.listen()
    await until('live again', () => page.last?.sync === 'live' && page.containers.size === 4, 20_000)
    const resets = page.seen.filter(({ reset }) => reset).map(({ containers }) => containers.upsert.length)
    expect(resets.slice(1)).toEqual([4])
    await page.close()
    await second.close()
  }, 30_000)

  it('numbers events through', async () => {
    const stop = new AbortController()
    const events: EngineEvent[] = []
    const reading = (async () => {
      for await (const event of room.link.stream('events.watch', {}, { signal: stop.signal })) events.push(event)
    })().catch(() => undefined)
    await until('the mirror follows', () => fake.requests.some((request) => request.includes('/events')))
    await new Promise((resolve) => setTimeout(resolve, 50))
    const container = fake.world.create('eventful', someImage())
    fake.world.start(container)
    await until('two events', () => events.length >= 2)
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_event, index) => index + 1))
    expect(events[0]).toMatchObject({ type: 'container', action: 'create', name: 'eventful' })
    stop.abort()
    await reading
  })

  it('gives figures of running containers only while asked', async () => {
    const running = [...fake.world.containers.values()].find(({ state }) => state === 'running') ?? fake.world.create('s', someImage())
    fake.world.start(running)
    let seen = 0
    for await (const stats of room.link.stream('stats.watch', { engineId, ids: [running.id] })) {
      expect(stats).toMatchObject({ id: running.id, memoryBytes: expect.any(Number) as number })
      if (++seen === 2) break
    }
  })

  it('refuses what makes no sense with a clear code', async () => {
    await expect(room.link.call('containers.inspect', { engineId: 'nobody', id: 'x' })).rejects.toMatchObject({ code: 'not-found' })
    await expect(room.link.call('operations.cancel', { operationId: 'nobody' })).rejects.toMatchObject({ code: 'not-found' })
    expect(await room.run('images.pull', { engineId, reference: 'Not Valid' })).toMatchObject({ error: { code: 'invalid-reference' } })
    const out = await room.run('containers.run', { engineId, spec: { ...spec, image: someImage(), ports: [{ containerPort: '80', protocol: 'tcp', hostIp: '', hostPort: '99999' }] } })
    expect(out).toMatchObject({ error: { code: 'invalid-request', params: { field: 'ports' } } })
  })

  it('asks the Hub of the settings', async () => {
    const hub = await startHub()
    try {
      await room.link.call('settings.update', { patch: { hubUrl: hub.url } })
      expect(await room.link.call('hub.search', { engineId, query: 'nginx', page: 1, pageSize: 5 })).toMatchObject({ total: 57, source: 'hub' })
      expect(await room.link.call('hub.tags', { repository: 'nginx', page: 1, pageSize: 5, filter: '' })).toMatchObject({ total: 33 })
    } finally {
      await hub.close()
    }
  })

  it('checks and probes ports', async () => {
    const ask = { engineId, hostIp: '127.0.0.1', hostPort: 1, protocol: 'tcp' } as const
    expect(await room.link.call('ports.check', ask)).toMatchObject({ free: true })
    expect(await room.link.call('ports.probe', { engineId })).toMatchObject({ ports: expect.any(Array) as unknown[] })
  })

  it('cancels a pull, in the engine too', async () => {
    fake.faults.hang = /images\/create/
    const id = await room.start('images.pull', { engineId, reference: 'acme/slow' })
    await until('the pull reached the engine', () => fake.requests.some((request) => request.includes('/images/create')))
    const before = fake.connections()
    await room.link.call('operations.cancel', { operationId: id })
    expect(await room.settled(id)).toMatchObject({ status: 'cancelled', cancellable: false })
    await until('its connection is gone', () => fake.connections() < before)
    fake.faults.hang = null
    const pulls = ['a', 'b', 'c'].map((name) => room.run('images.pull', { engineId, reference: `acme/${name}` }))
    expect((await Promise.all(pulls)).map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded'])
  })

  it('survives a page that goes while the room opens', async () => {
    const early = await startEngineRoom()
    early.link.close()
    expect(await early.attach().call('app.info', {})).toMatchObject({ version: '0.0.0-test' })
    await early.close()
  })

  it('says when its state folder cannot be made, and closes its pages', async () => {
    const lines: string[] = []
    const broken = await startEngineRoom({ stateFolder: '/dev/null/naru', log: (line) => lines.push(line) })
    await broken.link.closed
    expect(lines.join()).toContain('cannot open')
    await broken.close()
  })

  it('ends what runs when it closes', async () => {
    fake.faults.hang = /images\/create/
    const id = await room.start('images.pull', { engineId, reference: 'acme/slow' })
    const started = Date.now()
    const ended = room.settled(id).catch((error: unknown) => error)
    await room.close()
    await ended
    expect(Date.now() - started).toBeLessThan(3_000)
    expect(fake.connections()).toBe(0)
    room = await startEngineRoom()
  })
})

describe('an engine room on two engines', () => {
  it('leads pages from one to the other', async () => {
    const other = await startFakeDockerd({ socketPath: join(folder, 'b.sock'), containers: 5 })
    const both = await startEngineRoom({ env: { NARU_SOCKETS: `${fake.socketPath}:${other.socketPath}` } })
    try {
      const { engines } = await both.engines((snapshot) => snapshot.engines.filter(({ status }) => status === 'ready').length === 2)
      const page = new Page(both.link)
      await until('the first', () => page.last?.sync === 'live' && page.containers.size === 3)
      const second = engines.find(({ id }) => id !== page.last?.engineId)?.id ?? ''
      await both.link.call('engines.select', { engineId: second })
      await until('the second', () => page.last?.engineId === second && page.last.sync === 'live' && page.containers.size === 5)
      await page.close()
    } finally {
      await both.close()
      await other.close()
    }
  })
})
