/** What a stream promises, on every kind of pipe. */
import { setMaxListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { LINK_LIMITS, STREAM_RULES } from '../../engine/contract/contract.ts'
import type { StreamName, Streams } from '../../engine/contract/contract.ts'
import type { LogMatches } from '../../engine/contract/models.ts'
import { NaruError } from '../../engine/contract/errors.ts'
import { LINK_CLOSED_HINT } from '../../engine/link/client.ts'
import type { Link } from '../../engine/link/client.ts'
import type { CallContext } from '../../engine/link/handlers.ts'
import { defer, pause, useHarness, whenAborted } from './harness.ts'
import { PIPES } from './transports.ts'

const SEARCH = { viewId: 'v', query: 'x', regex: false, caseSensitive: false }
const EXPORT = { viewId: 'v', timestamps: false, stripAnsi: false }
const match = (total: number): LogMatches => ({ lines: Uint32Array.of(total), total, scanned: 0, done: false })

async function failureOf(items: AsyncIterable<unknown>): Promise<NaruError> {
  try {
    for await (const _item of items);
  } catch (error) {
    return error as NaruError
  }
  throw new Error('it did not fail')
}

/** A source that counts what was pulled from it and says when it was left. */
function counting(limit = Number.POSITIVE_INFINITY) {
  const seen = { produced: 0, left: false, signal: null as AbortSignal | null }
  async function* produce<T>(make: (n: number) => T, context: CallContext): AsyncGenerator<T> {
    seen.signal = context.signal
    try {
      while (seen.produced < limit) yield make(seen.produced++)
    } finally {
      seen.left = true
    }
  }
  return { seen, produce }
}

describe.each(PIPES)('streams over $name', ({ open }) => {
  const harness = useHarness(open)

  it('delivers every item once, in order, and ends', async () => {
    const { seen, produce } = counting(5_000)
    const { link } = await harness.link({ streams: { 'logs.search': (_arg, context) => produce(match, context) } })
    const got: number[] = []
    for await (const item of link.stream('logs.search', SEARCH)) {
      expect(item.lines).toEqual(Uint32Array.of(item.total))
      got.push(item.total)
    }
    expect(got).toEqual(Array.from({ length: 5_000 }, (_, n) => n))
    expect(seen.left).toBe(true)
  })

  it('delivers a lone item at once, without waiting for company', async () => {
    const { link } = await harness.link({
      streams: {
        async *'logs.search'(_arg, { signal }) {
          yield match(1)
          await whenAborted(signal)
        },
      },
    })
    for await (const item of link.stream('logs.search', SEARCH)) {
      expect(item.total).toBe(1)
      break
    }
  })

  it('holds a source within its window while the reader stalls', async () => {
    const { seen, produce } = counting()
    const { link } = await harness.link({ streams: { 'logs.search': (_arg, context) => produce(match, context) } })
    const { window } = STREAM_RULES['logs.search']
    let read = 0
    for await (const _item of link.stream('logs.search', SEARCH)) {
      read++
      if (read !== 1 && read !== 500) continue
      await pause(60)
      expect(seen.produced).toBeGreaterThanOrEqual(read)
      expect(seen.produced - read).toBeLessThanOrEqual(window)
      if (read === 500) break
    }
  })

  it('counts the window of a binary stream in bytes', async () => {
    const { seen, produce } = counting()
    const chunk = 300_000
    const { link } = await harness.link({
      streams: { 'logs.export': (_arg, context) => produce((n) => new Uint8Array(chunk).fill(n), context) },
    })
    const { window } = STREAM_RULES['logs.export']
    let read = 0
    for await (const item of link.stream('logs.export', EXPORT)) {
      expect(item.byteLength).toBe(chunk)
      expect(item[0]).toBe(read % 256)
      read++
      if (read !== 1 && read !== 50) continue
      await pause(80)
      // One chunk may start while there is a byte of credit left; one is in the reader's hands.
      expect((seen.produced - read) * chunk).toBeLessThanOrEqual(window + chunk)
      if (read === 50) break
    }
    await expect.poll(() => seen.left).toBe(true)
  })

  it('bounds tiny binary items too', async () => {
    const { seen, produce } = counting()
    const { link } = await harness.link({
      streams: { 'logs.export': (_arg, context) => produce(() => new Uint8Array(0), context) },
    })
    for await (const _item of link.stream('logs.export', EXPORT)) {
      await pause(300)
      expect(seen.produced).toBeLessThanOrEqual(STREAM_RULES['logs.export'].window / 64 + 1)
      break
    }
  })

  it('cancels at the source when the reader breaks out', async () => {
    const { seen, produce } = counting()
    const { link } = await harness.link({ streams: { 'logs.search': (_arg, context) => produce(match, context) } })
    for await (const _item of link.stream('logs.search', SEARCH)) break
    await expect.poll(() => seen.left).toBe(true)
    expect(seen.signal?.aborted).toBe(true)
  })

  it('cancels a quiet source, even one that ignores its signal', async () => {
    const started = defer<AbortSignal>()
    const { link } = await harness.link({
      streams: {
        'logs.search': (_arg, { signal }) => {
          started.resolve(signal)
          return { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) }
        },
      },
    })
    const abort = new AbortController()
    const failure = failureOf(link.stream('logs.search', SEARCH, { signal: abort.signal }))
    const signal = await started.promise
    abort.abort()
    expect(await failure).toMatchObject({ code: 'cancelled' })
    await whenAborted(signal)
  })

  it('delivers what came before an error, then the error with its fields', async () => {
    const { link } = await harness.link({
      streams: {
        async *'logs.search'() {
          yield match(1)
          yield match(2)
          throw new NaruError('not-found', 'no such view', { params: { name: 'v' }, detail: 'words' })
        },
      },
    })
    const iterator = link.stream('logs.search', SEARCH)[Symbol.asyncIterator]()
    expect((await iterator.next()).value).toEqual(match(1))
    expect((await iterator.next()).value).toEqual(match(2))
    await expect(iterator.next()).rejects.toMatchObject({ code: 'not-found', params: { name: 'v' }, detail: 'words' })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it('refuses unknown streams and bad arguments', async () => {
    const { link } = await harness.link({})
    const open = (on: Link, name: string, arg: unknown) =>
      on.stream(name as StreamName, arg as Streams[StreamName]['arg'] as never)
    expect(await failureOf(open(link, 'no.such', {}))).toMatchObject({ code: 'invalid-request' })
    expect(await failureOf(open(link, 'constructor', {}))).toMatchObject({ code: 'invalid-request' })
    expect(await failureOf(open(link, 'logs.watch', { viewId: 5 }))).toMatchObject({ code: 'invalid-request' })
    expect(await failureOf(open(link, 'logs.watch', { viewId: 'v' }))).toMatchObject({ code: 'unsupported' })
  })

  it('sends items one by one that are too large together, and fails at one too large alone', async () => {
    const third = LINK_LIMITS.frameBytes / 3
    const big = (bytes: number): LogMatches => ({ ...match(0), lines: new Uint32Array(bytes / 4) })
    const { link } = await harness.link({
      streams: {
        async *'logs.search'() {
          for (let n = 0; n < 4; n++) yield big(Math.floor(third / 4) * 4)
          await pause(20)
          yield big(LINK_LIMITS.frameBytes + 4)
        },
      },
    })
    let read = 0
    const iterator = link.stream('logs.search', SEARCH)[Symbol.asyncIterator]()
    for (; read < 4; read++) expect((await iterator.next()).value?.lines.byteLength).toBeGreaterThan(third - 4)
    await expect(iterator.next()).rejects.toMatchObject({ code: 'internal' })
  })

  it('refuses one stream more than a peer may have', async () => {
    const { link } = await harness.link({
      streams: {
        async *'settings.watch'(_arg, { signal }) {
          await whenAborted(signal)
          yield* []
        },
      },
    })
    const abort = new AbortController()
    setMaxListeners(0, abort.signal)
    const opened = Array.from({ length: LINK_LIMITS.streams }, () =>
      failureOf(link.stream('settings.watch', {}, { signal: abort.signal })),
    )
    expect(await failureOf(link.stream('settings.watch', {}))).toMatchObject({ code: 'invalid-request' })
    abort.abort()
    expect((await Promise.all(opened)).every((error) => error.code === 'cancelled')).toBe(true)
    const again = link.stream('settings.watch', {})[Symbol.asyncIterator]()
    const pending = again.next()
    await pause(20)
    await again.return?.()
    expect(await pending).toEqual({ done: true, value: undefined })
  })

  it('ends with an error when the server goes, and aborts the sources', async () => {
    const { seen, produce } = counting()
    const { link, server } = await harness.link({
      streams: { 'logs.search': (_arg, context) => produce(match, context) },
    })
    const failure = failureOf(link.stream('logs.search', SEARCH))
    await expect.poll(() => seen.produced).toBeGreaterThan(100)
    server.close()
    expect(await failure).toMatchObject({ code: 'internal', hint: LINK_CLOSED_HINT, retryable: true })
    expect(seen.signal?.aborted).toBe(true)
    await expect.poll(() => seen.left).toBe(true)
    expect(await failureOf(link.stream('logs.search', SEARCH))).toMatchObject({ hint: LINK_CLOSED_HINT })
  })

  it('aborts the sources when the client goes', async () => {
    const { seen, produce } = counting()
    const { link } = await harness.link({ streams: { 'logs.search': (_arg, context) => produce(match, context) } })
    const failure = failureOf(link.stream('logs.search', SEARCH))
    await expect.poll(() => seen.produced).toBeGreaterThan(100)
    link.close()
    expect(await failure).toMatchObject({ code: 'cancelled' })
    await expect.poll(() => seen.left).toBe(true)
  })
})
