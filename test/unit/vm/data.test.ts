import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { vmData } from '../../../engine/providers/vm/data.ts'

let folder = ''
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'naru-data-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

it('a virtual machine’s data is its disk and nothing else', async () => {
  const vm = join(folder, 'vm')
  await mkdir(vm)
  expect(await vmData(vm).bytes(new AbortController().signal)).toBe(0)
  for (const name of ['data.qcow2', 'data.qcow2.new', 'acceleration.json', 'backup of mine.qcow2']) await writeFile(join(vm, name), Buffer.alloc(10_000, 'x'))
  expect(await vmData(vm).bytes(new AbortController().signal)).toBeGreaterThanOrEqual(10_000)
  await vmData(vm).wipe()
  expect((await readdir(vm)).filter((name) => name !== 'machine.lock').sort()).toEqual(['acceleration.json', 'backup of mine.qcow2'])
  // Twice is as good as once.
  await vmData(vm).wipe()
})
