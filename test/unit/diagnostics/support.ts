/** For tests of the self-check's parts: an engine as the manager tells of one, and one check run by itself. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { CheckResult, EngineSummary } from '../../../engine/contract/models.ts'
import type { Check } from '../../../engine/diagnostics/check.ts'
import { runChecks } from '../../../engine/diagnostics/runner.ts'
import { exec } from '../../../engine/system/exec.ts'

export const engine = (more: Partial<EngineSummary> = {}): EngineSummary => ({ id: 'native', kind: 'native', name: '', status: 'ready', since: 0, origin: 'embedded', managed: true, ...more })

/** As the runner runs it. */
export async function outcomeOf(check: Check): Promise<CheckResult> {
  for await (const result of runChecks([check], AbortSignal.timeout(30_000))) return result
  throw new Error('no result')
}

export const isRoot = process.getuid?.() === 0

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})
/** Done after the test, the newest first. */
export const afterwards = (act: () => Promise<unknown>): void => void undo.push(act)

/** A folder of the test's own. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-check-'))
  afterwards(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A file system in memory at `folder`; root only. */
export async function mountTmpfs(folder: string, options: string): Promise<void> {
  await exec('mount', ['-t', 'tmpfs', '-o', options, 'naru-check', folder])
  afterwards(() => exec('umount', [folder]))
}
