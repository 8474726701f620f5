/** Shared and unique bytes, writable layers and directories of layers, as the engines themselves count and keep them. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImageRow, ImageStack } from '../../engine/contract/models.ts'
import { connectEngine } from '../../engine/docker/connect.ts'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import { imageIdOf } from '../../engine/state/normalise.ts'
import { dialSocket } from '../fake-dockerd/fake-dockerd.ts'
import { collect, until } from '../fake-dockerd/harness.ts'
import { busyboxArchive, hasBusybox } from '../support/busybox-image.ts'
import { Page, startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { BUNDLES } from '../support/native.ts'
import { canRunDockerd, canRunPodman, startDockerd, startPodman } from '../support/real-engine.ts'
import type { RealEngine } from '../support/real-engine.ts'
import { stackArchive } from '../support/stack-image.ts'
import type { StackStep } from '../support/stack-image.ts'

const MINUTE = 60_000
const soon = () => AbortSignal.timeout(MINUTE)
const layer = (name: string, bytes: number): StackStep => ({ instruction: `COPY ${name} /`, files: { [name]: Buffer.alloc(bytes, name) } })
const base = layer('base', 1_000_000)
const tools = layer('tools', 300_000)
const site = layer('site', 50_000)
const env: StackStep = { instruction: 'ENV A=b' }
const BOX = 'localhost/stack/box:1'

/** The site lies on the tools in one image and on the bare base in another: same diff id, stored twice. */
const IMAGES: Readonly<Record<string, readonly StackStep[]>> = {
  'localhost/stack/base:1': [base, env],
  'localhost/stack/tools:1': [base, env, tools],
  'localhost/stack/site:1': [base, tools, env, site],
  'localhost/stack/bare:1': [base, site],
}

interface World {
  engine: RealEngine
  client: EngineClient
  room: EngineRoom
  engineId: string
  image: (tag: string) => ImageRow
  stack: (tag: string) => Promise<ImageStack>
}

async function load(client: EngineClient, archive: Buffer): Promise<void> {
  async function* upload(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < archive.length; at += 65_536) yield archive.subarray(at, at + 65_536)
  }
  await collect(client.loadImage(upload(), { signal: soon() }))
}

function suite(start: () => Promise<RealEngine>): World {
  const world = {} as World
  let page: Page

  beforeAll(async () => {
    world.engine = await start()
    world.client = await connectEngine(() => dialSocket(world.engine.socketPath), { signal: soon(), engineId: 'real' })
    for (const [tag, steps] of Object.entries(IMAGES)) await load(world.client, await stackArchive(tag, steps))
    await load(world.client, await busyboxArchive(BOX))
    world.room = await startEngineRoom({ env: { NARU_SOCKETS: world.engine.socketPath } })
    world.engineId = (await world.room.engines(({ currentId }) => currentId !== null)).currentId ?? ''
    page = new Page(world.room.link)
    await until('the images', () => page.images.size === 5, MINUTE)
    world.image = (tag) => {
      const found = [...page.images.values()].find(({ tags }) => tags.includes(tag))
      if (!found) throw new Error(`no image ${tag}`)
      return found
    }
    world.stack = (tag) => world.room.link.call('stacks.image', { engineId: world.engineId, id: world.image(tag).id })
  }, 2 * MINUTE)

  afterAll(async () => {
    await page?.close()
    await world.room?.close()
    for (const { Id } of (await world.client?.listContainers({ all: true })) ?? []) await world.client.removeContainer(Id, { force: true, volumes: true })
    world.client?.close()
    await world.engine?.close()
  }, 2 * MINUTE)

  it('names the images that share a layer by its chain, not by its diff id alone', async () => {
    const names = new Map(Object.keys(IMAGES).map((tag) => [world.image(tag).id, tag.replace(/^.*stack\/(.*):1$/, '$1')]))
    const seen = async (tag: string) => (await world.stack(tag)).layers.map(({ sharedWith }) => sharedWith.map((id) => names.get(id)).sort())
    expect(await seen('localhost/stack/site:1')).toEqual([['bare', 'base', 'tools'], ['tools'], []])
    expect(await seen('localhost/stack/bare:1')).toEqual([['base', 'site', 'tools'], []])
    const [onTools, onBase] = [await world.stack('localhost/stack/site:1'), await world.stack('localhost/stack/bare:1')]
    expect(onTools.layers[2]?.diffId).toBe(onBase.layers[1]?.diffId)
    expect(onTools.layers[2]?.chainId).not.toBe(onBase.layers[1]?.chainId)
  })

  it('tells the directory of every layer, with the file in it that the layer added', async () => {
    const { layers } = await world.room.link.call('images.inspect', { engineId: world.engineId, id: world.image('localhost/stack/site:1').id })
    const told = layers.filter(({ diffId }) => diffId !== '').map(({ directory }) => directory ?? '')
    expect(await Promise.all(told.map(async (path) => (await readdir(path)).filter((name) => name !== 'dev' && name !== 'proc' && name !== 'sys')))).toEqual([['base'], ['tools'], ['site']])
    expect(layers.find(({ diffId }) => diffId === '')?.directory).toBeUndefined()
  })

  it.skipIf(!hasBusybox)('measures what a container wrote, of those asked for alone', async () => {
    const body = { Image: BOX, HostConfig: { NetworkMode: 'none' } }
    const { Id: writer } = await world.client.createContainer({ ...body, Cmd: ['sh', '-c', 'seq 100000 > /written'] }, { name: 'writer' })
    const { Id: idle } = await world.client.createContainer({ ...body, Cmd: ['true'] }, { name: 'idle' })
    await world.client.startContainer(writer)
    await until('the end of the writer', () => page.containers.get(writer)?.state === 'exited', MINUTE)
    const { layers } = await world.room.link.call('stacks.writable', { engineId: world.engineId, ids: [writer] })
    expect(layers.map(({ id }) => id)).toEqual([writer])
    expect(layers[0]?.writableBytes).toBeGreaterThanOrEqual(588_895)
    expect(layers[0]?.writableBytes).toBeLessThan(600_000)
    const both = await world.room.link.call('stacks.writable', { engineId: world.engineId, ids: [writer, idle, 'f'.repeat(64)] })
    expect(both.layers).toHaveLength(2)
  }, MINUTE)
  return world
}

