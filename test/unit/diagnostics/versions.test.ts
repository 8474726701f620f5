/** Real files: the record of a start, and the bundle of now. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { NaruError, toEnvelope } from '../../../engine/contract/errors.ts'
import type { EngineSummary } from '../../../engine/contract/models.ts'
import { versionsCheck } from '../../../engine/diagnostics/checks/versions.ts'
import { readManifest } from '../../../engine/providers/native/manifest.ts'
import { nativePaths } from '../../../engine/providers/native/paths.ts'
import { readRecord, writeRecord } from '../../../engine/providers/native/record.ts'
import { engine, makeFolder, outcomeOf } from './support.ts'

const VERSION = { product: 'Moby', version: '28.5.2', apiVersion: '1.51', os: 'linux', arch: 'amd64', rootless: false }

async function asked(started: string, now: string, more: Partial<EngineSummary> = {}) {
  const [folder, bundle] = [await makeFolder(), await makeFolder()]
  const paths = nativePaths(folder)
  await mkdir(paths.run)
  await writeRecord(paths, { boot: 'b', slot: 0, bundle: started })
  await writeFile(join(bundle, 'manifest.json'), JSON.stringify({ stamp: now, versions: {} }))
  return outcomeOf(versionsCheck({ version: '1.0.0', engine: engine({ version: VERSION, ...more }), record: () => readRecord(paths), manifest: () => readManifest(bundle) }))
}

it('fails for an engine that Naru cannot speak to', async () => {
  const error = toEnvelope(new NaruError('engine.incompatible', 'old', { hint: 'engine-too-old' }))
  expect(await asked('a', 'a', { error })).toMatchObject({ state: 'failed', why: 'unfit', error })
})

it('warns when the embedded engine was started from other files than are there now', async () => {
  expect(await asked('old', 'new')).toMatchObject({ state: 'warned', why: 'older', fixes: [{ kind: 'screen', screen: 'engines' }] })
  expect(await asked('new', 'new')).toMatchObject({ state: 'passed', why: 'fit', params: { naru: '1.0.0', product: 'Moby', version: '28.5.2', apiVersion: '1.51' } })
  expect((await asked('old', 'new', { kind: 'socket' })).state).toBe('passed')
})
