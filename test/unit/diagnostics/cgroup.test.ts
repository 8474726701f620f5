/** A folder of files in the kernel's place: only a boot changes the real one. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { EngineSummary } from '../../../engine/contract/models.ts'
import { cgroupCheck } from '../../../engine/diagnostics/checks/cgroup.ts'
import { engine, makeFolder, outcomeOf } from './support.ts'

const NOTHING = { pause: true, limits: true, stats: true, update: true, buildkit: true, swarm: true, distribution: true, layerDirectories: true }
const withNotes = (...notes: string[]): Partial<EngineSummary> => ({ capabilities: { ...NOTHING, notes } })
const asked = (root: string, more: Partial<EngineSummary> = {}) => outcomeOf(cgroupCheck({ engine: engine(more), root }))

it('fails where none are mounted', async () => {
  const root = await makeFolder()
  expect(await asked(root)).toMatchObject({ state: 'failed', why: 'missing', params: { path: root } })
})

it('names the controllers that are missing', async () => {
  const root = await makeFolder()
  await writeFile(join(root, 'cgroup.controllers'), 'cpuset cpu io\n')
  expect(await asked(root)).toMatchObject({ state: 'warned', why: 'controllers', params: { missing: 'memory, pids' } })
  await writeFile(join(root, 'cgroup.controllers'), 'cpuset cpu io memory hugetlb pids\n')
  expect(await asked(root)).toMatchObject({ state: 'passed', why: 'whole' })
})

it('believes the engine that says it has none, and gives a rootless one the command', async () => {
  const root = await makeFolder()
  await writeFile(join(root, 'cgroup.controllers'), 'cpu memory pids\n')
  const result = await asked(root, { ...withNotes('no-cgroups'), rootless: true })
  expect(result).toMatchObject({ state: 'warned', why: 'without' })
  expect(result.fixes[0]).toMatchObject({ kind: 'command', command: expect.stringContaining('Delegate=cpu cpuset io memory pids') as string })
  expect(await asked(root, withNotes('no-limits'))).toMatchObject({ state: 'warned', why: 'no-limits', fixes: [] })
})

it('takes version 1, and leaves the virtual machine to its own kernel', async () => {
  const root = await makeFolder()
  expect(await asked(root, { kind: 'vm' })).toMatchObject({ state: 'skipped' })
  await mkdir(join(root, 'memory'))
  expect(await asked(root)).toMatchObject({ state: 'passed', why: 'old' })
})
