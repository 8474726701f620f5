/** Builds on an engine that breaks: what the person is told, and that the context ends with the request. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BuildPatch } from '../../engine/contract/models.ts'
import { connectEngine } from '../../engine/docker/connect.ts'
import { startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { startFakeDockerd } from './fake-dockerd.ts'
import type { FakeDockerd } from './fake-dockerd.ts'
import { until } from './harness.ts'

let folder: string
let fake: FakeDockerd
let room: EngineRoom
let engineId: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-builds-'))
  await writeFile(join(folder, 'Dockerfile'), 'FROM x\nRUN y\n')
  fake = await startFakeDockerd({ socketPath: join(folder, 'a.sock') })
  // The fake has no builder to call back: it is built on as on an engine without BuildKit.
  room = await startEngineRoom({
    env: { NARU_SOCKETS: fake.socketPath },
    engines: {
      providers: [],
      connect: async (dial, how) => {
        const real = await connectEngine(dial, how)
        return { ...real, capabilities: { ...real.capabilities, buildkit: false } }
      },
    },
  })
  engineId = (await room.engines(({ currentId }) => currentId !== null)).currentId ?? ''
})
afterEach(async () => {
  await room.close()
  await fake.close()
  await rm(folder, { recursive: true, force: true })
})

const arg = () => ({ engineId, spec: { folder, buildArgs: [], tags: ['a:1'], noCache: false, pull: false, labels: [] } })
const patchOf = async (buildId: string): Promise<BuildPatch | undefined> => {
  let last: BuildPatch | undefined
  for await (const patch of room.link.stream('builds.steps', { buildId })) last = patch
  return last
}
const asked = () => fake.requests.some((request) => request.startsWith('POST /build'))

describe('a build on a broken engine', () => {
  it('an answer that breaks off is a failure, never a success', async () => {
    fake.faults.cut = /POST \/build/
    const row = await room.run('builds.start', arg())
    expect(row).toMatchObject({ status: 'failed', error: { code: 'engine.unreachable' } })
    expect((await patchOf(row.id))?.build).toMatchObject({ status: 'failed', error: { code: 'engine.unreachable' } })
  })

  it('an answer that is no JSON', async () => {
    fake.faults.garbage = /POST \/build/
    expect(await room.run('builds.start', arg())).toMatchObject({ status: 'failed', error: { code: 'engine.not-an-engine' } })
  })

  it('a refusal keeps its words', async () => {
    fake.faults.fail = /POST \/build/
    const row = await room.run('builds.start', arg())
    expect(row).toMatchObject({ status: 'failed', error: { code: 'build-failed', detail: 'something broke' } })
    expect((await patchOf(row.id))?.failure).toMatchObject({ words: 'something broke', excerpt: [] })
  })

  it('an engine that never answers can be left, and one that dies is told', async () => {
    fake.faults.hang = /POST \/build/
    const id = await room.start('builds.start', arg())
    await until('the request', asked)
    await expect(room.link.call('builds.remove', { buildIds: [id] })).rejects.toMatchObject({ code: 'running' })
    await room.link.call('operations.cancel', { operationId: id })
    expect(await room.settled(id)).toMatchObject({ status: 'cancelled' })
    expect((await patchOf(id))?.build.status).toBe('cancelled')
    fake.requests.length = 0
    const other = await room.start('builds.start', arg())
    await until('the second request', asked)
    fake.cutAll()
    expect(await room.settled(other)).toMatchObject({ status: 'failed', error: { code: 'engine.unreachable' } })
    await room.link.call('builds.remove', { buildIds: [id, other] })
    for await (const { upsert } of room.link.stream('builds.watch', {})) {
      expect(upsert).toEqual([])
      break
    }
  })
})
