import { describe, expect, it } from 'vitest'
import { healthCheckOf } from '../../../engine/containers/health.ts'

const AT = '2026-01-02T03:04:05.000000000Z'

describe('healthCheckOf', () => {
  it('is nothing without a check, or when it was switched off', () => {
    for (const config of [undefined, null, {}, { Test: null }, { Test: [] }, { Test: ['NONE'] }]) expect(healthCheckOf(config, { Status: 'none' })).toBeUndefined()
  })

  it('fills in the defaults of the engine', () => {
    expect(healthCheckOf({ Test: ['CMD', 'true', 'a b'] }, null)).toEqual({
      shell: false, words: ['true', 'a b'], intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, retries: 3, failingStreak: 0, checks: [],
    })
  })

  it('tells settings in milliseconds and the checks newest first', () => {
    const log = [
      { Start: AT, End: '2026-01-02T03:04:05.250000000Z', ExitCode: 0, Output: 'ok' },
      { Start: '2026-01-02T03:04:15Z', End: '0001-01-01T00:00:00Z', ExitCode: -1, Output: 'x'.repeat(5_000) },
    ]
    const check = healthCheckOf({ Test: ['CMD-SHELL', 'a || b'], Interval: 10e9, Timeout: 1.5e9, StartPeriod: 2e9, Retries: 5 }, { FailingStreak: 1, Log: log })
    expect(check).toMatchObject({ shell: true, words: ['a || b'], intervalMs: 10_000, timeoutMs: 1_500, startPeriodMs: 2_000, retries: 5, failingStreak: 1 })
    expect(check?.checks.map(({ exitCode, tookMs }) => [exitCode, tookMs])).toEqual([[-1, undefined], [0, 250]])
    expect(check?.checks[1]).toMatchObject({ startedAt: Date.parse(AT), output: 'ok' })
    expect(check?.checks[0]?.output).toHaveLength(4_096)
  })
})
