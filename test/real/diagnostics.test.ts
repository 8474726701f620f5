/** The self-check against the embedded engine: all is well; then somebody empties the firewall. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CheckResult } from '../../engine/contract/models.ts'
import { createNativeProvider } from '../../engine/providers/native/native-provider.ts'
import { nativePaths } from '../../engine/providers/native/paths.ts'
import { removalOf, NO_RULES, transaction } from '../../engine/providers/native/rules.ts'
import { restoreRules } from '../../engine/providers/native/restore.ts'
import { networkTools } from '../../engine/providers/native/tools.ts'
import { exec } from '../../engine/system/exec.ts'
import { startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { BUNDLES, prepareNative, whyNoNative } from '../support/native.ts'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const skip = whyNoNative()
let folder = ''
let room: EngineRoom

async function results(): Promise<ReadonlyMap<string, CheckResult>> {
  const found = new Map<string, CheckResult>()
  for await (const result of room.link.stream('diagnostics.run', {}, { signal: AbortSignal.timeout(60_000) })) found.set(result.id, result)
  return found
}

beforeAll(async () => {
  if (skip !== null) return
  await prepareNative('newest')
  folder = await realpath(await mkdtemp(join(tmpdir(), 'naru-check-')))
  const provider = createNativeProvider({ stateFolder: join(folder, 'engine'), bundleFolder: BUNDLES.newest, log: () => undefined })
  room = await startEngineRoom({ stateFolder: folder, bundleFolder: BUNDLES.newest, engines: { providers: [provider] } })
  await room.link.call('settings.update', { patch: { hubUrl: 'http://127.0.0.1:9' } })
  await room.engines(({ engines }) => engines.some(({ status }) => status === 'ready'))
}, 120_000)
afterAll(async () => {
  if (skip !== null) return
  await room.run('engines.stop', { engineId: 'native', containers: 'stop' })
  await room.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

it.skipIf(skip !== null)(`finds a running engine whole, and its rules gone when the firewall was emptied${skip === null ? '' : ` (skipped: ${skip})`}`, async () => {
  const whole = await results()
  for (const id of ['engine', 'versions', 'cgroup', 'firewall', 'leftovers']) expect(whole.get(id), id).toMatchObject({ state: 'passed' })
  expect(whole.get('firewall')).toMatchObject({ why: 'rules' })
  const { tag } = nativePaths(join(folder, 'engine'))
  const tools = await networkTools(BUNDLES.newest)
  const { stdout } = await exec(tools.iptablesSave, [], { env: tools.env })
  await restoreRules([tools.iptablesRestore, []], transaction(removalOf(stdout, tag), NO_RULES), { env: tools.env })
  expect((await results()).get('firewall')).toMatchObject({ state: 'failed', why: 'rules-gone' })
}, 90_000)
