import { expect, it } from 'vitest'
import type { CheckResult } from '../../../engine/contract/models.ts'
import { NaruError } from '../../../engine/contract/errors.ts'
import { passed } from '../../../engine/diagnostics/check.ts'
import type { Check } from '../../../engine/diagnostics/check.ts'
import { withoutHome } from '../../../engine/diagnostics/home.ts'
import { runChecks } from '../../../engine/diagnostics/runner.ts'

const never = (): Promise<never> => new Promise(() => undefined)
const check = (id: Check['id'], ask: Check['check'], applicable = true): Check => ({ id, applicable: () => applicable, check: ask })

async function all(checks: readonly Check[], limitMs?: number): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = []
  for await (const result of runChecks(checks, new AbortController().signal, limitMs === undefined ? {} : { limitMs })) results.push(result)
  return results
}

it('tells each result as it ends, not in the order of the list', async () => {
  let open: () => void = () => undefined
  const slow = check('engine', async () => {
    await new Promise<void>((resolve) => (open = resolve))
    return passed('answers')
  })
  const seen: string[] = []
  for await (const { id } of runChecks([slow, check('disk', async () => passed('room'))], new AbortController().signal)) {
    seen.push(id)
    open()
  }
  expect(seen).toEqual(['disk', 'engine'])
})

it('one that throws, one that never ends and one that does not apply leave the others alone', async () => {
  const results = await all(
    [
      check('engine', async () => Promise.reject(new NaruError('internal', 'odd'))),
      check('disk', never),
      check('names', never, false),
      check('access', async () => passed('right')),
    ],
    50,
  )
  const of = (id: string) => results.find((each) => each.id === id)
  expect(of('engine')).toMatchObject({ state: 'failed', why: 'broken', error: { code: 'internal', message: 'odd' } })
  expect(of('disk')).toMatchObject({ state: 'warned', why: 'no-end', params: { limitMs: 50 } })
  expect(of('names')).toMatchObject({ state: 'skipped', why: 'not-here' })
  expect(of('access')).toMatchObject({ state: 'passed' })
})

it('leaving early ends what still runs', async () => {
  let signal: AbortSignal | undefined
  const hanging = check('disk', async (given) => {
    signal = given
    return never()
  })
  for await (const _first of runChecks([hanging, check('engine', async () => passed('answers'))], new AbortController().signal)) break
  expect(signal?.aborted).toBe(true)
})

it('aborting ends the run although a check does not heed it', async () => {
  const stop = new AbortController()
  const run = runChecks([check('disk', never)], stop.signal)
  const first = run.next()
  stop.abort()
  await expect(first).rejects.toMatchObject({ code: 'cancelled' })
})

it('writes the home folder as ~, in texts, errors and commands, and nothing that only begins like it', () => {
  const result: CheckResult = {
    id: 'disk', state: 'failed', why: 'full', tookMs: 1, params: { path: '/home/me/naru', other: '/home/melon', freeBytes: 5 },
    error: { code: 'no-space', message: 'm', retryable: false, params: { paths: ['/home/me', '/srv'] }, detail: 'at /home/me/x' },
    fixes: [{ kind: 'command', command: "chmod 700 '/home/me/a b'" }, { kind: 'command', command: 'ls /home/me/c' }],
  }
  expect(withoutHome(result, '/home/me/')).toEqual({
    ...result,
    params: { path: '~/naru', other: '/home/melon', freeBytes: 5 },
    error: { ...result.error, params: { paths: ['~', '/srv'] }, detail: 'at ~/x' },
    fixes: [{ kind: 'command', command: "chmod 700 ~/'a b'" }, { kind: 'command', command: 'ls ~/c' }],
  })
  expect(withoutHome(result, '/')).toBe(result)
})
