/** An engine that ends by itself, or is held up, on a clock that jumps. */
import { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NaruError, toEnvelope } from '../../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../../engine/contract/errors.ts'
import type { EngineClient } from '../../../engine/docker/engine-client.ts'
import type { EndReason, EngineHandle } from '../../../engine/providers/provider.ts'
import { DEFAULT_TIMINGS } from '../../../engine/providers/timings.ts'
import { EngineUnit } from '../../../engine/providers/unit.ts'

const CRASH: ErrorEnvelope = toEnvelope(new NaruError('provider.exited', 'it ended', { detail: 'Kernel panic' }))

let starts: number[] = []
let statuses: string[] = []
let end: (reason?: EndReason) => void = () => undefined
let refuse: NaruError | null = null
let trouble: ErrorEnvelope | null = null
let troubled: () => void = () => undefined
let answers = true
let unit: EngineUnit

const handle = (): EngineHandle => ({
  dial: async () => new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() }),
  adopted: false,
  ended: new Promise((resolve) => (end = (reason = { kind: 'exited', error: CRASH }) => resolve(reason))),
  stop: async () => undefined,
  release: () => undefined,
  trouble: {
    now: () => trouble,
    onChange: (listener) => {
      troubled = listener
      return () => (troubled = () => undefined)
    },
  },
})

const ping = async (): Promise<void> => {
  if (!answers) throw new NaruError('timeout', 'no answer')
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  starts = []
  statuses = []
  refuse = null
  trouble = null
  answers = true
  unit = new EngineUnit({
    provider: {
      id: 'vm',
      kind: 'vm',
      name: '',
      origin: 'embedded',
      managed: true,
      restarts: { waitsMs: [1_000, 5_000, 30_000], healthyMs: 120_000 },
      detect: async () => ({ state: 'startable' }),
      start: async () => {
        starts.push(Date.now())
        if (refuse) throw refuse
        return handle()
      },
    },
    connect: async () => {
      await ping()
      return { version: {}, capabilities: {}, ping, close: () => undefined } as unknown as EngineClient
    },
    timings: DEFAULT_TIMINGS,
    now: Date.now,
    random: () => 0,
    log: () => undefined,
    onChange: () => {
      if (statuses.at(-1) !== unit.status) statuses.push(unit.status)
    },
    onConnection: () => undefined,
  })
})
afterEach(async () => {
  await unit.close()
  vi.useRealTimers()
})

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

describe('an engine that ends by itself', () => {
  it('is started again after 1, 5 and 30 seconds, and then left with its last words', async () => {
    unit.open()
    await pass(0)
    expect(unit.status).toBe('ready')
    for (const wait of [1_000, 5_000, 30_000]) {
      const since = Date.now()
      end()
      await pass(wait - 1)
      expect(unit.summary()).toMatchObject({ status: 'unreachable', error: { code: 'provider.exited', detail: 'Kernel panic' } })
      await pass(1)
      expect(unit.status).toBe('ready')
      expect(starts.at(-1)).toBe(since + wait)
    }
    end()
    await pass(600_000)
    expect(unit.summary()).toMatchObject({ status: 'failed', error: { code: 'provider.exited', detail: 'Kernel panic' } })
    expect(starts).toHaveLength(4)
    // A person may always try.
    unit.retry()
    await pass(0)
    expect(unit.status).toBe('ready')
  })

  it('begins with the shortest wait again after a healthy while', async () => {
    unit.open()
    for (let crash = 0; crash < 6; crash++) {
      await pass(120_000)
      end()
      await pass(1_000)
    }
    expect(unit.status).toBe('ready')
    expect(starts).toHaveLength(7)
  })

  it('waits no longer when somebody wants it now, and is not started after it was closed', async () => {
    unit.open()
    await pass(0)
    end()
    await pass(10)
    unit.retry()
    await pass(0)
    expect(starts).toEqual([0, 10])
    end()
    await pass(10)
    await unit.close()
    await pass(600_000)
    expect(starts).toHaveLength(2)
  })

  it('is not tried again when only a person can help', async () => {
    unit.open()
    await pass(0)
    refuse = new NaruError('provider.boot-failed', 'no', { hint: 'vm-disk-foreign' })
    end()
    await pass(600_000)
    expect(unit.summary()).toMatchObject({ status: 'failed', error: { hint: 'vm-disk-foreign' } })
    expect(starts).toHaveLength(2)
  })

  it('uses the same waits for starts that fail', async () => {
    unit.open()
    await pass(0)
    refuse = new NaruError('provider.boot-failed', 'no', { hint: 'vm-boot' })
    end()
    await pass(600_000)
    expect(starts).toEqual([0, 1_000, 6_000, 36_000])
    expect(unit.summary()).toMatchObject({ status: 'failed', error: { hint: 'vm-boot' } })
  })
})

describe('an engine that is held up', () => {
  const FULL = toEnvelope(new NaruError('no-space', 'full', { hint: 'vm-disk-full' }))

  it('says why, also when it stops to answer, and is ready again when that is over', async () => {
    unit.setCurrent(true)
    unit.open()
    await pass(0)
    trouble = FULL
    troubled()
    expect(unit.summary()).toMatchObject({ status: 'degraded', error: { hint: 'vm-disk-full' } })
    answers = false
    await pass(60_000)
    expect(unit.summary()).toMatchObject({ status: 'unreachable', error: { hint: 'vm-disk-full' } })
    answers = true
    trouble = null
    troubled()
    await pass(0)
    expect(unit.status).toBe('ready')
    expect(starts).toHaveLength(1)
  })

  it('is ready at once when its connection lasted', async () => {
    unit.open()
    await pass(0)
    trouble = FULL
    troubled()
    trouble = null
    troubled()
    expect(statuses.slice(-3)).toEqual(['ready', 'degraded', 'ready'])
  })
})
