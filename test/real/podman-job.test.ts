/** The same work on Podman's socket: what differs is found out by asking, and the errors name the same things. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunSpec } from '../../engine/contract/models.ts'
import { until } from '../fake-dockerd/harness.ts'
import { Page, startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { canRunPodman, startPodman } from '../support/real-engine.ts'
import type { RealEngine } from '../support/real-engine.ts'
import { buildLogWorker } from '../support/worker.ts'
import type { BuiltWorker } from '../support/worker.ts'

const WELCOME = join(fileURLToPath(new URL('../../.naru/cache', import.meta.url)), 'welcome.tar')
const MINUTE = 60_000
const IMAGE = 'naru/welcome:latest'

describe.skipIf(!canRunPodman || !existsSync(WELCOME))('work on a Podman socket', () => {
  let engine: RealEngine
  let room: EngineRoom
  let worker: BuiltWorker
  let page: Page
  let engineId = ''
  const spec = (more: Partial<RunSpec> = {}): RunSpec => ({ image: IMAGE, ports: [], env: [], volumes: [], restart: { name: 'no' }, autoRemove: false, pull: 'never', ...more })
  const idOf = (row: { result?: unknown }) => (row.result as { containerId: string }).containerId

  beforeAll(async () => {
    engine = await startPodman()
    worker = await buildLogWorker()
    room = await startEngineRoom({ env: { NARU_SOCKETS: engine.socketPath }, welcomeImage: WELCOME, logWorkerPath: worker.path })
    engineId = (await room.engines(({ currentId }) => currentId !== null)).currentId ?? ''
    page = new Page(room.link)
  }, 2 * MINUTE)

  afterAll(async () => {
    for (const id of page?.containers.keys() ?? []) await room.run('containers.remove', { engineId, id, force: true, stopFirst: false, volumes: true })
    await page?.close()
    await room?.close()
    await worker?.remove()
    await engine?.close()
  }, 2 * MINUTE)

  it('loads, runs, reads, renames, stops and removes', async () => {
    const welcome = await room.run('welcome.run', { engineId })
    expect(welcome.error).toBeUndefined()
    const id = idOf(welcome)
    await until('the running row', () => page.containers.get(id)?.state === 'running')
    expect(page.containers.get(id)).toMatchObject({ name: 'naru-welcome', image: expect.stringContaining('naru/welcome') as string })
    const detail = await room.link.call('containers.inspect', { engineId, id })
    expect(detail).toMatchObject({ name: 'naru-welcome', state: 'running', command: ['/start.sh'], ports: [{ containerPort: 80, hostIp: '127.0.0.1' }] })

    const { viewId } = await room.link.call('logs.open', { engineId, containerIds: [id], tail: 100 })
    for await (const state of room.link.stream('logs.watch', { viewId })) if (state.endLine > 0) break
    await room.link.call('logs.close', { viewId })

    expect(await room.run('containers.rename', { engineId, id, newName: 'renamed' })).toMatchObject({ status: 'succeeded' })
    await until('the new name', () => page.containers.get(id)?.name === 'renamed')
    expect(await room.run('containers.remove', { engineId, id, force: false, stopFirst: false, volumes: false })).toMatchObject({
      error: { code: 'running', params: { name: 'renamed' } },
    })
    expect(await room.run('containers.stop', { engineId, id, graceSeconds: 1 })).toMatchObject({ status: 'succeeded' })
    await until('the stopped row', () => page.containers.get(id)?.state === 'exited')
    expect(await room.run('containers.remove', { engineId, id, force: false, stopFirst: false, volumes: true })).toMatchObject({ status: 'succeeded' })
    await until('the row gone', () => !page.containers.has(id))
  }, 2 * MINUTE)

  it('names who holds a name, and who stands on an image', async () => {
    const first = await room.run('containers.create', { engineId, spec: spec({ name: 'one' }) })
    expect(first).toMatchObject({ status: 'succeeded', result: { name: 'one' } })
    const second = await room.run('containers.create', { engineId, spec: spec() })
    expect(second).toMatchObject({ status: 'succeeded', result: { name: expect.stringMatching(/^[a-z]+_[a-z]+\d*$/) as string } })
    expect(await room.run('containers.create', { engineId, spec: spec({ name: 'one' }) })).toMatchObject({ error: { code: 'name-in-use', params: { holderId: idOf(first) } } })
    expect(await room.run('containers.rename', { engineId, id: idOf(second), newName: 'one' })).toMatchObject({ error: { code: 'name-in-use', params: { holderId: idOf(first) } } })
    const removal = await room.run('images.remove', { engineId, reference: IMAGE, force: false })
    expect(removal).toMatchObject({ status: 'failed', error: { code: 'in-use', params: { holders: expect.arrayContaining(['one']) as string[] } } })
  }, 2 * MINUTE)

  it('leaves nothing of a run that cannot start', async () => {
    const bad = await room.run('containers.run', { engineId, spec: spec({ name: 'bad', command: ['/no/such/program'] }) })
    expect(bad).toMatchObject({ status: 'failed', error: { hint: 'container-removed' } })
    await until('its row gone', () => ![...page.containers.values()].some(({ name }) => name === 'bad'))
  }, 2 * MINUTE)

  it('shows an image with its layers', async () => {
    const [image] = [...page.images.values()]
    const detail = await room.link.call('images.inspect', { engineId, id: image?.id ?? '' })
    expect(detail.layers.filter(({ diffId }) => diffId !== '')).toHaveLength(3)
    expect(detail.exposedPorts).toEqual([{ port: 80, protocol: 'tcp' }])
    const disk = await room.link.call('system.disk', { engineId })
    expect(disk.imagesBytes).toBeGreaterThan(0)
  }, 2 * MINUTE)
})
