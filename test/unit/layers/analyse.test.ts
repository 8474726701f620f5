import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { analyseArchive, analyseTree } from '../../../engine/layers/analyse.ts'
import { FLAVOURS, hasZstd, imageArchive, tarOf, zstd, zstdStored } from '../../support/image-archive.ts'
import type { Step, TestEntry } from '../../support/image-archive.ts'
import { rawTar } from '../../support/raw-tar.ts'

/** Cut in pieces of that many bytes. */
export async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const file = (name: string, length: number, more: Partial<TestEntry> = {}): TestEntry => ({ name, content: 'x'.repeat(length), ...more })

const STEPS: readonly Step[] = [
  { command: 'ADD base', entries: [file('etc/passwd', 100), file('usr/big', 10_000), { name: 'usr/link', type: 'symlink', linkname: 'big' }] },
  { command: 'ENV a=b' },
  { command: 'RUN change', entries: [file('etc/passwd', 60), file('etc/new', 5)] },
  { command: 'RUN rm', entries: [{ name: 'usr/.wh.big', content: '' }] },
  { command: 'CMD sh' },
]

async function analyse(steps: readonly Step[], size = 1_000) {
  const { archive } = await imageArchive(steps)
  return analyseArchive(pieces(archive, size))
}

describe('analyseArchive', () => {
  it.each(FLAVOURS)('reads the %s layout', async (flavour) => {
    const { archive, diffIds } = await imageArchive(STEPS, { flavour })
    const found = await analyseArchive(pieces(archive, 777))
    expect(found.layers.map(({ command, sizeBytes, files, empty }) => [command, sizeBytes, files, empty])).toEqual([
      ['ADD base', 10_100, 3, false],
      ['ENV a=b', 0, 0, true],
      ['RUN change', 65, 2, false],
      ['RUN rm', 0, 0, false],
      ['CMD sh', 0, 0, true],
    ])
    expect(found.layers.map(({ diffId }) => diffId)).toEqual([diffIds[0], '', diffIds[1], diffIds[2], ''])
    for (const { digest, empty } of found.layers) expect(digest).toMatch(empty ? /^$/ : /^sha256:[0-9a-f]{64}$/)
    expect(found.layers.map(({ added, changed, removed }) => [added, changed, removed])).toEqual([[3, 0, 0], [0, 0, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0]])
    expect(found.totalBytes).toBe(10_165)
    expect(found.wasted).toEqual([
      { path: 'usr/big', count: 2, bytes: 10_000 },
      { path: 'etc/passwd', count: 2, bytes: 160 },
    ])
    expect(found.wastedBytes).toBe(10_160)
    expect(found.efficiency).toBeCloseTo(65 / 10_165, 10)
  })

  it.each(FLAVOURS)('tells what the blobs of the %s layout take, packed or not', async (flavour) => {
    const { archive } = await imageArchive(STEPS, { flavour })
    const { layers } = await analyseTree(pieces(archive, 777))
    const [base, env, change] = layers
    // Ten thousand times one letter: gzip makes little of it, a tar some more.
    if (flavour === 'oci-gzip') expect(base?.blobBytes).toBeLessThan(1_000)
    else expect([(base?.blobBytes ?? 1) % 512, (base?.blobBytes ?? 0) > 10_100]).toEqual([0, true])
    expect(env?.blobBytes).toBe(0)
    expect(change?.blobBytes).toBeGreaterThan(0)
  })

  it('reads a file by its path, a stream, and an archive that is packed itself', async () => {
    const { archive } = await imageArchive(STEPS)
    const folder = mkdtempSync(join(tmpdir(), 'naru-layers-'))
    try {
      const path = join(folder, 'image.tar')
      writeFileSync(path, archive)
      const expected = await analyseArchive(path)
      expect(expected.layers).toHaveLength(5)
      expect(await analyseArchive(Readable.from([archive]))).toEqual(expected)
      expect(await analyseArchive(pieces(gzipSync(archive), 100))).toEqual(expected)
      await expect(analyseArchive(join(folder, 'none.tar'))).rejects.toMatchObject({ code: 'not-found' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('reads layers packed with zstd, in several frames too', async () => {
    const twice = (layer: Buffer): Buffer => Buffer.concat([zstdStored(layer.subarray(0, 1_000)), zstdStored(layer.subarray(1_000))])
    const plain = await analyse(STEPS)
    for (const compress of [zstdStored, twice, ...(hasZstd ? [zstd] : [])]) {
      const { archive } = await imageArchive(STEPS, { flavour: 'oci', compress })
      const found = await analyseArchive(pieces(archive, 333))
      expect({ ...found, layers: found.layers.map(({ digest: _, ...rest }) => rest) }).toEqual({ ...plain, layers: plain.layers.map(({ digest: _, ...rest }) => rest) })
    }
  })

  it('removes with a directory all that is in it', async () => {
    const base: Step = { entries: [{ name: 'd/', type: 'directory' }, file('d/a', 100), file('d/e/b', 50), file('keep', 10)] }
    const gone = [{ path: 'd/a', count: 2, bytes: 100 }, { path: 'd/e/b', count: 2, bytes: 50 }]
    for (const top of [
      [{ name: '.wh.d', content: '' }],
      [{ name: 'd/', type: 'directory' as const }, { name: 'd/.wh..wh..opq', content: '' }],
      [{ name: 'd', content: '' }],
    ]) {
      const found = await analyse([base, { entries: top }])
      expect(found.wasted).toEqual(gone)
      expect(found.efficiency).toBeCloseTo(10 / 160, 10)
      expect(found.layers[1]?.removed).toBe(2)
    }
  })

  it('an opaque directory hides what is below, not what its own layer brings, before or behind the mark', async () => {
    const base: Step = { entries: [file('d/a', 100), file('d/b', 100)] }
    const opaque = { name: 'd/.wh..wh..opq', content: '' }
    for (const entries of [[opaque, file('d/a', 100)], [file('d/a', 100), opaque]]) {
      const found = await analyse([base, { entries }])
      expect(found.layers[1]).toMatchObject({ unmodified: 1, removed: 1, added: 0, changed: 0 })
    }
  })

  it('tells unchanged files from changed ones by content, mode, owner and target, not by time', async () => {
    const base = [
      file('same', 10, { mtime: new Date(5_000) }),
      file('content', 10),
      file('mode', 10, { mode: 0o644 }),
      file('owner', 10),
      { name: 'link', type: 'symlink' as const, linkname: 'a' },
      { name: 'samelink', type: 'symlink' as const, linkname: 'a' },
    ]
    const top = [
      file('same', 10, { mtime: new Date(9_000) }),
      { name: 'content', content: 'y'.repeat(10) },
      file('mode', 10, { mode: 0o755 }),
      file('owner', 10, { uid: 7 }),
      { name: 'link', type: 'symlink' as const, linkname: 'b' },
      { name: 'samelink', type: 'symlink' as const, linkname: 'a' },
    ]
    const found = await analyse([{ entries: base }, { entries: top }])
    expect(found.layers[1]).toMatchObject({ unmodified: 2, changed: 4, added: 0, removed: 0 })
    expect(found.efficiency).toBeCloseTo(0.5, 10)
  })

  it('counts the bytes of a hard link once, and knows it as its file', async () => {
    const entries: TestEntry[] = [file('a', 100), { name: 'b', type: 'link', linkname: './a' }]
    const found = await analyse([{ entries }, { entries: [file('b', 100), { name: 'a', type: 'link', linkname: 'b' }] }])
    expect(found.layers[0]).toMatchObject({ sizeBytes: 100, files: 2 })
    expect(found.layers[1]).toMatchObject({ sizeBytes: 100, unmodified: 2 })
  })

  it('never leaves the root: absolute and climbing paths are the same as plain ones', async () => {
    const found = await analyse([{ entries: [file('./etc/a', 1)] }, { entries: [file('/etc/a', 2)] }, { entries: [file('../../etc/x/../a', 3)] }])
    expect(found.wasted).toEqual([{ path: 'etc/a', count: 3, bytes: 6 }])
  })

  it('shows names that are no UTF-8', async () => {
    const tar = await tarOf([file('caf_', 3)])
    tar[3] = 0xe9
    const sum = tar.subarray(0, 512).reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0)
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    const config = JSON.stringify({ rootfs: { diff_ids: ['sha256:1', 'sha256:2'] } })
    const manifest = JSON.stringify([{ Config: 'c.json', Layers: ['a.tar', 'b.tar'] }])
    const archive = await tarOf([{ name: 'a.tar', content: tar }, { name: 'b.tar', content: tar }, { name: 'c.json', content: config }, { name: 'manifest.json', content: manifest }])
    const found = await analyseArchive(pieces(archive, 512))
    expect(found.wasted).toEqual([{ path: String.raw`caf\xe9`, count: 2, bytes: 6 }])
    expect(found.layers[1]?.unmodified).toBe(1)
  })

  it('reads long names, device nodes and layers without an end', async () => {
    const long = `${'d'.repeat(90)}/${'e'.repeat(120)}/${'ö'.repeat(100)}`
    const found = await analyse([
      { entries: [file(long, 9), { name: 'dev/null', type: 'character-device', devmajor: 1, devminor: 3 }, { name: 'pipe', type: 'fifo' }] },
      { entries: [file(long, 8), { name: 'dev/null', type: 'character-device', devmajor: 1, devminor: 5 }] },
      { entries: [] },
    ])
    expect(found.wasted).toEqual([{ path: long, count: 2, bytes: 17 }])
    expect(found.layers.map(({ files, changed }) => [files, changed])).toEqual([[3, 0], [2, 2], [0, 0]])
  })

  it('refuses paths that no file system has', async () => {
    await expect(analyse([{ entries: [file('a/'.repeat(1_200) + 'b', 1)] }])).rejects.toMatchObject({ code: 'archive-broken' })
    await expect(analyse([{ entries: [file('a'.repeat(40_000), 1)] }])).rejects.toMatchObject({ code: 'archive-broken' })
  })

  it('refuses an archive of more files than an image can be made of', async () => {
    const many = rawTar(Array.from({ length: 10_001 }, (_, at) => ({ name: Buffer.from(`${at}`), content: new Uint8Array(0) })))
    await expect(analyseArchive(pieces(many, 1 << 20))).rejects.toMatchObject({ code: 'archive-broken', detail: 'more than 10000 files' })
  })

  it('says what packing it cannot read', async () => {
    const xz = Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), Buffer.alloc(2_000)])
    const { archive } = await imageArchive(STEPS, { compress: () => xz })
    await expect(analyseArchive(pieces(archive, 100))).rejects.toMatchObject({ code: 'unsupported', hint: 'layer-packing', params: { name: 'xz' } })
  })

  it('says where a broken archive is broken', async () => {
    const { archive } = await imageArchive(STEPS)
    const cut = analyseArchive(pieces(archive.subarray(0, 5_000), 100))
    await expect(cut).rejects.toMatchObject({ code: 'archive-broken', params: { position: 5_000 } })
    const damaged = Buffer.from(archive)
    damaged.fill(7, 512, 1_024)
    // The first layer is the first file: its first header is at byte 512 and no longer one, so no layer is found.
    await expect(analyseArchive(pieces(damaged, 100))).rejects.toMatchObject({ code: 'archive-broken' })
    await expect(analyseArchive(pieces(Buffer.from('hello'), 2))).rejects.toMatchObject({ code: 'archive-broken' })
    await expect(analyseArchive(pieces(new Uint8Array(0), 2))).rejects.toMatchObject({ code: 'archive-broken' })
    await expect(analyseArchive(pieces(new Uint8Array(2_048), 512))).rejects.toMatchObject({ code: 'archive-broken' })
  })
})
