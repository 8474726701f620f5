/** Archives against an engine that breaks: what was begun goes, and the reason is told. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OperationProgress } from '../../engine/contract/models.ts'
import { loadImages, saveImages } from '../../engine/images/archive.ts'
import type { ArchiveWork } from '../../engine/images/archive.ts'
import { createTransferService } from '../../engine/transfers/service.ts'
import { collect, startFakeEngine } from './harness.ts'
import type { FakeEngine } from './harness.ts'

let engine: FakeEngine
let folder: string
let work: ArchiveWork
const peer = { peerId: 'page', signal: new AbortController().signal }

beforeEach(async () => {
  engine = await startFakeEngine({ images: 3 })
  folder = await mkdtemp(join(tmpdir(), 'naru-archives-'))
  work = { client: await engine.connect(), transfers: createTransferService(), home: folder }
})
afterEach(async () => {
  await engine.close()
  await rm(folder, { recursive: true, force: true })
})

const context = (signal = AbortSignal.timeout(20_000)) => {
  const reports: OperationProgress[] = []
  return { signal, report: (progress: OperationProgress) => void reports.push(progress), reports }
}

describe('a save that is cut in the middle', () => {
  it('leaves no file', async () => {
    engine.fake.faults.cut = /^GET \/images\//
    const target = { kind: 'path', path: join(folder, 'cut.tar'), overwrite: false } as const
    await expect(saveImages(work, { references: ['a:1'], target }, context())).rejects.toMatchObject({ code: 'engine.unreachable' })
    expect(await readdir(folder)).toEqual([])
  })
  it('leaves the file that was to be written over as it was', async () => {
    engine.fake.faults.cut = /^GET \/images\//
    await writeFile(join(folder, 'old.tar'), 'old')
    const target = { kind: 'path', path: '~/old.tar', overwrite: true } as const
    await expect(saveImages(work, { references: ['a:1'], target }, context())).rejects.toMatchObject({ code: 'engine.unreachable' })
    expect(await readdir(folder)).toEqual(['old.tar'])
  })
  it('tells the page that reads it', async () => {
    engine.fake.faults.cut = /^GET \/images\//
    const { transferId } = await work.transfers.open({ direction: 'download' }, peer)
    const saving = saveImages(work, { references: ['a:1', 'b:1'], target: { kind: 'transfer', transferId, name: 'x.tar' } }, context())
    const outcome = expect(saving).rejects.toMatchObject({ code: 'engine.unreachable' })
    await expect(collect(work.transfers.read({ transferId }, peer))).rejects.toMatchObject({ code: 'engine.unreachable' })
    await outcome
  })
  it('ends when the person cancels while the engine says nothing', async () => {
    engine.fake.faults.hang = /^GET \/images\//
    const abort = new AbortController()
    const target = { kind: 'path', path: join(folder, 'never.tar'), overwrite: false } as const
    const saving = saveImages(work, { references: ['a:1'], target }, context(abort.signal))
    const outcome = expect(saving).rejects.toMatchObject({ code: 'cancelled' })
    abort.abort()
    await outcome
    expect(await readdir(folder)).toEqual([])
  })
})

describe('a load', () => {
  it('that the engine ends with an error in its stream is a broken archive, by its name', async () => {
    engine.fake.faults.loadError = 'unexpected EOF'
    await writeFile(join(folder, 'a.tar'), 'x'.repeat(5_000))
    const reports = context()
    await expect(loadImages(work, { source: { kind: 'path', path: '~/a.tar' } }, reports)).rejects.toMatchObject({
      code: 'invalid-request',
      hint: 'archive-broken',
      params: { name: 'a.tar' },
      detail: 'unexpected EOF',
    })
    expect(reports.reports.at(-1)?.parts).toEqual([{ id: 'a.tar', state: 'done', currentBytes: 5_000, totalBytes: 5_000 }])
  })
  it('whose page goes is cancelled, whatever the engine makes of the rest', async () => {
    const { transferId } = await work.transfers.open({ direction: 'upload' }, peer)
    const loading = loadImages(work, { source: { kind: 'transfer', transferId, name: 'b.tar', sizeBytes: 100 } }, context())
    const outcome = expect(loading).rejects.toMatchObject({ code: 'cancelled' })
    await work.transfers.write({ transferId, bytes: new Uint8Array(10) }, peer)
    work.transfers.closePeer('page')
    await outcome
  })
})
