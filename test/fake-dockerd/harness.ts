/** What tests against the fake daemon share: a folder for its socket, a connected client, waiting for a condition. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectEngine } from '../../engine/docker/connect.ts'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import { startFakeDockerd } from './fake-dockerd.ts'
import type { FakeDockerd, FakeDockerdOptions } from './fake-dockerd.ts'

export interface FakeEngine {
  readonly fake: FakeDockerd
  readonly connect: () => Promise<EngineClient>
  readonly close: () => Promise<void>
}

/** A fake daemon on a socket of its own; `close` ends it and the clients. */
export async function startFakeEngine(options: Omit<FakeDockerdOptions, 'socketPath'> = {}): Promise<FakeEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-fake-'))
  const fake = await startFakeDockerd({ ...options, socketPath: join(folder, 'd.sock') })
  const clients: EngineClient[] = []
  return {
    fake,
    connect: async () => {
      const client = await connectEngine(fake.dial, { signal: AbortSignal.timeout(20_000), engineId: 'fake' })
      clients.push(client)
      return client
    },
    close: async () => {
      for (const client of clients) client.close()
      await fake.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Resolves when `condition` holds; rejects with `what` after `limitMs`. */
export async function until(what: string, condition: () => boolean, limitMs = 10_000): Promise<void> {
  const end = Date.now() + limitMs
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms for: ${what}`)
    await sleep(5)
  }
}

/** All items of a stream. */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}
