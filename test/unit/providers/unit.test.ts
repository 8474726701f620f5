import { describe, expect, it } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import type { ErrorCode } from '../../../engine/contract/errors.ts'
import type { EngineProvider } from '../../../engine/providers/provider.ts'
import { DEFAULT_TIMINGS } from '../../../engine/providers/timings.ts'
import type { Timings } from '../../../engine/providers/timings.ts'
import { EngineUnit } from '../../../engine/providers/unit.ts'

const signal = new AbortController().signal

function unitOf(more: Partial<EngineProvider>, onChange: (unit: EngineUnit) => void = () => undefined, timings: Partial<Timings> = {}): EngineUnit {
  const unit: EngineUnit = new EngineUnit({
    provider: {
      id: 'x',
      kind: 'native',
      name: '',
      origin: 'embedded',
      managed: true,
      detect: async () => ({ state: 'startable' }),
      start: async () => {
        throw new NaruError('provider.boot-failed', 'no')
      },
      ...more,
    },
    connect: async () => {
      throw new NaruError('engine.unreachable', 'no')
    },
    timings: { ...DEFAULT_TIMINGS, ...timings },
    now: Date.now,
    random: () => 0.5,
    log: () => undefined,
    onChange: () => onChange(unit),
    onConnection: () => undefined,
  })
  return unit
}

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

describe('engine unit', () => {
  it('can be started again in the moment it is told that the start failed', async () => {
    let starts = 0
    const unit = unitOf(
      {
        start: async () => {
          starts++
          throw new NaruError('provider.boot-failed', 'no')
        },
      },
      (changed) => {
        if (changed.status === 'failed' && starts === 1) changed.retry()
      },
    )
    unit.open()
    await tick()
    expect(starts).toBe(2)
    expect(unit.status).toBe('failed')
  })

  it('shows a socket that may not be opened as failed, with the group to join, and refuses calls with that', async () => {
    const denied = new NaruError('denied', 'no', { hint: 'join-group', params: { path: '/s', group: 'docker' } })
    const unit = unitOf({
      kind: 'socket',
      managed: false,
      start: async () => {
        throw denied
      },
    })
    unit.open()
    await tick()
    expect(unit.summary()).toMatchObject({ status: 'failed', error: { code: 'denied', hint: 'join-group' } })
    expect(() => unit.requireConnection()).toThrow(expect.objectContaining({ code: 'denied', params: { path: '/s', group: 'docker' } }))
  })

  it('keeps a look that fails or hangs to itself', async () => {
    const unit = unitOf({
      detect: async () => {
        throw new NaruError('internal' satisfies ErrorCode, 'broken')
      },
    })
    await unit.look(signal)
    expect(unit.summary()).toMatchObject({ status: 'absent', error: { code: 'internal' } })
  })

  it('never opens again once closed', async () => {
    const unit = unitOf({})
    await unit.close()
    unit.open()
    unit.retry()
    expect(unit.status).toBe('absent')
    expect(unit.settled).toBe(true)
  })

  it('lets go of an engine that came after it was closed: its handle keeps timers and connections', async () => {
    let come: () => void = () => undefined
    let released = 0
    const handle = { dial: () => Promise.reject(new Error()), adopted: true, ended: new Promise<never>(() => undefined), stop: async () => undefined, release: () => void released++ }
    // Deaf to its signal, as a provider in the middle of a system call is.
    const unit = unitOf({ start: () => new Promise((resolve) => (come = () => resolve(handle))) }, () => undefined, { closeMs: 10 })
    unit.open()
    await unit.close()
    come()
    await tick()
    expect(released).toBe(1)
  })

  it('cuts very long lines of a starting program', async () => {
    const unit = unitOf({
      start: ({ report, log, signal: stop }) => {
        report({ step: 'daemon', index: 1, total: 1 })
        log('x'.repeat(100_000))
        return new Promise((_resolve, reject) => stop.addEventListener('abort', () => reject(stop.reason)))
      },
    })
    unit.open()
    expect(unit.summary().phase?.lastLine).toHaveLength(500)
    await unit.close()
  })
})
