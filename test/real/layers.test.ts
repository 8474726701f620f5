/** Layer contents against real engines: images made in the test, contents compared with what the engine itself copies out. */
import { request } from 'node:http'
import { readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { extract } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LayerAnalysis, LayerEntry } from '../../engine/contract/models.ts'
import { imageIdOf } from '../../engine/state/normalise.ts'
import { connectEngine } from '../../engine/docker/connect.ts'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import { dialSocket } from '../fake-dockerd/fake-dockerd.ts'
import { collect, until } from '../fake-dockerd/harness.ts'
import { hasBusybox } from '../support/busybox-image.ts'
import { Page, startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { imageArchive } from '../support/image-archive.ts'
import type { Step } from '../support/image-archive.ts'
import { prepareNative, whyNoNative } from '../support/native.ts'
import { canRunDockerd, canRunPodman, startDockerd, startPodman } from '../support/real-engine.ts'
import type { RealEngine } from '../support/real-engine.ts'
import { buildLayerWorker } from '../support/worker.ts'
import type { BuiltWorker } from '../support/worker.ts'

const TAG = 'localhost/naru-test/layers:1'
const BIG = Buffer.alloc(3_000_000, 'a long line of text\n')

const STEPS: readonly Step[] = [
  {
    command: 'ADD base',
    entries: [
      { name: 'bin/', type: 'directory', mode: 0o755 },
      { name: 'bin/busybox', mode: 0o755, content: hasBusybox ? readFileSync('/bin/busybox') : '' },
      { name: 'bin/sh', type: 'symlink', linkname: 'busybox' },
      { name: 'data/', type: 'directory', mode: 0o750, uid: 7, gid: 8 },
      { name: 'data/big', content: BIG, mode: 0o640 },
      { name: 'data/again', type: 'link', linkname: 'data/big' },
      { name: 'data/old', content: 'old' },
      { name: 'data/full/', type: 'directory' },
      { name: 'data/full/one', content: '1' },
      { name: 'data/full/two', content: '22' },
      { name: 'data/gone/', type: 'directory' },
      { name: 'data/gone/deep/', type: 'directory' },
      { name: 'data/gone/deep/file', content: 'gone' },
      { name: 'data/link', type: 'symlink', linkname: '/etc/passwd' },
      { name: `data/${'n'.repeat(120)}`, content: 'long' },
      { name: 'data/한글', content: 'name' },
    ],
  },
  { command: 'ENV A=b' },
  { command: 'COPY old', entries: [{ name: 'data/', type: 'directory', mode: 0o750, uid: 7, gid: 8 }, { name: 'data/old', content: 'changed' }] },
]
const CHANGE = 'busybox rm -rf /data/gone /data/full; busybox mkdir /data/full; echo new > /data/full/three; busybox touch /data/empty'

interface Case {
  readonly name: string
  readonly can: boolean
  readonly start: () => Promise<RealEngine>
  /** Podman's copy gives all files to root. */
  readonly copiesOwners: boolean
}

const CASES: readonly Case[] = [
  { name: 'Docker 28', can: canRunDockerd, start: () => startDockerd(), copiesOwners: true },
  { name: 'Docker 28 with the store of containerd', can: canRunDockerd, start: () => startDockerd(undefined, ['--feature', 'containerd-snapshotter=true']), copiesOwners: true },
  { name: 'Docker 20.10', can: canRunDockerd && whyNoNative() === null, start: async () => startDockerd(await prepareNative('bookworm')), copiesOwners: true },
  { name: 'Podman', can: canRunPodman, start: () => startPodman(), copiesOwners: false },
]

/** Answer of the engine to a request that Naru itself never makes. */
function ask(socketPath: string, method: string, path: string, body?: object): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path, headers: body ? { 'content-type': 'application/json' } : {} }, (response) => {
      buffer(response).then((bytes) => ((response.statusCode ?? 500) < 400 ? resolve(bytes) : reject(new Error(`${path}: ${bytes.toString()}`))), reject)
    })
    sent.on('error', reject)
    sent.end(body && JSON.stringify(body))
  })
}

/** Files of a tar: type, link, mode, owner and content by name. */
async function unpacked(tar: Buffer, owners: boolean): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const reader = extract()
  Readable.from([tar]).pipe(reader as never)
  for await (const entry of reader) {
    const { name, type, mode = 0, uid, gid, linkname } = entry.header
    const content = await buffer(entry as unknown as Readable)
    found.set(name.replace(/\/$/, ''), [type, type === 'symlink' ? '' : (mode & 0o7777).toString(8), owners ? uid : '', owners ? gid : '', linkname ?? '', content.toString('latin1')].join('|'))
  }
  return found
}

