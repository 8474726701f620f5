/** A page's end of a transfer never waits for an operation that has ended: it is told that nobody reads, or sends. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { startFakeDockerd } from './fake-dockerd.ts'
import type { FakeDockerd } from './fake-dockerd.ts'
import { collect } from './harness.ts'

let folder: string
let fake: FakeDockerd
let room: EngineRoom
let engineId: string
const id = 'a'.repeat(64)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-transfers-'))
  fake = await startFakeDockerd({ socketPath: join(folder, 'd.sock'), containers: 1, images: 1 })
  room = await startEngineRoom({ env: { NARU_SOCKETS: fake.socketPath } })
  engineId = (await room.engines(({ engines }) => engines.some(({ status }) => status === 'ready'))).currentId ?? ''
})
afterEach(async () => {
  await room.close()
  await fake.close()
  await rm(folder, { recursive: true, force: true })
})

/** Writes until it is told to stop. */
async function write(transferId: string): Promise<never> {
  for (;;) await room.link.call('transfers.write', { transferId, bytes: new Uint8Array(1_000) })
}

it.each([
  ['the folder could not be looked at', () => engineId],
  ['there is no such engine', () => 'none'],
])('an upload that failed before anything was read: %s', async (_why, engine) => {
  const { transferId } = await room.link.call('transfers.open', { direction: 'upload' })
  const writing = write(transferId)
  const told = expect(writing).rejects.toMatchObject({ code: 'cancelled' })
  const source = { kind: 'transfer', transferId, name: 'files.tar', sizeBytes: 10_000 } as const
  expect(await room.run('files.upload', { engineId: engine(), id, path: '/data', source, names: ['a'] })).toMatchObject({ status: 'failed' })
  await told
})

it('a download that failed before anything was sent', async () => {
  const { transferId } = await room.link.call('transfers.open', { direction: 'download' })
  const told = expect(collect(room.link.stream('transfers.read', { transferId }))).rejects.toMatchObject({ code: 'cancelled' })
  expect(await room.run('images.save', { engineId: 'none', references: ['a:1'], target: { kind: 'transfer', transferId, name: 'x.tar' } })).toMatchObject({ status: 'failed' })
  await told
})
