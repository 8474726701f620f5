/** The whole run over the link, in an engine room that has no engine. */
import { expect, it } from 'vitest'
import { CHECK_IDS } from '../../../engine/contract/models.ts'
import type { CheckResult } from '../../../engine/contract/models.ts'
import { startEngineRoom } from '../../support/engine-room.ts'
import { afterwards } from './support.ts'

it('gives one result for every check, and none of them is an accident', async () => {
  const room = await startEngineRoom()
  afterwards(() => room.close())
  await room.engines(({ detecting }) => !detecting)
  // Port 9 (discard): nobody listens, nobody outside is asked.
  await room.link.call('settings.update', { patch: { hubUrl: 'http://127.0.0.1:9' } })
  const results = new Map<string, CheckResult>()
  for await (const result of room.link.stream('diagnostics.run', {}, { signal: AbortSignal.timeout(60_000) })) results.set(result.id, result)
  expect([...results.keys()].sort()).toEqual([...CHECK_IDS].sort())
  expect([...results.values()].filter(({ why }) => why === 'broken' || why === 'no-end')).toEqual([])
  expect(results.get('engine')).toMatchObject({ state: 'failed', why: 'none' })
  expect(results.get('registry')).toMatchObject({ state: 'failed', why: 'hub', params: { registry: '127.0.0.1:9' } })
  // Its home is the folder of the test: paths in it are written with ~.
  expect(results.get('access')).toMatchObject({ state: 'passed', params: { path: '~/state' } })
})