describe.each(CASES)('layers on $name', ({ name, can, start, copiesOwners }) => {
  const ready = can && hasBusybox
  let engine: RealEngine
  let client: EngineClient
  let worker: BuiltWorker
  let room: EngineRoom
  let engineId: string
  let imageId: string
  let baseId: string

  beforeAll(async () => {
    if (!ready) return
    engine = await start()
    client = await connectEngine(() => dialSocket(engine.socketPath), { signal: AbortSignal.timeout(30_000), engineId: 'real' })
    const { archive } = await imageArchive(STEPS, { tag: TAG })
    await collect(client.loadImage(Readable.from([archive])))
    baseId = imageIdOf((await client.inspectImage(TAG)).Id)
    const { Id } = await client.createContainer({ Image: TAG, Cmd: ['sh', '-c', CHANGE], HostConfig: { NetworkMode: 'none' } }, { name: 'change' })
    await client.startContainer(Id)
    await ask(engine.socketPath, 'POST', `/containers/${Id}/wait`)
    expect((await client.inspectContainer(Id)).State.ExitCode).toBe(0)
    const commit = JSON.parse((await ask(engine.socketPath, 'POST', `/commit?container=${Id}&repo=localhost/naru-test/changed&tag=1`, {})).toString()) as { Id: string }
    imageId = imageIdOf(commit.Id)
    worker = await buildLayerWorker()
    room = await startEngineRoom({ env: { NARU_SOCKETS: engine.socketPath }, layerWorkerPath: worker.path })
    engineId = (await room.engines(({ currentId }) => currentId !== null)).currentId ?? ''
    // An operation is named by what the mirror knows.
    const page = new Page(room.link)
    await until('the image in the list', () => page.images.has(imageId), 30_000)
    await page.close()
  }, 180_000)
  afterAll(async () => {
    await room?.close()
    await worker?.remove()
    client?.close()
    await engine?.close()
  }, 60_000)

  const of = () => ({ engineId, imageId })
  const list = async (kind: 'layer' | 'stack', layer: number, path: string): Promise<Map<string, LayerEntry>> => {
    const query = { path, sort: 'name', descending: false, offset: 0, limit: 1_000 } as const
    const { entries } = await room.link.call('layers.list', { ...of(), view: { kind, layer }, ...query })
    return new Map(entries.map((entry) => [entry.name, entry]))
  }
  const analysed = async (): Promise<LayerAnalysis> => {
    const found = await room.link.call('layers.summary', of())
    if (found.state !== 'ready') throw new Error('absent')
    return found
  }

  it.skipIf(!ready)('an image is analysed with progress, once', async () => {
    expect(await room.link.call('layers.summary', of())).toEqual({ state: 'absent' })
    await expect(list('stack', 0, '')).rejects.toMatchObject({ code: 'not-found', hint: 'layers-absent' })
    const first = await room.run('layers.analyse', of())
    expect(first).toMatchObject({ status: 'succeeded', command: 'docker save localhost/naru-test/changed:1', result: { reused: false } })
    expect(first.progress).toMatchObject({ step: 'analysing', parts: [{ state: 'reading' }] })
    expect(await room.run('layers.analyse', of())).toMatchObject({ result: { reused: true } })
    const { layers, exportBytes } = await analysed()
    const detail = await room.link.call('images.inspect', { engineId, id: imageId })
    expect(layers.filter(({ empty }) => !empty).map(({ diffId }) => diffId)).toEqual(detail.layers.filter(({ diffId }) => diffId).map(({ diffId }) => diffId))
    expect(layers.map(({ command }) => command).slice(0, 3)).toEqual(['ADD base', 'ENV A=b', 'COPY old'])
    expect(exportBytes).toBeGreaterThan(BIG.length)
    // What is named by another digest than its plain tar is packed: the layer made by the commit in containerd's store.
    for (const { empty, blobBytes } of layers) expect(blobBytes > 0).toBe(!empty)
    if (name.includes('containerd')) expect(layers.at(-1)?.digest).not.toBe(layers.at(-1)?.diffId)
  }, 60_000)

  it.skipIf(!ready)('what a command removed and made is told from what stayed', async () => {
    const { layers, wasted, wastedBytes } = await analysed()
    const last = layers.length - 1
    const data = await list('stack', last, 'data')
    const marks = Object.fromEntries([...data].map(([name, { mark }]) => [name, mark]))
    expect(marks).toMatchObject({ big: 'unmodified', again: 'unmodified', old: 'unmodified', gone: 'removed', full: 'changed', empty: 'added', link: 'unmodified' })
    expect(data.get('big')).toMatchObject({ sizeBytes: BIG.length, mode: 0o640, type: 'file' })
    expect(data.get('link')).toMatchObject({ type: 'symlink', linkTarget: '/etc/passwd' })
    expect(data.get('한글')).toMatchObject({ sizeBytes: 4 })
    const full = await list('stack', last, 'data/full')
    expect([...full].map(([name, { mark }]) => [name, mark])).toEqual([['one', 'removed'], ['three', 'added'], ['two', 'removed']])
    expect([...(await list('layer', last, 'data')).keys()].sort()).toEqual(['empty', 'full', 'gone'])
    expect((await list('stack', 2, 'data')).get('old')).toMatchObject({ mark: 'changed', sizeBytes: 7, layer: 2 })
    expect(wasted.map(({ path, bytes }) => [path, bytes])).toEqual([['data/old', 10], ['data/gone/deep/file', 4], ['data/full/two', 2], ['data/full/one', 1]])
    expect(wastedBytes).toBe(17)
  })

  it.skipIf(!ready)('files are read and folders extracted as the engine copies them', async () => {
    const view = { kind: 'stack', layer: (await analysed()).layers.length - 1 } as const
    const read = (path: string, offset: number, length: number) => room.link.call('layers.read', { ...of(), view, path, offset, length })
    const tail = await read('data/big', BIG.length - 100, 1_000)
    expect(tail).toMatchObject({ offset: BIG.length - 100, totalBytes: BIG.length })
    expect(Buffer.from(tail.bytes).equals(BIG.subarray(-100))).toBe(true)
    expect(Buffer.from((await read('data/again', 5, 50)).bytes).equals(BIG.subarray(5, 55))).toBe(true)
    await expect(read('data', 0, 10)).rejects.toMatchObject({ code: 'invalid-request', hint: 'not-a-file' })
    const before = await room.link.call('layers.read', { ...of(), view: { kind: 'layer', layer: 0 }, path: 'data/old', offset: 0, length: 10 })
    expect(Buffer.from(before.bytes).toString()).toBe('old')
    const big = Buffer.concat(await collect(room.link.stream('layers.extract', { ...of(), view, path: 'data/big' })))
    expect(big.equals(BIG)).toBe(true)

    const { Id } = await client.createContainer({ Image: imageId, Cmd: ['sh'], HostConfig: { NetworkMode: 'none' } }, { name: 'copy' })
    const copied = await unpacked(await ask(engine.socketPath, 'GET', `/containers/${Id}/archive?path=/data`), copiesOwners)
    const ours = await unpacked(Buffer.concat(await collect(room.link.stream('layers.extract', { ...of(), view, path: 'data' }))), copiesOwners)
    expect([...ours.keys()].sort()).toEqual([...copied.keys()].sort())
    // Which of two hard links is the file is the writer's choice; all else is the same to the byte.
    const linked = ['data/big', 'data/again']
    for (const [name, file] of copied) if (!linked.includes(name)) expect(ours.get(name)).toBe(file)
    expect(linked.map((name) => ours.get(name)?.split('|')[0]).sort()).toEqual(['file', 'link'])
    await client.removeContainer(Id, { force: true, volumes: true })
  }, 60_000)

  it.skipIf(!ready)('two images are compared file by file', async () => {
    const other = { engineId, imageId }
    const base = { engineId, imageId: baseId }
    const query = { path: 'data', sort: 'name', descending: false, offset: 0, limit: 100 } as const
    await expect(room.link.call('layers.compare', { ...base, other, ...query })).rejects.toMatchObject({ hint: 'layers-absent' })
    expect((await room.run('layers.analyse', base)).status).toBe('succeeded')
    const { entries } = await room.link.call('layers.compare', { ...base, other, ...query })
    expect(entries.filter(({ mark }) => mark !== 'unmodified').map(({ name, mark }) => [name, mark])).toEqual([
      ['empty', 'added'],
      ['full', 'changed'],
      ['gone', 'removed'],
    ])
    // Podman leaves files of its own in a commit, elsewhere.
    const { entries: top, totals } = await room.link.call('layers.compare', { ...base, other, ...query, path: '' })
    const data = top.find(({ name }) => name === 'data')
    expect(data?.below).toMatchObject({ added: 2, removed: 3, changed: 0 })
    expect((data?.beforeBytes ?? 0) - (data?.sizeBytes ?? 0)).toBe(7 - 4)
    expect(totals.counts.removed).toBe(3)
  }, 60_000)

  it.skipIf(!ready)('a cancelled analysis leaves nothing', async () => {
    await client.removeContainer('change', { force: true, volumes: true })
    const again = await startEngineRoom({ env: { NARU_SOCKETS: engine.socketPath }, layerWorkerPath: worker.path })
    try {
      const { currentId } = await again.engines((snapshot) => snapshot.currentId !== null)
      const mine = { engineId: currentId ?? '', imageId }
      const operationId = await again.start('layers.analyse', mine)
      await again.link.call('operations.cancel', { operationId })
      expect(await again.settled(operationId)).toMatchObject({ status: 'cancelled' })
      expect(await again.link.call('layers.summary', mine)).toEqual({ state: 'absent' })
      expect((await again.run('layers.analyse', mine)).status).toBe('succeeded')
    } finally {
      await again.close()
    }
  }, 60_000)
})
