import { execFileSync } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import type { OperationProgress } from '../../../engine/contract/models.ts'
import { analyseArchive } from '../../../engine/layers/analyse.ts'
import { FLAVOURS, imageArchive, tarOf } from '../../support/image-archive.ts'
import type { Step } from '../../support/image-archive.ts'
import { layerService } from '../../support/layer-room.ts'
import { collect } from '../../fake-dockerd/harness.ts'

const ID = `sha256:${'1'.repeat(64)}`
const OTHER = `sha256:${'2'.repeat(64)}`
const of = { engineId: 'e', imageId: ID }
const none = () => undefined
const never = new AbortController().signal
const context = { signal: never, report: none }

const TEXT = Buffer.alloc(40_000, 'some text that repeats itself\n')
const STEPS: readonly Step[] = [
  {
    command: '/bin/sh -c #(nop) ADD base',
    entries: [
      { name: 'etc/passwd', content: 'root' },
      { name: 'etc/conf.d/one', content: '1' },
      { name: 'etc/conf.d/Two', content: '22' },
      { name: 'usr/lib/big', content: TEXT },
      { name: 'usr/lib/link', type: 'link', linkname: 'usr/lib/big' },
      { name: 'usr/up', type: 'symlink', linkname: '../../../etc/shadow' },
      { name: 'dev/null', type: 'character-device', devmajor: 1, devminor: 3 },
      { name: '../../evil', content: 'evil' },
    ],
  },
  { command: 'CMD x' },
  { entries: [{ name: 'etc/.wh.passwd' }, { name: 'etc/conf.d/one', content: '111' }, { name: 'etc/new', content: 'new' }] },
]

async function ready(options: Parameters<typeof layerService>[1] = {}, flavour = FLAVOURS[0]) {
  const { archive } = await imageArchive(STEPS, { ...(flavour && { flavour }) })
  const bench = layerService({ [ID]: archive }, options)
  await bench.service.analyse(of, context)
  const key = bench.service.keyOf(of)
  const page = { sort: 'name', descending: false, offset: 0, limit: 100 } as const
  const list = (path: string, more: object = {}, layer = 2, kind: 'layer' | 'stack' = 'stack') =>
    bench.service.ask('list', { key, view: { kind, layer }, path, ...page, ...more })
  return { ...bench, key, list, archive }
}
const names = ({ entries }: { entries: readonly { name: string }[] }) => entries.map(({ name }) => name)

