/** The socket of an engine is taken away under an open engine room: what is told, and that it comes back by itself. */
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineSummary } from '../../engine/contract/models.ts'
import { Page, startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { startFakeDockerd } from './fake-dockerd.ts'
import type { FakeDockerd } from './fake-dockerd.ts'
import { until } from './harness.ts'

/** An ordinary user's number: root may open every socket. Only this process is changed, and only in this file. */
const NOBODY = 65_534
const isRoot = process.getuid?.() === 0
if (isRoot) process.seteuid?.(NOBODY)
else console.log('the test runs as an ordinary user already')
afterAll(() => {
  if (isRoot) process.seteuid?.(0)
})

let folder: string
let fake: FakeDockerd
let room: EngineRoom
const times: number[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-socket-'))
  fake = await startFakeDockerd({ socketPath: join(folder, 'd.sock'), containers: 3, images: 1 })
  room = await startEngineRoom({ env: { NARU_SOCKETS: fake.socketPath } })
  await room.engines(({ engines }) => engines.some(({ status }) => status === 'ready'))
})
afterEach(async () => {
  await room.close()
  await fake.close()
  await rm(folder, { recursive: true, force: true })
})
afterAll(() => {
  const sorted = times.map(Math.round).sort((a, b) => a - b)
  console.log(`socket mended to the truth: n ${sorted.length}, median ${sorted[Math.floor(sorted.length / 2)]} ms, most ${sorted.at(-1)} ms`)
})

/** The engine once its trouble is told with this hint. */
const troubled = async (hint: string): Promise<EngineSummary> => {
  const { engines } = await room.engines((snapshot) => snapshot.engines.some(({ error }) => error?.hint === hint))
  return engines.find(({ error }) => error?.hint === hint) as EngineSummary
}

/** Mends, and waits until the page holds what happened meanwhile. */
async function mend(page: Page, how: () => Promise<void>): Promise<void> {
  const made = fake.world.create(undefined, 'fake/image0:latest')
  const began = performance.now()
  await how()
  await until('the page holds it', () => page.last?.sync === 'live' && page.containers.has(made.id), 5_000)
  times.push(performance.now() - began)
  await page.close()
}

describe('a socket that', () => {
  it.each([0o000, 0o600])('nobody else may open any more (mode %o) is told as such, and used again once it may be', async (mode) => {
    const page = new Page(room.link)
    await until('all rows', () => page.containers.size === 3)
    if (isRoot) process.seteuid?.(0)
    await chmod(fake.socketPath, mode)
    // Its owner is another user from here on.
    if (isRoot) await import('node:fs/promises').then(({ chown }) => chown(fake.socketPath, 0, 0))
    if (isRoot) process.seteuid?.(NOBODY)
    fake.cutAll()
    expect(await troubled('socket-owner-only')).toMatchObject({ error: { code: 'denied', params: { path: fake.socketPath } } })
    expect(page.containers.size).toBe(3)
    await mend(page, async () => {
      if (isRoot) process.seteuid?.(0)
      await chmod(fake.socketPath, 0o666)
      if (isRoot) process.seteuid?.(NOBODY)
    })
  })

  it('is gone, then a file, then back: each told apart, and the rows were there all the while', async () => {
    const page = new Page(room.link)
    await until('all rows', () => page.containers.size === 3)
    const away = `${fake.socketPath}.away`
    await rename(fake.socketPath, away)
    fake.cutAll()
    expect(await troubled('socket-missing')).toMatchObject({ status: 'unreachable', error: { params: { path: fake.socketPath } } })
    await writeFile(fake.socketPath, 'no socket')
    expect(await troubled('not-a-socket')).toMatchObject({ error: { code: 'engine.not-an-engine', params: { path: fake.socketPath } } })
    expect(page.containers.size).toBe(3)
    await mend(page, () => rename(away, fake.socketPath))
  })
})
