/** What a call promises, on every kind of pipe. */
import { describe, expect, it } from 'vitest'
import { LINK_LIMITS, METHOD_RULES } from '../../engine/contract/contract.ts'
import type { MethodName, MethodRule, Methods } from '../../engine/contract/contract.ts'
import { NaruError } from '../../engine/contract/errors.ts'
import { LINK_CLOSED_HINT } from '../../engine/link/client.ts'
import type { Link } from '../../engine/link/client.ts'
import { defer, useHarness, whenAborted } from './harness.ts'
import { PIPES } from './transports.ts'

const DISK = { engineId: 'e' }
const never = (): Promise<never> => new Promise(() => undefined)
const callAnything = (link: Link, name: string, arg: unknown): Promise<unknown> =>
  link.call(name as MethodName, arg as Methods[MethodName]['arg'] as never)
const failureOf = (promise: Promise<unknown>): Promise<NaruError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: NaruError) => error,
  )

describe.each(PIPES)('calls over $name', ({ open }) => {
  const harness = useHarness(open)

  it('answers each call with its own result, whatever the order', async () => {
    const { link } = await harness.link({
      methods: {
        async 'logs.open'({ tail }) {
          await new Promise((resolve) => setTimeout(resolve, (10 - tail) * 3))
          return { viewId: `view-${tail}` }
        },
      },
    })
    const calls = Array.from({ length: 10 }, (_, tail) => link.call('logs.open', { engineId: 'e', containerIds: ['c'], tail }))
    expect((await Promise.all(calls)).map((result) => result.viewId)).toEqual(calls.map((_, n) => `view-${n}`))
  })

  it('tells the handler who asks', async () => {
    const { link } = await harness.link({
      methods: { 'logs.open': async (_arg, { peerId }) => ({ viewId: peerId }) },
    })
    expect(await link.call('logs.open', { engineId: 'e', containerIds: ['c'], tail: 1 })).toEqual({ viewId: 'peer-1' })
  })

  it('carries an error with all its fields', async () => {
    const sent = new NaruError('port-in-use', 'port 80 is taken', {
      params: { port: 80, holder: 'nginx', names: ['a', 'b'] },
      hint: 'stop-holder',
      retryable: true,
      engineId: 'e',
      operationId: 'o',
      detail: 'bind: address already in use',
    })
    const { link } = await harness.link({ methods: { 'system.disk': () => Promise.reject(sent) } })
    const got = await failureOf(link.call('system.disk', DISK))
    expect(got).toBeInstanceOf(NaruError)
    const { code, message, params, hint, retryable, engineId, operationId, detail } = sent
    expect(got).toMatchObject({ code, message, params, hint, retryable, engineId, operationId, detail })
  })

  it('keeps only the message of an unexpected error, thrown or rejected', async () => {
    const { link } = await harness.link({
      methods: {
        'system.disk': () => {
          throw Object.assign(new TypeError('x is not a function'), { secret: 'token' })
        },
      },
    })
    const got = await failureOf(link.call('system.disk', DISK))
    expect(got).toMatchObject({ code: 'internal', message: 'x is not a function', retryable: false })
    expect(JSON.stringify(got)).not.toContain('token')
  })

  it('brings binary through unchanged, and only the part that was meant', async () => {
    const backing = new Uint8Array(1_000).map((_, n) => n)
    const sent = {
      from: 7,
      text: backing.subarray(101, 204),
      ends: Uint32Array.of(1, 50, 0xffffffff),
      times: Float64Array.of(1.5, Number.NaN, -0),
      flags: new Uint8Array(0),
    }
    const { link } = await harness.link({ methods: { 'logs.window': async () => sent } })
    const got = await link.call('logs.window', { viewId: 'v', from: 0, count: 1 })
    expect(got).toEqual({ ...sent, text: sent.text.slice() })
    expect(got.text.buffer.byteLength).toBe(103)
  })

  it('refuses unknown names, also those every object has', async () => {
    const { link } = await harness.link({})
    for (const name of ['no.such', 'constructor', '__proto__', 'toString', '']) {
      expect(await failureOf(callAnything(link, name, {}))).toMatchObject({ code: 'invalid-request' })
    }
  })

  it('refuses bad arguments before the handler sees them', async () => {
    let reached = 0
    const { link } = await harness.link({
      methods: {
        'logs.window': () => {
          reached++
          return never()
        },
      },
    })
    for (const arg of [undefined, null, 'text', [], {}, { viewId: 'v', from: -1, count: 1 }, { viewId: 'v', from: 0, count: 1, more: 1 }]) {
      expect(await failureOf(callAnything(link, 'logs.window', arg))).toMatchObject({ code: 'invalid-request' })
    }
    expect(reached).toBe(0)
  })

  it('refuses values that cannot travel, at once', async () => {
    const { link } = await harness.link({})
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    for (const arg of [() => 1, { date: new Date() }, { map: new Map() }, { big: 1n }, cycle]) {
      expect(await failureOf(callAnything(link, 'app.info', arg))).toMatchObject({ code: 'invalid-request' })
    }
  })

  it('takes a cancel to the handler', async () => {
    const started = defer<AbortSignal>()
    const { link } = await harness.link({
      methods: {
        'system.disk': (_arg, { signal }) => {
          started.resolve(signal)
          return never()
        },
      },
    })
    const abort = new AbortController()
    const call = failureOf(link.call('system.disk', DISK, { signal: abort.signal }))
    const signal = await started.promise
    abort.abort()
    expect(await call).toMatchObject({ code: 'cancelled' })
    expect(await whenAborted(signal)).toMatchObject({ code: 'cancelled' })
  })

  it('does not send a call whose signal is aborted already', async () => {
    let reached = 0
    const { link } = await harness.link({ methods: { 'system.disk': () => (reached++, never()) } })
    expect(await failureOf(link.call('system.disk', DISK, { signal: AbortSignal.abort() }))).toMatchObject({ code: 'cancelled' })
    await failureOf(link.call('settings.get', {}))
    expect(reached).toBe(0)
  })

  it('answers timeout when the limit has passed, and aborts the handler', async () => {
    const rule = METHOD_RULES['system.disk'] as { -readonly [K in keyof MethodRule]: MethodRule[K] }
    const { limitMs } = rule
    rule.limitMs = 30
    try {
      const started = defer<AbortSignal>()
      const { link } = await harness.link({
        methods: { 'system.disk': (_arg, { signal }) => (started.resolve(signal), never()) },
      })
      expect(await failureOf(link.call('system.disk', DISK))).toMatchObject({ code: 'timeout', retryable: true })
      expect(await whenAborted(await started.promise)).toMatchObject({ code: 'timeout' })
    } finally {
      rule.limitMs = limitMs
    }
  })

  it('refuses an argument, and reports an answer, larger than a frame may be', async () => {
    const { link } = await harness.link({
      methods: {
        'logs.window': async () => ({
          from: 0,
          text: new Uint8Array(LINK_LIMITS.frameBytes + 1),
          ends: new Uint32Array(0),
          times: new Float64Array(0),
          flags: new Uint8Array(0),
        }),
        'logs.close': async () => ({}),
      },
    })
    expect(await failureOf(link.call('logs.close', { viewId: 'x'.repeat(LINK_LIMITS.frameBytes) }))).toMatchObject({ code: 'invalid-request' })
    expect(await failureOf(link.call('logs.window', { viewId: 'v', from: 0, count: 1 }))).toMatchObject({ code: 'internal' })
    expect(await link.call('logs.close', { viewId: 'still works' })).toEqual({})
  })

  it('refuses one call more than may be in flight, and takes calls again when one ended', async () => {
    const endings: (() => void)[] = []
    const { link } = await harness.link({
      methods: {
        'engines.forget': () => new Promise((resolve) => endings.push(() => resolve({}))),
        'logs.close': async () => ({}),
      },
    })
    const calls = Array.from({ length: LINK_LIMITS.calls }, () => link.call('engines.forget', DISK))
    expect(await failureOf(link.call('logs.close', { viewId: 'v' }))).toMatchObject({ code: 'invalid-request' })
    await expect.poll(() => endings.length).toBe(LINK_LIMITS.calls)
    endings[0]?.()
    await calls[0]
    expect(await link.call('logs.close', { viewId: 'v' })).toEqual({})
    for (const end of endings) end()
    await Promise.all(calls)
  })

  it('ends everything when the client goes', async () => {
    const started = defer<AbortSignal>()
    const { link, closedPeers } = await harness.link({
      methods: { 'system.disk': (_arg, { signal }) => (started.resolve(signal), never()) },
    })
    const call = failureOf(link.call('system.disk', DISK))
    const signal = await started.promise
    link.close()
    expect(await call).toMatchObject({ code: 'cancelled' })
    expect(await whenAborted(signal)).toMatchObject({ code: 'cancelled' })
    await expect.poll(() => closedPeers).toEqual(['peer-1'])
    await link.closed
  })

  it('fails what is pending, retryable, when the server goes, and everything asked after', async () => {
    const started = defer<AbortSignal>()
    const { link, server, closedPeers } = await harness.link({
      methods: { 'system.disk': (_arg, { signal }) => (started.resolve(signal), never()) },
    })
    const call = failureOf(link.call('system.disk', DISK))
    const signal = await started.promise
    server.close()
    const gone = { code: 'internal', hint: LINK_CLOSED_HINT, retryable: true }
    expect(await call).toMatchObject(gone)
    expect(signal.aborted).toBe(true)
    await link.closed
    expect(await failureOf(link.call('system.disk', DISK))).toMatchObject(gone)
    server.close()
    expect(closedPeers).toEqual(['peer-1'])
  })
})