describe('listing', () => {
  it('gives one level with marks, sizes and what is below', async () => {
    const { list } = await ready()
    const { entries, total } = await list('etc')
    expect(total).toBe(3)
    expect(entries).toMatchObject([
      { name: 'conf.d', path: 'etc/conf.d', type: 'directory', mark: 'changed', sizeBytes: 5, hasChildren: true, below: { changed: 1, unmodified: 1 } },
      { name: 'new', mark: 'added', sizeBytes: 3, layer: 2, hasChildren: false },
      { name: 'passwd', mark: 'removed', sizeBytes: 4, layer: 0 },
    ])
    expect(names(await list(''))).toEqual(['dev', 'etc', 'evil', 'usr'])
    expect((await list('usr/lib')).entries).toMatchObject([{ name: 'big', sizeBytes: 40_000 }, { name: 'link', type: 'hardlink', linkTarget: 'usr/lib/big', sizeBytes: 0 }])
    await expect(list('nowhere')).rejects.toMatchObject({ code: 'not-found', params: { name: 'nowhere' } })
  })

  it('of an empty layer is the layer below, alone it is empty', async () => {
    const { list } = await ready()
    expect(names(await list('etc', {}, 1))).toEqual(['conf.d', 'passwd'])
    expect(names(await list('', {}, 1, 'layer'))).toEqual([])
    expect(names(await list('etc', {}, 2, 'layer'))).toEqual(['conf.d', 'new', 'passwd'])
    await expect(list('', {}, 3)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('filters by marks and text, sorts and pages', async () => {
    const { list } = await ready()
    expect(names(await list('', { marks: ['added', 'removed'] }))).toEqual(['etc'])
    expect(names(await list('etc', { marks: ['changed'] }))).toEqual(['conf.d'])
    expect(names(await list('etc', { marks: ['unmodified'] }))).toEqual(['conf.d'])
    expect(names(await list('', { text: 'TWO' }))).toEqual(['etc'])
    expect(names(await list('etc', { text: 'conf.d' }))).toEqual(['conf.d'])
    expect(names(await list('etc/conf.d', { text: 'conf.d' }))).toEqual(['Two', 'one'])
    expect(names(await list('etc', { text: 'etc/new' }))).toEqual(['new'])
    expect(names(await list('', { sort: 'size', descending: true }))).toEqual(['usr', 'etc', 'evil', 'dev'])
    const second = await list('', { offset: 1, limit: 2 })
    expect([names(second), second.total]).toEqual([['etc', 'evil'], 4])
  })

  it('finds paths and tells one', async () => {
    const { service, key } = await ready()
    const view = { kind: 'stack', layer: 2 } as const
    const found = await service.ask('find', { key, view, text: 'o', limit: 2 })
    expect([found.entries.map(({ path }) => path), found.total]).toEqual([['etc/conf.d', 'etc/conf.d/Two'], 3])
    expect((await service.ask('find', { key, view, text: 'e', marks: ['added'], limit: 9 })).entries.map(({ path }) => path)).toEqual(['etc/new'])
    expect(await service.ask('stat', { key, view, path: 'usr/up' })).toMatchObject({ type: 'symlink', linkTarget: '../../../etc/shadow' })
  })
})

describe('analysing', () => {
  it('tells the summary, with instructions as a person wrote them', async () => {
    const { service } = await ready()
    const summary = await service.summary(of)
    expect(summary).toMatchObject({ state: 'ready', imageId: ID, wastedCount: 2, wasted: [{ path: 'etc/conf.d/one', count: 2, bytes: 4 }, { path: 'etc/passwd', count: 2, bytes: 4 }] })
    if (summary.state !== 'ready') throw new Error('absent')
    expect(summary.layers.map(({ command, empty, counts }) => [command, empty, counts.added])).toEqual([['ADD base', false, 8], ['CMD x', true, 0], ['', false, 1]])
    expect(summary.layers.map(({ blobBytes }) => blobBytes > 0)).toEqual([true, false, true])
  })

  it('is done once for all who ask at a time, and tells how far it is', async () => {
    const { archive } = await imageArchive(STEPS)
    const { service, exports } = layerService({ [ID]: archive })
    const told: OperationProgress[] = []
    const both = await Promise.all([service.analyse(of, { signal: never, report: (one) => told.push(one) }), service.analyse(of, context)])
    expect(both.map(({ reused }) => reused)).toEqual([false, true])
    expect(exports).toMatchObject({ begun: 1, ended: 1 })
    expect(told.at(0)).toMatchObject({ step: 'analysing', parts: [{ state: 'waiting' }] })
    expect(told.at(-1)?.parts[0]).toMatchObject({ state: 'reading', currentBytes: archive.length, totalBytes: archive.length })
  })

  it('that is cancelled or broken ends the export and leaves nothing', async () => {
    const { archive, imageId } = await imageArchive(STEPS)
    const bad = Buffer.from(archive)
    const header = bad.indexOf(`${imageId.slice('sha256:'.length)}.json`)
    bad.fill(0xff, header, header + 512)
    const abort = new AbortController()
    const { service, exports } = layerService({ [ID]: archive, [OTHER]: bad }, { chunk: 1_000, onBytes: (bytes) => bytes > 5_000 && abort.abort() })
    const cancelled = service.analyse(of, { signal: abort.signal, report: none })
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
    await expect(service.analyse({ ...of, imageId: OTHER }, context)).rejects.toMatchObject({ code: 'archive-broken', params: { position: header } })
    expect(await service.summary(of)).toEqual({ state: 'absent' })
    expect(exports.begun).toBe(exports.ended)
    expect(await service.analyse(of, context)).toMatchObject({ reused: false })
  })

  it('keeps the newest within its memory', async () => {
    const { archive } = await imageArchive(STEPS)
    const { service } = layerService({ [ID]: archive, [OTHER]: archive }, { memoryBytes: 1 })
    await service.analyse(of, context)
    await service.analyse({ ...of, imageId: OTHER }, context)
    expect(await service.summary(of)).toEqual({ state: 'absent' })
    expect(await service.summary({ ...of, imageId: OTHER })).toMatchObject({ state: 'ready' })
  })
})

describe('reading', () => {
  const view = { kind: 'stack', layer: 2 } as const

  it.each(FLAVOURS)('gives windows of a file from the %s layout, from memory after the first', async (flavour) => {
    const { service, exports } = await ready({}, flavour)
    const read = (path: string, offset: number, length: number) => service.read({ ...of, view, path, offset, length }, never)
    const first = await read('usr/lib/big', 100, 50)
    expect([Buffer.from(first.bytes).toString(), first.totalBytes]).toEqual([TEXT.toString('utf8', 100, 150), TEXT.length])
    expect((await read('usr/lib/link', 39_990, 500)).bytes).toHaveLength(10)
    expect((await read('usr/lib/big', 40_000, 500)).bytes).toHaveLength(0)
    expect(exports.begun).toBe(2)
    expect(Buffer.from((await read('etc/passwd', 0, 9)).bytes).toString()).toBe('root')
    expect(Buffer.from((await read('etc/conf.d/one', 0, 9)).bytes).toString()).toBe('111')
    const older = await service.read({ ...of, view: { kind: 'layer', layer: 0 }, path: 'etc/conf.d/one', offset: 0, length: 9 }, never)
    expect(Buffer.from(older.bytes).toString()).toBe('1')
    await expect(read('usr/up', 0, 1)).rejects.toMatchObject({ code: 'invalid-request', hint: 'not-a-file' })
    await expect(read('no', 0, 1)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('ends the export when it has what it wants', async () => {
    const big: Step[] = [{ entries: [{ name: 'a', content: 'first' }, { name: 'b', content: Buffer.alloc(2_000_000) }] }]
    const { archive } = await imageArchive(big)
    const { service, exports } = layerService({ [ID]: archive })
    await service.analyse(of, context)
    const before = exports.bytes
    await service.read({ ...of, view: { kind: 'stack', layer: 0 }, path: 'a', offset: 0, length: 5 }, never)
    expect(exports.bytes - before).toBeLessThan(100_000)
    expect(exports.begun).toBe(exports.ended)
  })
})

describe('extracting', () => {
  const view = { kind: 'stack', layer: 2 } as const

  async function unpack(tar: Buffer) {
    const reader = extract()
    Readable.from([tar]).pipe(reader as never)
    const found: { name: string; type: string; linkname: string; content: string }[] = []
    for await (const entry of reader) {
      const { name, type, linkname } = entry.header
      found.push({ name, type, linkname: linkname ?? '', content: await buffer(entry as unknown as Readable).then(String) })
    }
    return found
  }

  it('a file gives its bytes, a directory a tar that leads nowhere else', async () => {
    const { service } = await ready()
    expect(Buffer.concat(await collect(service.extract({ ...of, view, path: 'usr/lib/big' }, never))).equals(TEXT)).toBe(true)
    const all = await unpack(Buffer.concat(await collect(service.extract({ ...of, view, path: '' }, never))))
    for (const { name } of all) expect(name).not.toMatch(/^\/|(?:^|\/)\.\.(?:\/|$)/)
    expect(all.map(({ name }) => name).sort()).toEqual(
      ['dev/', 'dev/null', 'etc/', 'etc/conf.d/', 'etc/conf.d/Two', 'etc/conf.d/one', 'etc/new', 'evil', 'usr/', 'usr/lib/', 'usr/lib/big', 'usr/lib/link', 'usr/up'].sort(),
    )
    const lib = await unpack(Buffer.concat(await collect(service.extract({ ...of, view, path: 'usr/lib' }, never))))
    expect(lib.map(({ name, type, content }) => [name, type, content.length])).toEqual([['lib/', 'directory', 0], [expect.any(String), 'file', 40_000], [expect.any(String), 'link', 0]])
    const etc = await unpack(Buffer.concat(await collect(service.extract({ ...of, view, path: 'etc' }, never))))
    expect(Object.fromEntries(etc.map(({ name, content }) => [name, content]))).toEqual({ 'etc/': '', 'etc/conf.d/': '', 'etc/conf.d/one': '111', 'etc/conf.d/Two': '22', 'etc/new': 'new' })
  })

  it('ends with its reader', async () => {
    const files = Array.from({ length: 40 }, (_, at) => ({ name: `d/${at}`, content: Buffer.alloc(200_000, at) }))
    const { archive } = await imageArchive([{ entries: files }])
    const { service, exports } = layerService({ [ID]: archive })
    await service.analyse(of, context)
    const before = exports.bytes
    for await (const piece of service.extract({ ...of, view: { kind: 'stack', layer: 0 }, path: 'd' }, never)) {
      expect(piece.length).toBeGreaterThan(0)
      break
    }
    expect(exports.begun).toBe(exports.ended)
    expect(exports.bytes - before).toBeLessThan(archive.length / 2)
  })
})

describe('comparing', () => {
  it('tells what came, went and changed, level by level', async () => {
    const { archive } = await imageArchive(STEPS)
    const { archive: other } = await imageArchive([
      { entries: [{ name: 'etc/passwd', content: 'root' }, { name: 'etc/conf.d/one', content: '1' }, { name: 'usr/lib/big', content: 'small' }, { name: 'opt/x/y', content: 'y' }] },
    ])
    const { service } = layerService({ [ID]: other, [OTHER]: archive })
    const both = { ...of, imageId: OTHER }
    await service.analyse(of, context)
    await service.analyse(both, context)
    const compare = (path: string, more: object = {}) =>
      service.ask('compare', { key: service.keyOf(of), other: service.keyOf(both), path, sort: 'name', descending: false, offset: 0, limit: 100, ...more })
    const top = await compare('')
    expect(top.entries.map(({ name, mark, beforeBytes, sizeBytes }) => [name, mark, beforeBytes, sizeBytes])).toEqual([
      ['dev', 'added', 0, 0],
      ['etc', 'changed', 5, 8],
      ['evil', 'added', 0, 4],
      ['opt', 'removed', 1, 0],
      ['usr', 'changed', 5, 40_000],
    ])
    expect(top.totals).toEqual({ counts: { added: 6, changed: 2, removed: 2, unmodified: 0 }, beforeBytes: 11, afterBytes: 40_012 })
    expect((await compare('opt/x')).entries).toMatchObject([{ path: 'opt/x/y', mark: 'removed', beforeBytes: 1, sizeBytes: 0 }])
    expect(names(await compare('etc', { marks: ['removed'] }))).toEqual(['passwd'])
    expect(names(await compare('etc', { text: 'two' }))).toEqual(['conf.d'])
  })
})

describe('sparse files', () => {
  const FORMATS = ['--format=gnu', '--format=posix --sparse-version=0.0', '--format=posix --sparse-version=0.1', '--format=posix --sparse-version=1.0']

  it.each(FORMATS)('of tar %s have their size and their bytes', async (format) => {
    const folder = mkdtempSync(join(tmpdir(), 'naru-sparse-'))
    try {
      const path = join(folder, 'holes')
      const fd = openSync(path, 'w')
      for (let piece = 1; piece <= 30; piece++) writeSync(fd, Buffer.alloc(4_096, `piece ${piece} `), 0, 4_096, piece * 200_000)
      truncateSync(path, 7_000_000)
      const tar = execFileSync('tar', ['-C', folder, '--sparse', ...format.split(' '), '-cf', '-', 'holes'], { maxBuffer: 1e9 })
      expect(tar.length).toBeLessThan(1_000_000)
      const config = JSON.stringify({ rootfs: { diff_ids: ['sha256:1'] } })
      const manifest = JSON.stringify([{ Config: 'c.json', Layers: ['l.tar'] }])
      const archive = await tarOf([{ name: 'l.tar', content: gzipSync(tar) }, { name: 'c.json', content: config }, { name: 'manifest.json', content: manifest }])
      expect((await analyseArchive(Readable.from([archive]))).layers[0]).toMatchObject({ sizeBytes: 7_000_000, files: 1 })
      const { service } = layerService({ [ID]: archive })
      await service.analyse(of, context)
      const bytes = Buffer.concat(await collect(service.extract({ ...of, view: { kind: 'stack', layer: 0 }, path: 'holes' }, never)))
      expect(bytes.equals(readFileSync(path))).toBe(true)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
