import { expect, it } from 'vitest'
import { NaruError, toEnvelope } from '../../../engine/contract/errors.ts'
import { engineCheck } from '../../../engine/diagnostics/checks/engine.ts'
import { engine, outcomeOf } from './support.ts'

const answers = async (): Promise<void> => undefined
const silent = async (): Promise<void> => Promise.reject(new NaruError('engine.unreachable', 'connect ECONNREFUSED'))
const asked = (more: Parameters<typeof engine>[0], ping = answers) => outcomeOf(engineCheck({ engine: engine(more), ping }))

it('fails without an engine, and when the one in use gives no answer although it counts as ready', async () => {
  expect(await outcomeOf(engineCheck({ engine: null, ping: answers }))).toMatchObject({ state: 'failed', why: 'none', fixes: [{ kind: 'screen', screen: 'engines' }] })
  expect(await asked({}, silent)).toMatchObject({ state: 'failed', why: 'silent', error: { code: 'engine.unreachable' }, fixes: [{ kind: 'retry', engineId: 'native' }] })
  expect(await asked({})).toMatchObject({ state: 'passed', why: 'answers', params: { engineId: 'native' } })
})

it('does not wake one that naps', async () => {
  expect(await asked({ napping: true }, silent)).toMatchObject({ state: 'passed', why: 'napping' })
})

it('offers the start only of an engine that Naru can start', async () => {
  expect((await asked({ status: 'stopped' })).fixes).toEqual([{ kind: 'start', engineId: 'native' }])
  expect((await asked({ status: 'failed', managed: false })).fixes).toEqual([{ kind: 'retry', engineId: 'native' }])
  expect((await asked({ status: 'stopped', managed: false })).fixes).toEqual([{ kind: 'screen', screen: 'engines' }])
})

it('hands on the cause of a failure with its command', async () => {
  const error = toEnvelope(new NaruError('provider.absent', 'no newuidmap', { hint: 'program-missing', params: { program: 'newuidmap', command: 'sudo apt-get install uidmap' } }))
  const result = await asked({ status: 'absent', error })
  expect(result).toMatchObject({ state: 'failed', why: 'absent', error })
  expect(result.fixes).toContainEqual({ kind: 'command', command: 'sudo apt-get install uidmap' })
  expect(await asked({ status: 'degraded', error })).toMatchObject({ state: 'warned', why: 'limited' })
  expect(await asked({ status: 'starting' })).toMatchObject({ state: 'warned', why: 'moving' })
})
