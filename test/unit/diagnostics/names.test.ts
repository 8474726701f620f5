import { expect, it } from 'vitest'
import { namesCheck } from '../../../engine/diagnostics/checks/names.ts'
import { outcomeOf } from './support.ts'

it('fails for a name that nobody answers for', async () => {
  // RFC 6761: `invalid.` never exists. Without a network the question itself fails.
  const result = await outcomeOf(namesCheck({ host: 'naru-check.invalid' }))
  expect(result.state).toBe('failed')
  expect(['unknown', 'no-answer']).toContain(result.why)
  expect(result.params).toMatchObject({ host: 'naru-check.invalid', reason: expect.stringMatching(/^E/) as string })
})

it('finds what this machine knows', async () => {
  expect(await outcomeOf(namesCheck({ host: 'localhost' }))).toMatchObject({ state: 'passed', why: 'found', params: { host: 'localhost' } })
})

it.each(['127.0.0.1', '[::1]'])('has nothing to ask about %s', async (host) => {
  expect(await outcomeOf(namesCheck({ host }))).toMatchObject({ state: 'skipped' })
})
