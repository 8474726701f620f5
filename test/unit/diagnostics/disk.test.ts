/** Real file systems of the wanted size, in memory. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { NaruError, toEnvelope } from '../../../engine/contract/errors.ts'
import { diskCheck } from '../../../engine/diagnostics/checks/disk.ts'
import { engine, isRoot, makeFolder, mountTmpfs, outcomeOf } from './support.ts'

const asked = (stateFolder: string, more = {}) => outcomeOf(diskCheck({ stateFolder, engine: engine(more) }))

it.runIf(isRoot)('fails on a full disk', async () => {
  const folder = await makeFolder()
  await mountTmpfs(folder, 'size=1m')
  await writeFile(join(folder, 'filler'), Buffer.alloc(1024 ** 2))
  await expect(writeFile(join(folder, 'more'), Buffer.alloc(4096))).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await asked(folder)).toMatchObject({ state: 'failed', why: 'full', params: { freeBytes: 0, totalBytes: 1024 ** 2 }, fixes: [{ kind: 'screen', screen: 'images' }] })
})

it.runIf(isRoot)('fails where no more files can be made although there is room for their bytes', async () => {
  const folder = await makeFolder()
  await mountTmpfs(folder, 'size=8g,nr_inodes=200')
  for (let n = 0; n < 199; n++) await writeFile(join(folder, String(n)), '')
  await expect(writeFile(join(folder, 'more'), '')).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await asked(folder)).toMatchObject({ state: 'failed', why: 'no-files', params: { free: 0 } })
})

it.runIf(isRoot)('warns before it is too late, and is content with enough', async () => {
  const [little, enough] = [await makeFolder(), await makeFolder()]
  await mountTmpfs(little, 'size=2g')
  await mountTmpfs(enough, 'size=8g')
  expect(await asked(little)).toMatchObject({ state: 'warned', why: 'little' })
  expect(await asked(enough)).toMatchObject({ state: 'passed', why: 'room' })
})

it('believes the engine that says its own disk is full', async () => {
  const error = toEnvelope(new NaruError('no-space', 'full', { hint: 'vm-disk-full' }))
  expect(await asked(await makeFolder(), { status: 'degraded', error })).toMatchObject({ state: 'failed', why: 'engine-full', error })
})
