import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import type { ErrorCode } from '../../../engine/contract/errors.ts'
import { followContainer } from '../../../engine/logs/follow.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** How often a log is tried to be read within `ms` while each try fails with `code`. */
async function triesWithin(ms: number, code: ErrorCode): Promise<number> {
  const stop = new AbortController()
  let tries = 0
  const following = followContainer({
    containerId: 'c', tail: 10, signal: stop.signal,
    connection: () => {
      tries += 1
      throw new NaruError(code, 'no')
    },
    events: async function* () {},
    sink: { begin: async () => null, write: () => null, end: async () => undefined },
    report: () => undefined,
  } as unknown as Parameters<typeof followContainer>[0])
  await vi.advanceTimersByTimeAsync(ms)
  stop.abort()
  await vi.advanceTimersByTimeAsync(10_000)
  await following.catch(() => undefined)
  return tries
}

describe('a log whose engine is away', () => {
  test('is tried every second however long that takes: it goes on soon after the return', async () => {
    expect(await triesWithin(60_000, 'engine.unreachable')).toBeGreaterThanOrEqual(60)
  })

  test('is tried more and more rarely when the engine itself answers with an error', async () => {
    const tries = await triesWithin(60_000, 'internal')
    expect(tries).toBeGreaterThan(10)
    expect(tries).toBeLessThan(20)
  })
})