describe.skipIf(!canRunDockerd)('stacks on Docker (needs root, dockerd, containerd)', () => {
  const world = suite(startDockerd)

  it('counts as the engine does: system df, image by image and in all', async () => {
    const [sums, df] = [await world.room.link.call('stacks.sums', { engineId: world.engineId }), await world.client.diskUsage()]
    expect(sums.totalBytes).toBe(df.LayersSize)
    expect(sums.uniqueBytes + sums.sharedBytes).toBe(sums.totalBytes)
    for (const { Id, SharedSize = -1, Size = -1 } of df.Images ?? []) {
      expect(sums.images[imageIdOf(Id)]).toEqual({ sharedBytes: SharedSize, uniqueBytes: Size - SharedSize, platform: expect.stringMatching(/^linux\/[a-z0-9]+/) })
    }
    expect(Object.keys(sums.images)).toHaveLength(df.Images?.length ?? -1)
    expect(sums.images[world.image('localhost/stack/site:1').id]).toEqual({ sharedBytes: 1_300_000, uniqueBytes: 50_000, platform: expect.stringMatching(/^linux\/[a-z0-9]+/) })
    const disk = await world.room.link.call('system.disk', { engineId: world.engineId })
    expect(disk.imagesBytes).toBe(sums.totalBytes)
  })

  it.skipIf(!existsSync(join(BUNDLES.newest, 'bin/docker')))('shows the bytes that docker system df -v prints', async () => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: '/nowhere', DOCKER_HOST: `unix://${world.engine.socketPath}` }
    const { stdout } = await promisify(execFile)(join(BUNDLES.newest, 'bin/docker'), ['system', 'df', '-v'], { env, timeout: MINUTE })
    const line = stdout.split('\n').find((text) => text.startsWith('localhost/stack/site')) ?? ''
    expect(line).toMatch(/1\.35MB\s+1\.3MB\s+50kB/)
  })
})

describe.skipIf(!canRunPodman)('stacks on Podman (needs root, podman, runc)', () => {
  const world = suite(startPodman)

  /** Bytes of the files in a directory and below, the mount points of containers left out. */
  async function bytesBelow(folder: string): Promise<number> {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true })
    const sizes = await Promise.all(entries.filter((entry) => entry.isFile()).map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size))
    return sizes.reduce((sum, size) => sum + size, 0)
  }

  it('counts each layer once, where its own system df knows only parents; the disk holds as much', async () => {
    const [sums, df] = [await world.room.link.call('stacks.sums', { engineId: world.engineId }), await world.client.diskUsage()]
    for (const { Id, Size = -1 } of df.Images ?? []) {
      const share = sums.images[imageIdOf(Id)]
      expect((share?.sharedBytes ?? 0) + (share?.uniqueBytes ?? 0)).toBe(Size)
    }
    const details = await Promise.all(Object.keys(sums.images).map((id) => world.room.link.call('images.inspect', { engineId: world.engineId, id })))
    const folders = new Set(details.flatMap(({ layers }) => layers.flatMap(({ directory }) => directory ?? [])))
    expect(folders.size).toBe(sums.layerCount)
    const onDisk = (await Promise.all([...folders].map(bytesBelow))).reduce((sum, bytes) => sum + bytes, 0)
    // Podman counts a layer as its tar: blocks of 512 bytes with a header for each file.
    expect(sums.totalBytes).toBeGreaterThanOrEqual(onDisk)
    expect(sums.totalBytes).toBeLessThan(onDisk * 1.02)
    const disk = await world.room.link.call('system.disk', { engineId: world.engineId })
    expect(disk.imagesBytes).toBe(sums.totalBytes)
    expect(disk.sharedByImage[world.image('localhost/stack/site:1').id]).toBe(sums.images[world.image('localhost/stack/site:1').id]?.sharedBytes)
  })
})
