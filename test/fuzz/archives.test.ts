/** Archives of images, files and uploads: damaged ones are refused with the byte, hostile ones never lead out. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect } from 'vitest'
import { NaruError } from '../../engine/contract/errors.ts'
import { UploadGate } from '../../engine/container-files/upload-gate.ts'
import { RecordReader } from '../../engine/container-files/ask-folder.ts'
import { analyseArchive } from '../../engine/layers/analyse.ts'
import { readPax } from '../../engine/layers/pax.ts'
import { TarScanner } from '../../engine/layers/tar-scanner.ts'
import { fuzz } from '../support/fuzz/budget.ts'
import { cuts, nearBytes } from '../support/fuzz/inputs.ts'
import { orRefused } from '../support/fuzz/refusals.ts'
import { FLAVOURS, imageArchive, tarOf, zstdStored } from '../support/image-archive.ts'
import { cutAt } from '../support/log-frames.ts'

const LAYERS = [
  { entries: [{ name: 'bin/', type: 'directory' as const }, { name: 'bin/sh', content: 'shell' }, { name: 'etc/link', type: 'symlink' as const, linkname: '../../../etc/passwd' }] },
  { entries: [{ name: 'bin/.wh.sh' }, { name: `${'long/'.repeat(60)}name`, content: 'x' }, { name: 'etc/.wh..wh..opq' }] },
]
const archives = await Promise.all(FLAVOURS.map(async (flavour) => (await imageArchive(LAYERS, { flavour })).archive))
const plainTar = await tarOf([{ name: 'a', content: 'one' }, { name: 'folder/', type: 'directory' }, { name: 'folder/b', content: 'x'.repeat(1_500) }, { name: '한글'.repeat(40), content: 'y', pax: { comment: 'z', mtime: '1.5' } }])
const hostileTar = await tarOf([{ name: '../../out', content: 'x' }, { name: '/abs', content: 'x' }, { name: 'link', type: 'symlink', linkname: '/etc' }, { name: 'dev', type: 'character-device', devmajor: 1, devminor: 3 }])

async function* stream(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces
}

fuzz('archives of images', fc.tuple(nearBytes(fc.constantFrom(...archives)), cuts), async ([bytes, places]) => {
  const found = await orRefused(() => analyseArchive(stream(cutAt(bytes, places))))
  for (const { path } of found?.wasted ?? []) expect(path.split('/')).not.toContain('..')
})

/** Layers come packed: what unpacks them gets the same treatment, inside an archive whose manifest is right. */
const packed = fc.tuple(nearBytes(fc.constantFrom(gzipSync(plainTar), zstdStored(plainTar), plainTar, hostileTar)), fc.boolean()).map(([layer]) => {
  const digest = createHash('sha256').update(layer).digest('hex')
  return { layer, digest }
})

fuzz('packed layers', packed, async ({ layer, digest }) => {
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] }, history: [{ created_by: 'COPY' }] })
  const manifest = JSON.stringify([{ Config: 'config.json', RepoTags: ['a:b'], Layers: ['layer.tar'] }])
  const archive = await tarOf([{ name: 'layer.tar', content: layer }, { name: 'config.json', content: config }, { name: 'manifest.json', content: manifest }])
  await orRefused(() => analyseArchive(stream([archive])))
})

const oneOf = nearBytes(fc.constantFrom(plainTar, hostileTar, ...archives))

fuzz('entries of a tar, however it is cut', fc.tuple(oneOf, cuts), async ([bytes, places]) => {
  const scan = async (pieces: readonly Uint8Array[]) => {
    const seen: string[] = []
    let data = 0
    const scanner = new TarScanner(
      { entry: (entry) => seen.push(`${entry.kind} ${Buffer.from(entry.name).toString('latin1')} ${entry.size}`) > 0, data: (piece) => void (data += piece.length), end: () => undefined },
      { strictEnd: true },
    )
    try {
      for (const piece of pieces) await scanner.write(piece)
      scanner.close()
    } catch (error) {
      if (!(error instanceof NaruError)) throw error
      return { seen, refused: error.code, at: error.params?.['position'] }
    }
    return { seen, data, refused: null }
  }
  expect(await scan(cutAt(bytes, places))).toEqual(await scan([bytes]))
})

fuzz('PAX records', nearBytes(fc.constantFrom(Buffer.from('30 mtime=1350244992.023960108\n'), Buffer.from('19 GNU.sparse.map=1\n11 path=ab\n'), Buffer.from('22 GNU.sparse.size=12\n'))), (bytes) => {
  const problem = readPax(bytes, {})
  expect(problem === null || problem.length < 500).toBe(true)
})

fuzz('what a page uploads', fc.tuple(oneOf, cuts), async ([bytes, places]) => {
  const gate = new UploadGate('/into')
  let passed = 0
  const cut: unknown[] = []
  await orRefused(async () => {
    for await (const chunk of gate.pass(stream(cutAt(bytes, places)), new AbortController().signal, (reason) => void cut.push(reason))) passed += chunk.length
  })
  expect(passed).toBeLessThanOrEqual(bytes.length)
  expect(gate.incomplete ?? '/into/').toMatch(/^\/into\//)
  expect((gate.incomplete ?? '').split('/')).not.toContain('..')
  for (const reason of cut) expect(reason).toBeInstanceOf(NaruError)
})

const record = (name: string): Buffer => Buffer.from(`WORD 81a4 12 1700000000 0 0 /f/./${name}WORDWORD'/f/./${name}'\n`)

fuzz('what the programs of a container say of a folder', fc.tuple(nearBytes(fc.array(fc.constantFrom('a', 'b c', '한', '..', 'x\ny', 'WORD'), { maxLength: 5 }).map((names) => Buffer.concat(names.map(record)))), cuts), ([bytes, places]) => {
  const read = (pieces: readonly Uint8Array[]) => {
    const reader = new RecordReader('WORD', Buffer.from('/f'))
    const fine = pieces.every((piece) => reader.write(piece)) && reader.end()
    return fine ? reader.entries : null
  }
  const whole = read([bytes])
  expect(read(cutAt(bytes, places))).toEqual(whole)
  for (const { name } of whole ?? []) expect(name).not.toContain('/')
})
