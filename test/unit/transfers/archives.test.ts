/** Whose fault it is when an archive is not read to its end. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSource } from '../../../engine/transfers/archives.ts'
import { createTransferService } from '../../../engine/transfers/service.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-archives-'))
})
afterAll(() => rm(folder, { recursive: true }))

const open = async (path: string) => openSource({ kind: 'path', path }, { transfers: createTransferService(), home: folder }, 'loading', { signal: AbortSignal.timeout(10_000), report: () => undefined })

it('a connection that breaks while an archive is sent is no failure of the file', async () => {
  const path = join(folder, 'whole.tar')
  await writeFile(path, new Uint8Array(1_000_000))
  const source = await open(path)
  const pieces = source.bytes[Symbol.asyncIterator]()
  expect((await pieces.next()).done).toBe(false)
  // As a stream does that the engine's socket broke.
  await expect(pieces.throw?.(new Error('read ECONNRESET'))).rejects.toThrow('read ECONNRESET')
  expect(source.failure()).toBeUndefined()
})

it('a file that is gone when it is read is', async () => {
  const path = join(folder, 'gone.tar')
  await writeFile(path, 'x')
  const source = await open(path)
  await rm(path)
  await expect(source.bytes[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'not-found' })
  expect(source.failure()).toMatchObject({ code: 'not-found' })
})
