/** Files in containers of real engines, running and stopped, with programs of its own and without. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { extract, pack } from 'tar-stream'
import { afterAll, beforeAll, expect } from 'vitest'
import { makeFolder, removePaths, renamePath } from '../../engine/container-files/change.ts'
import { downloadPath } from '../../engine/container-files/download.ts'
import { createFileService } from '../../engine/container-files/service.ts'
import type { FileService } from '../../engine/container-files/service.ts'
import { uploadArchive } from '../../engine/container-files/upload.ts'
import { pathBytes } from '../../engine/contract/file-path.ts'
import type { FileEntry, FolderItem, OperationProgress } from '../../engine/contract/models.ts'
import { connectEngine } from '../../engine/docker/connect.ts'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import { createTransferService } from '../../engine/transfers/service.ts'
import { dialSocket } from '../fake-dockerd/fake-dockerd.ts'
import { busyboxArchive } from '../support/busybox-image.ts'
import { imageArchive, sha256 } from '../support/image-archive.ts'
import type { TestEntry } from '../support/image-archive.ts'
import { allCases } from '../support/cases.ts'
import type { Suite } from '../support/cases.ts'
import type { RealEngine } from '../support/real-engine.ts'
import { rawTar } from '../support/raw-tar.ts'
import { hasPrograms, programEntries } from '../support/tool-image.ts'

const BUSYBOX = 'localhost/naru-test/files:latest'
const BARE = 'localhost/naru-test/files-bare:latest'
const GNU = 'localhost/naru-test/files-gnu:latest'
const GNU_PROGRAMS = ['find', 'stat', 'rm', 'mv', 'xargs', 'sleep']
const soon = () => AbortSignal.timeout(120_000)
const by = () => ({ peerId: 'page', signal: soon() })
const TREE: TestEntry[] = [
  { name: 'data/', type: 'directory', mode: 0o750, uid: 7, gid: 8 },
  { name: 'data/plain.txt', content: 'hello\n', mode: 0o640, uid: 7, gid: 8, mtime: new Date(1_700_000_000_000) },
  { name: 'data/run', content: '#!/bin/sh\n', mode: 0o4755 },
  { name: 'data/link', type: 'symlink', linkname: 'plain.txt' },
  { name: 'data/up', type: 'symlink', linkname: '../data/sub' },
  { name: 'data/out', type: 'symlink', linkname: '../../../../../../etc' },
  { name: 'data/loop', type: 'symlink', linkname: 'loop' },
  { name: 'data/broken', type: 'symlink', linkname: 'not/here' },
  { name: 'data/sub/', type: 'directory', mode: 0o1777 },
  { name: 'data/sub/deep.txt', content: 'deep' },
  { name: 'data/twin', type: 'link', linkname: 'data/plain.txt', mode: 0o640, uid: 7, gid: 8, mtime: new Date(1_700_000_000_000) },
  { name: 'etc/', type: 'directory' },
  { name: 'etc/issue', content: 'inside\n' },
]

/** Files in containers, running and stopped, with programs of its own and without. */
export function containerFilesSuite({ name: engineName, start, cases: it = allCases }: Suite): void {
  let engine: RealEngine
  let client: EngineClient
  let files: FileService
  const transfers = createTransferService()

  beforeAll(async () => {
    engine = await start()
    client = await connectEngine(() => dialSocket(engine.socketPath), { engineId: 'real', signal: soon() })
    const load = async (archive: Buffer): Promise<void> => {
      for await (const message of client.loadImage(Readable.from([archive]))) void message
    }
    await load(await busyboxArchive(BUSYBOX))
    await load((await imageArchive([{ entries: [{ name: 'app', mode: 0o755, content: 'no program' }, ...TREE] }], { tag: BARE })).archive)
    if (hasPrograms(GNU_PROGRAMS)) await load((await imageArchive([{ entries: [...(await programEntries(GNU_PROGRAMS)), ...TREE] }], { tag: GNU })).archive)
    const alive = new AbortController().signal
    files = createFileService({ connection: () => ({ client, signal: alive }) })
  }, 180_000)

  afterAll(async () => {
    files?.shutdown()
    for (const { Id } of (await client?.listContainers({ all: true })) ?? []) await client.removeContainer(Id, { force: true, volumes: true })
    client?.close()
    await engine?.close()
  }, 60_000)

  async function create(image: string, Cmd: string[], more: object = {}): Promise<string> {
    return (await client.createContainer({ Image: image, Cmd, HostConfig: { NetworkMode: 'none', ...more } }, {})).Id
  }
  async function running(image: string, more: object = {}): Promise<string> {
    const id = await create(image, ['sleep', '3600'], more)
    await client.startContainer(id)
    return id
  }
  /** Puts a tar in as another client would. */
  const put = (id: string, path: string, archive: Buffer) => client.writeArchive(id, Buffer.from(path), Readable.from([archive]), { signal: soon() })

  async function open(id: string, path: string, fresh = false): Promise<{ ready: FolderItem & { state: 'ready' }; items: FolderItem[] }> {
    const items: FolderItem[] = []
    for await (const item of files.open({ engineId: 'real', id, path, fresh }, by())) items.push(item)
    const ready = items.findLast((item) => item.state === 'ready')
    if (ready?.state !== 'ready') throw new Error('never ready')
    return { ready, items }
  }
  async function list(id: string, path: string, fresh = false): Promise<readonly FileEntry[]> {
    const { ready } = await open(id, path, fresh)
    return (await files.page({ listingId: ready.listingId, sort: 'name', descending: false, offset: 0, limit: 1_000 }, by())).entries
  }
  const named = (entries: readonly FileEntry[]) => Object.fromEntries(entries.map((entry) => [entry.name, entry]))

  /** What `TREE` looks like in any container it is in. */
  function expectTree(entries: readonly FileEntry[]): void {
    const has = named(entries)
    expect(Object.keys(has).sort()).toEqual(['broken', 'link', 'loop', 'out', 'plain.txt', 'run', 'sub', 'twin', 'up'])
    expect(has['plain.txt']).toMatchObject({ type: 'file', sizeBytes: 6, mode: 0o640, uid: 7, gid: 8, modifiedAt: 1_700_000_000_000 })
    expect(has['run']).toMatchObject({ mode: 0o4755 })
    expect(has['twin']).toMatchObject({ type: 'file', sizeBytes: 6 })
    expect(has['sub']).toMatchObject({ type: 'directory', mode: 0o1777 })
    expect(has['link']).toMatchObject({ type: 'symlink', linkTarget: 'plain.txt' })
    expect(has['out']).toMatchObject({ type: 'symlink', linkTarget: '../../../../../../etc' })
    expect(has['loop']).toMatchObject({ type: 'symlink', linkTarget: 'loop' })
  }

  it('lists a stopped container out of its archive, follows links inside it, and never leaves it', async () => {
    const id = await create(BARE, ['/app'])
    const root = await open(id, '/')
    expect(root.ready).toMatchObject({ source: 'read', refusal: 'stopped', marks: 'ready' })
    expect(root.items[0]).toMatchObject({ state: 'reading' })
    expect(Object.keys(named(await list(id, '/')))).toEqual(expect.arrayContaining(['data', 'etc', 'app']))
    expectTree(await list(id, '/data'))
    expect(named(await list(id, '/data/up'))).toHaveProperty(['deep.txt'])
    const stat = (path: string) => files.stat({ engineId: 'real', id, path }, by())
    expect(await stat('/data/up')).toMatchObject({ path: '/data/sub', type: 'directory', mode: 0o1777 })
    expect(await stat('/data/out')).toMatchObject({ path: '/etc', type: 'directory' })
    expect(named(await list(id, '/data/out'))).toHaveProperty(['issue'])
    await expect(stat('/data/broken')).rejects.toMatchObject({ code: 'not-found', hint: 'no-such-path' })
    await expect(stat('/data/loop')).rejects.toMatchObject({ hint: 'link-loop' })
    await expect(open(id, '/nowhere')).rejects.toMatchObject({ hint: 'no-such-path' })
    await expect(open(id, '/data/run')).rejects.toMatchObject({ hint: 'not-a-folder' })
    await expect(files.stat({ engineId: 'real', id: 'nosuch', path: '/' }, by())).rejects.toMatchObject({ code: 'not-found' })
  }, 120_000)

  it.runIf(hasPrograms(GNU_PROGRAMS))('lists a running container by its own programs: GNU and BusyBox say the same as the archive', async () => {
    const gnu = await running(GNU)
    const asked = await open(gnu, '/data')
    expect(asked.ready).toMatchObject({ source: 'asked', total: 9 })
    expect(asked.ready.refusal).toBeUndefined()
    const now = await list(gnu, '/data')
    expectTree(now)
    await client.stopContainer(gnu, 0)
    const read = await list(gnu, '/data')
    expect((await open(gnu, '/data')).ready.source).toBe('read')
    expect(read).toEqual(now)
    const busybox = await running(BUSYBOX)
    await put(busybox, '/', await tarOf(TREE))
    expect((await open(busybox, '/data')).ready.source).toBe('asked')
    expectTree(await list(busybox, '/data'))
    expect(named(await list(busybox, '/proc'))).toHaveProperty(['1'])
  }, 120_000)

  it('keeps names of any bytes, whether asked, read, renamed or deleted', async () => {
    const names = ['with space', "quote'\"`$(x)", 'new\nline', 'back\\slash', '-rf', 'ünï ☃', 'bytes\xff\xfe', '\xc3', 'tab\t', '*', '...', ' lead', '{}', '@', 'a -> b']
    const bytes = names.map((name) => (/[\x80-\xff]/.test(name) && !name.includes('☃') ? Buffer.from(name, 'latin1') : Buffer.from(name)))
    const archive = rawTar(bytes.map((name) => ({ name: Buffer.concat([Buffer.from('odd/'), name]), content: name })))
    const id = await running(BUSYBOX)
    await put(id, '/', archive)
    const expected = bytes.map((name) => name.toString('hex')).sort()
    const hex = (entries: readonly FileEntry[]) => entries.map(({ name }) => Buffer.from(pathBytes(name) ?? []).toString('hex')).sort()
    const asked = await list(id, '/odd')
    expect((await open(id, '/odd')).ready.source).toBe('asked')
    expect(hex(asked)).toEqual(expected)
    for (const { name } of asked) {
      // No path with a star is found by Podman's copying, however it is written.
      if (engineName === 'Podman' && name === '*') continue
      const window = await files.read({ engineId: 'real', id, path: `/odd/${name}`, offset: 0, length: 100 }, by())
      expect(Buffer.from(window.bytes).toString('hex'), name).toBe(Buffer.from(pathBytes(name) ?? []).toString('hex'))
    }
    await client.stopContainer(id, 0)
    expect(hex(await list(id, '/odd', true))).toEqual(expected)
    await client.startContainer(id)
    // A folder of such a name is asked too, and everything in it can be renamed and goes.
    await put(id, '/', rawTar([{ name: Buffer.from('dir\xff/in', 'latin1'), content: Buffer.from('in') }]))
    expect(await list(id, '/dir\\xff', true)).toMatchObject([{ name: 'in', type: 'file', sizeBytes: 2 }])
    await renamePath(client, { id, path: '/dir\\xff', newName: 'plain' }, soon())
    expect(await list(id, '/plain', true)).toMatchObject([{ name: 'in' }])
    for (const { name } of asked) await renamePath(client, { id, path: `/odd/${name}`, newName: `${name}.x` }, soon())
    const renamed = await list(id, '/odd', true)
    expect(hex(renamed)).toEqual(expected.map((one) => `${one}2e78`).sort())
    await removePaths(client, { id, paths: renamed.map(({ name }) => `/odd/${name}`) }, soon())
    expect(await list(id, '/odd', true)).toEqual([])
  }, 180_000)

  it('marks what the container added, changed and deleted, and tells mounts apart', async () => {
    const id = await running(BUSYBOX, { Binds: ['naru-files-volume:/bin/vol'], Tmpfs: { '/memory': '' } })
    await put(id, '/', await tarOf([{ name: 'bin/new', content: 'n' }]))
    await removePaths(client, { id, paths: ['/bin/false'] }, soon())
    const bin = named(await list(id, '/bin', true))
    expect(bin['new']).toMatchObject({ mark: 'added' })
    expect(bin['false']).toMatchObject({ mark: 'removed', type: 'unknown' })
    expect(bin['true']).toMatchObject({ mark: 'unmodified' })
    expect(bin['vol']).toMatchObject({ mount: 'volume', mark: 'unmodified' })
    expect(named(await list(id, '/'))['bin']).toMatchObject({ mark: 'changed' })
    expect((await open(id, '/bin/vol')).ready).toMatchObject({ marks: 'none', mount: { type: 'volume', destination: '/bin/vol' } })
    const query = { sort: 'name' as const, descending: false, offset: 0, limit: 100 }
    const { listingId } = (await open(id, '/bin')).ready
    expect((await files.page({ listingId, ...query, marks: ['added', 'removed'] }, by())).entries.map(({ name }) => name)).toEqual(expect.arrayContaining(['new', 'false']))
    await expect(removePaths(client, { id, paths: ['/bin'] }, soon())).rejects.toMatchObject({ code: 'in-use', hint: 'mount-inside' })
    await expect(removePaths(client, { id, paths: ['/proc/1'] }, soon())).rejects.toMatchObject({ code: 'denied', hint: 'kernel-files' })
    await expect(renamePath(client, { id, path: '/bin/vol', newName: 'x' }, soon())).rejects.toMatchObject({ hint: 'mount-inside' })
  }, 120_000)

  it('makes folders whether it runs or not, renames without writing over, and says why it cannot', async () => {
    const id = await create(BUSYBOX, ['sleep', '3600'])
    expect(await makeFolder(client, { id, path: '/', name: 'made here' }, soon())).toEqual({ path: '/made here' })
    await expect(makeFolder(client, { id, path: '/', name: 'made here' }, soon())).rejects.toMatchObject({ code: 'conflict', hint: 'path-taken' })
    await expect(removePaths(client, { id, paths: ['/made here'] }, soon())).rejects.toMatchObject({ hint: 'files-stopped' })
    await client.startContainer(id)
    await makeFolder(client, { id, path: '/made here', name: 'inner' }, soon())
    await expect(renamePath(client, { id, path: '/made here', newName: 'bin' }, soon())).rejects.toMatchObject({ hint: 'path-taken' })
    await renamePath(client, { id, path: '/made here', newName: 'moved' }, soon())
    expect(named(await list(id, '/moved', true))).toHaveProperty(['inner'])
    await expect(renamePath(client, { id, path: '/gone', newName: 'x' }, soon())).rejects.toMatchObject({ hint: 'no-such-path' })
    await removePaths(client, { id, paths: ['/moved'] }, soon())
    expect(named(await list(id, '/', true))).not.toHaveProperty(['moved'])
  }, 120_000)

  const context = (signal: AbortSignal = soon()) => {
    const told: OperationProgress[] = []
    return { told, context: { signal, report: (progress: OperationProgress) => void told.push(progress) } }
  }
  async function upload(id: string, path: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, sizeBytes: number, of = context()) {
    const { transferId } = await transfers.open({ direction: 'upload' }, by())
    const done = uploadArchive({ client, transfers, home: '/' }, { id, path, source: { kind: 'transfer', transferId, name: 'x', sizeBytes } }, of.context)
    const sent = (async () => {
      try {
        for await (const bytes of pieces) await transfers.write({ transferId, bytes }, by())
        await transfers.end({ transferId, complete: true }, by())
      } catch {
        await transfers.end({ transferId, complete: false }, by())
      }
    })()
    try {
      return await done
    } finally {
      await sent
    }
  }
  async function download(id: string, path: string): Promise<Buffer> {
    const { transferId } = await transfers.open({ direction: 'download' }, by())
    const read = buffer(Readable.from(transfers.read({ transferId }, by())))
    read.catch(() => undefined)
    await downloadPath({ client, transfers, home: '/' }, { id, path, target: { kind: 'transfer', transferId, name: 'x' } }, context().context)
    return read
  }

  it('takes files and folders in and gives them out again, byte for byte and with their modes', async () => {
    const content = randomBytes(3_000_000)
    for (const id of [await create(BUSYBOX, ['true']), await running(BUSYBOX)]) {
      const archive = await tarOf([
        { name: 'tree/', type: 'directory', mode: 0o750 },
        { name: 'tree/big', content, mode: 0o751 },
        { name: 'tree/empty/', type: 'directory' },
        { name: 'tree/none', content: '' },
      ])
      expect(await upload(id, '/', [archive], archive.length)).toEqual({ files: 2, bytes: content.length })
      expect(sha256(await download(id, '/tree/big'))).toBe(sha256(content))
      expect(await download(id, '/tree/none')).toHaveLength(0)
      const got = await entriesOf(await download(id, '/tree'))
      expect(got.get('tree/big')).toMatchObject({ mode: 0o751, sha: sha256(content) })
      expect(got.get('tree')).toMatchObject({ mode: 0o750 })
      expect([...got.keys()].sort()).toEqual(['tree', 'tree/big', 'tree/empty', 'tree/none'])
      const window = await files.read({ engineId: 'real', id, path: '/tree/big', offset: 2_999_990, length: 100 }, by())
      expect(window.totalBytes).toBe(content.length)
      expect(Buffer.from(window.bytes)).toEqual(content.subarray(-10))
      expect((await files.existing({ engineId: 'real', id, path: '/tree', names: ['big', 'nope'] }, by())).entries).toMatchObject([{ name: 'big', mode: 0o751 }])
    }
  }, 180_000)

  it('refuses what an upload must not be, and tells what cannot be written', async () => {
    const id = await create(BUSYBOX, ['true'], { Binds: ['naru-files-ro:/fixed:ro'] })
    const bad = async (entry: TestEntry) => {
      const archive = await tarOf([entry])
      return upload(id, '/', [archive], archive.length)
    }
    await expect(bad({ name: '../out', content: 'x' })).rejects.toMatchObject({ hint: 'upload-refused' })
    await expect(bad({ name: '/etc/x', content: 'x' })).rejects.toMatchObject({ hint: 'upload-refused' })
    await expect(bad({ name: 'l', type: 'symlink', linkname: '/' })).rejects.toMatchObject({ hint: 'upload-refused' })
    await expect(bad({ name: 'bin', content: 'x' })).rejects.toMatchObject({ hint: 'path-kind' })
    const archive = await tarOf([{ name: 'f', content: 'x' }])
    // Podman writes into volumes that are read-only for the container.
    if (engineName !== 'Podman') await expect(upload(id, '/fixed', [archive], archive.length)).rejects.toMatchObject({ code: 'denied', hint: 'files-read-only' })
    await expect(upload(id, '/nowhere', [archive], archive.length)).rejects.toMatchObject({ hint: 'no-such-path' })
    if (engineName !== 'Podman') expect(await list(id, '/fixed', true)).toEqual([])
  }, 120_000)

  it('leaves nothing of a file whose upload was cancelled, and names it when it cannot take it away', async () => {
    const half = async function* (cancel: AbortController) {
      const whole = await tarOf([{ name: 'first', content: 'one' }, { name: 'second', content: Buffer.alloc(8_000_000, 7) }])
      for (let at = 0; at < 4_000_000; at += 500_000) yield new Uint8Array(whole.subarray(at, at + 500_000))
      cancel.abort()
      yield new Uint8Array(whole.subarray(4_000_000))
    }
    for (const [id, runs] of [[await running(BUSYBOX), true], [await create(BUSYBOX, ['true']), false]] as const) {
      const cancel = new AbortController()
      const of = context(cancel.signal)
      await expect(upload(id, '/', half(cancel), 8_003_000, of)).rejects.toMatchObject({ code: 'cancelled' })
      const left = named(await list(id, '/', true))
      expect(left['first']).toMatchObject({ sizeBytes: 3 })
      if (runs) expect(left).not.toHaveProperty(['second'])
      else expect(of.told.at(-1)).toMatchObject({ step: 'incomplete', parts: [{ id: '/second' }] })
    }
  }, 120_000)

  it('pages a folder of 100 000 names, asked and read', async () => {
    const count = 100_000
    // Memory of the host: what is measured is not its disk.
    const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'naru-many-'))
    try {
      for (let n = 0; n < count; n++) writeFileSync(join(folder, `file-${String(n).padStart(6, '0')}`), 'x')
      const id = await running(BUSYBOX, { Binds: [`${folder}:/many`] })
      // A stopped container of Podman's has nothing mounted: its archive of a mount is empty.
      for (const source of engineName === 'Podman' ? (['asked'] as const) : (['asked', 'read'] as const)) {
        const { ready, items } = await open(id, '/many')
        expect(ready).toMatchObject({ source, total: count, cut: false })
        expect(items.length).toBeLessThan(1_000)
        const query = { listingId: ready.listingId, sort: 'name' as const, limit: 2 }
        const page = await files.page({ ...query, descending: true, offset: 10 }, by())
        expect(page).toMatchObject({ total: count, entries: [{ name: 'file-099989' }, { name: 'file-099988' }] })
        expect((await files.page({ ...query, descending: false, text: 'FILE-0199', offset: 0 }, by())).total).toBe(100)
        await client.stopContainer(id, 0)
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }, 300_000)

  it('reads no more of a large file than it must, and memory stays flat while 300 MB flow', async () => {
    const size = 300 * 1024 * 1024
    const id = await running(BUSYBOX)
    const piece = new Uint8Array(1024 * 1024).fill(9)
    const hash = createHash('sha256')
    async function* tar(): AsyncGenerator<Uint8Array, void, undefined> {
      const head = rawTar([{ name: Buffer.from('large'), content: Buffer.alloc(0), size }]).subarray(0, 512)
      yield new Uint8Array(head)
      for (let at = 0; at < size; at += piece.length) {
        hash.update(piece)
        yield piece
      }
      yield new Uint8Array(1024)
    }
    let most = 0
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20)
    const before = process.memoryUsage.rss()
    try {
      await upload(id, '/', tar(), size + 1536)
      const { transferId } = await transfers.open({ direction: 'download' }, by())
      const done = downloadPath({ client, transfers, home: '/' }, { id, path: '/large', target: { kind: 'transfer', transferId, name: 'x' } }, context().context)
      const back = createHash('sha256')
      for await (const bytes of transfers.read({ transferId }, by())) back.update(bytes)
      await done
      expect(back.digest('hex')).toBe(hash.digest('hex'))
    } finally {
      clearInterval(watch)
    }
    expect(most - before).toBeLessThan(120 * 1024 * 1024)
    const window = await files.read({ engineId: 'real', id, path: '/large', offset: 1_000, length: 10 }, by())
    expect(window).toMatchObject({ offset: 1_000, totalBytes: size })
    expect([...window.bytes]).toEqual(Array(10).fill(9))
  }, 300_000)
}

async function tarOf(entries: readonly TestEntry[]): Promise<Buffer> {
  const tar = pack()
  const written = buffer(tar)
  for (const { content, ...header } of entries) tar.entry({ type: 'file', mtime: new Date(0), ...header }, content === undefined ? '' : Buffer.from(content))
  tar.finalize()
  return written
}

async function entriesOf(archive: Buffer): Promise<Map<string, { mode: number; sha: string }>> {
  const found = new Map<string, { mode: number; sha: string }>()
  const tar = extract()
  tar.on('entry', (header, stream, next) => void buffer(stream).then((bytes) => (found.set(header.name.replace(/\/$/, ''), { mode: header.mode ?? 0, sha: sha256(bytes) }), next())))
  tar.end(archive)
  await finished(tar)
  return found
}
