/** Tidying up on dockerd 28, dockerd 20.10 and Podman. */
import { request } from 'node:http'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UpdateCheck } from '../../engine/contract/models.ts'
import { forecastOf, ticksOf } from '../../engine/images/prune-forecast.ts'
import { nativePaths } from '../../engine/providers/native/paths.ts'
import { until } from '../fake-dockerd/harness.ts'
import { busyboxArchive, hasBusybox } from '../support/busybox-image.ts'
import { startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { prepareNative, whyNoNative } from '../support/native.ts'
import { canRunPodman, startPodman } from '../support/real-engine.ts'
import type { RealEngine } from '../support/real-engine.ts'
import { openRegistryFront } from '../support/registry-front.ts'
import { canRunRegistry, startRegistry } from '../support/registry.ts'
import { housekeepingSuite, resultOf, rootfs } from './housekeeping-suite.ts'

const MINUTE = 60_000

describe.skipIf(whyNoNative() !== null || !hasBusybox).each(['newest', 'bookworm'] as const)('tidying up, dockerd %s', (which) => {
  let room: EngineRoom
  const engineId = 'native'

  beforeAll(async () => {
    room = await startEngineRoom({ bundleFolder: await prepareNative(which), env: { NARU_SOCKETS: '' }, engines: {} })
    await room.link.call('engines.select', { engineId })
    await room.engines(({ engines }) => engines.some(({ id, status }) => id === engineId && status === 'ready'))
  }, 6 * MINUTE)

  afterAll(async () => {
    expect(await room?.run('engines.stop', { engineId, containers: 'stop' })).toMatchObject({ status: 'succeeded' })
    await room?.close()
  }, 2 * MINUTE)

  housekeepingSuite({ room: () => room, engineId: () => engineId, podman: false })

  /** One build over the raw socket: nothing of Naru's is needed to make a cache. */
  const build = async (tag: string, files: Readonly<Record<string, string>>): Promise<string> => {
    const body = await rootfs(files)
    const { socket } = nativePaths(join(room.folder, 'state', 'engine'))
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/x-tar', 'content-length': body.length }
      const sent = request({ socketPath: socket, method: 'POST', path: `/build?version=2&t=${tag}`, headers }, (answer) => {
        let text = ''
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()))
        answer.on('end', () => (text.includes('moby.image.id') ? resolve(text) : reject(new Error(text.slice(-500)))))
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }

  it('prunes the build cache: what was forecast goes, what images share stays', async () => {
    await writeFile(join(room.folder, 'cachebase.tar'), await busyboxArchive('cachebase:1'))
    resultOf(await room.run('images.load', { engineId, source: { kind: 'path', path: join(room.folder, 'cachebase.tar') } }))
    const dockerfile = 'FROM cachebase:1 AS base\nCOPY data /d1\nFROM scratch\nCOPY --from=base /d1 /d1\nCOPY data /d2\n'
    for (const text of ['one', 'two']) await build('cached/app:1', { Dockerfile: dockerfile, data: text.repeat(50_000) })
    // What the cache also holds is not freed with its image.
    const images = await room.link.call('prune.preview', { engineId, kind: 'images', all: false })
    expect(images.items.length).toBeGreaterThan(0)
    const pruned = resultOf<'images.prune'>(await room.run('images.prune', { engineId, all: false }))
    expect(pruned.reclaimedBytes).toBe(forecastOf(images, ticksOf(images)).bytes)

    for (const all of [false, true]) {
      const before = await room.link.call('prune.preview', { engineId, kind: 'build-cache', all })
      expect(before.items.length, `all=${all}`).toBeGreaterThan(0)
      const [leaf] = before.items.filter(({ needs }) => needs.length === 0)
      const picked = resultOf<'builds.prune'>(await room.run('builds.prune', { engineId, all, only: [leaf?.id ?? ''] }))
      expect(picked).toMatchObject({ deleted: [leaf?.id], failed: [], reclaimedBytes: leaf?.sizeBytes })
      const rest = await room.link.call('prune.preview', { engineId, kind: 'build-cache', all })
      const result = resultOf<'builds.prune'>(await room.run('builds.prune', { engineId, all }))
      expect([...result.deleted].sort()).toEqual(rest.items.map(({ id }) => id).sort())
      expect(result.reclaimedBytes).toBe(forecastOf(rest, ticksOf(rest)).bytes)
    }
  }, 2 * MINUTE)

  it.skipIf(!canRunRegistry)('sees that a registry has something newer, asks politely, and tells its failures apart', async () => {
    const registry = await startRegistry()
    const front = await openRegistryFront(registry.port)
    try {
      const archive = join(room.folder, 'cachebase.tar')
      const [reference, other] = [`${front.host}/shop/web:1`, `${front.host}/shop/other:1`]
      await registry.seed(archive, 'shop/web', '1')
      await registry.seed(archive, 'shop/other', '1')
      const look = async (name: string) => (await room.link.call('images.look-up', { engineId, reference: name })).state
      expect(await look(reference)).toBe('there')
      expect(await look(`${front.host}/shop/web:none`)).toBe('missing')
      expect(await look(`${front.host}/shop/none:1`)).toBe('missing')
      const pulled = resultOf<'images.pull'>(await room.run('images.pull', { engineId, reference }))
      resultOf(await room.run('images.pull', { engineId, reference: other }))
      resultOf(await room.run('images.tag', { engineId, source: 'cachebase:1', target: 'only/here:1' }))
      const check = async (references: readonly string[], fresh = false): Promise<ReadonlyMap<string, UpdateCheck>> => {
        const found = new Map<string, UpdateCheck>()
        for await (const item of room.link.stream('images.updates', { engineId, references, fresh })) found.set(item.reference, item)
        return found
      }
      const first = await check([reference, 'only/here:1'])
      expect(first.get(reference)).toMatchObject({ state: 'current', imageId: pulled.imageId })
      expect(first.get('only/here:1')).toMatchObject({ state: 'local' })

      // Pushed anew: the first answer is kept, a fresh question (seconds later) finds it.
      await writeFile(join(room.folder, 'newer.tar'), await busyboxArchive('newer:1', { Labels: { release: 'two' } }))
      await registry.seed(join(room.folder, 'newer.tar'), 'shop/web', '1')
      const asked = front.asked
      expect((await check([reference])).get(reference)).toMatchObject({ state: 'current' })
      expect(front.asked).toBe(asked)
      const askedAt = first.get(reference)?.checkedAt ?? 0
      await until('a fresh question is allowed', () => Date.now() - askedAt > 3_000)
      const newer = (await check([reference], true)).get(reference)
      expect(newer).toMatchObject({ state: 'newer', imageId: pulled.imageId })
      const again = resultOf<'images.pull'>(await room.run('images.pull', { engineId, reference }))
      expect(again.imageId).not.toBe(pulled.imageId)
      expect((await check([reference])).get(reference)).toMatchObject({ state: 'current', imageId: again.imageId, remoteDigest: newer?.remoteDigest })

      // A failure is kept for a moment only; each mood is asked about another way round: fresh, seconds apart.
      let last = 0
      const failure = async (): Promise<UpdateCheck | undefined> => {
        await until('a fresh question is allowed', () => Date.now() - last > 3_000)
        const item = (await check([other], true)).get(other)
        last = item?.checkedAt ?? 0
        return item
      }
      for (const [mood, code] of [['gone', 'image-not-found'], ['limited', 'rate-limited'], ['unauthorized', 'unauthorized']] as const) {
        front.mood = mood
        expect(await failure(), mood).toMatchObject({ state: 'failed', error: { code } })
      }
      expect(await look(`${front.host}/team/private:1`)).toBe('refused')
      await front.close()
      expect(await look(`${front.host}/shop/web:2`)).toBe('unreachable')
      expect(await failure()).toMatchObject({ state: 'failed', error: { code: 'registry.unreachable' } })
    } finally {
      await front.close()
      await registry.close()
    }
  }, 2 * MINUTE)
})

describe.skipIf(!canRunPodman || !hasBusybox)('tidying up, Podman', () => {
  let engine: RealEngine
  let room: EngineRoom
  let engineId = ''

  beforeAll(async () => {
    engine = await startPodman()
    room = await startEngineRoom({ env: { NARU_SOCKETS: engine.socketPath } })
    engineId = (await room.engines(({ currentId }) => currentId !== null)).currentId ?? ''
  }, 2 * MINUTE)

  afterAll(async () => {
    await room?.close()
    await engine?.close()
  }, 2 * MINUTE)

  housekeepingSuite({ room: () => room, engineId: () => engineId, podman: true })

  it('says that it has neither a build cache nor a way to ask registries', async () => {
    await expect(room.link.call('prune.preview', { engineId, kind: 'build-cache', all: false })).rejects.toMatchObject({ code: 'unsupported', hint: 'no-build-cache' })
    const ask = async () => {
      for await (const item of room.link.stream('images.updates', { engineId, references: ['bb:1'], fresh: false })) void item
    }
    await expect(ask()).rejects.toMatchObject({ code: 'unsupported', hint: 'no-distribution' })
    expect(await room.link.call('images.look-up', { engineId, reference: 'registry.example/bb:1' })).toEqual({ state: 'unknown' })
  })
})
