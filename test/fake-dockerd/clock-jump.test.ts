/** The wall clock is set a day on and a day back under an open engine room: nothing but the time of day changes. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { EnginesSnapshot } from '../../engine/contract/models.ts'
import { Page, startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { startFakeDockerd } from './fake-dockerd.ts'
import type { FakeDockerd } from './fake-dockerd.ts'
import { until } from './harness.ts'

const DAY = 86_400_000
/** Two heartbeats, five seconds apart, and what they take. */
const BEATS_MS = 15_000
/** Before anything is imported: much of the engine room keeps the function itself. */
const clock = vi.hoisted(() => {
  const wall = Date.now
  const set = { shiftMs: 0 }
  Date.now = () => wall() + set.shiftMs
  return set
})
let folder: string
let fake: FakeDockerd
let room: EngineRoom

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-clock-'))
  fake = await startFakeDockerd({ socketPath: join(folder, 'd.sock'), containers: 3, images: 1 })
  room = await startEngineRoom({ env: { NARU_SOCKETS: fake.socketPath } })
})
afterEach(async () => {
  clock.shiftMs = 0
  await room.close()
  await fake.close()
  await rm(folder, { recursive: true, force: true })
})

/** The wall clock of this process, engine and fake daemon alike; timers do not hear of it. */
const setClock = (shiftMs: number): void => void (clock.shiftMs = shiftMs)
const asked = (path: string): number => fake.requests.filter((request) => request.includes(path)).length

it('keeps its connection and its operations, and tells times by the new clock', async () => {
  const { currentId } = await room.engines(({ engines }) => engines.some(({ status }) => status === 'ready'))
  const engineId = currentId ?? ''
  const page = new Page(room.link)
  await until('all rows', () => page.last?.sync === 'live' && page.containers.size === 3)
  const snapshots: EnginesSnapshot[] = []
  const stop = new AbortController()
  const watching = (async () => {
    for await (const snapshot of room.link.stream('engines.watch', {}, { signal: stop.signal })) snapshots.push(snapshot)
  })().catch(() => undefined)
  fake.faults.hang = /images\/create/
  const pull = await room.start('images.pull', { engineId, reference: 'acme/slow:1' })
  await until('the pull reached the engine', () => asked('/images/create') === 1)
  const [streams, connections] = [asked('/events'), fake.connections()]

  for (const shift of [DAY, -DAY]) {
    setClock(shift)
    const beats = asked('/_ping')
    const made = fake.world.create(`after-${shift}`, 'fake/image0:latest')
    fake.world.start(made)
    await until('the new container runs on the page', () => page.containers.get(made.id)?.state === 'running')
    await until('its start is by the new clock', () => Math.abs((page.containers.get(made.id)?.startedAt ?? 0) - Date.now()) < 60_000)
    await until('a heartbeat after the jump', () => asked('/_ping') > beats, BEATS_MS)
  }
  expect(asked('/events')).toBe(streams)
  expect(fake.connections()).toBeLessThanOrEqual(connections + 2)
  expect(new Set(snapshots.flatMap(({ engines }) => engines.map(({ status }) => status)))).toEqual(new Set(['ready']))
  expect(page.seen.filter(({ sync }) => sync === 'stale')).toEqual([])

  await room.link.call('operations.cancel', { operationId: pull })
  const row = await room.settled(pull)
  expect(row.status).toBe('cancelled')
  // Begun before the clock was set back, it did not end before it began, nor last a day.
  expect((row.endedAt ?? 0) - row.startedAt).toBeGreaterThanOrEqual(0)
  expect((row.endedAt ?? 0) - row.startedAt).toBeLessThan(60_000)

  // Lost and found again with a clock that is behind what the engine said before.
  fake.world.create('unseen', 'fake/image0:latest')
  fake.cutAll()
  const late = fake.world.create('late', 'fake/image0:latest')
  await until('the page holds it', () => page.containers.has(late.id) && page.last?.sync === 'live')
  fake.world.start(late)
  await until('and hears of it', () => page.containers.get(late.id)?.state === 'running')
  stop.abort()
  await watching
  await page.close()
}, 60_000)
