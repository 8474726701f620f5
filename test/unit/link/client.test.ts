import { afterEach, describe, expect, it, vi } from 'vitest'
import { METHOD_RULES } from '../../../engine/contract/contract.ts'
import { connectLink } from '../../../engine/link/client.ts'
import { FRAME, createClosing } from '../../../engine/link/transport.ts'
import type { Frame, Transport } from '../../../engine/link/transport.ts'

/** A transport to nowhere that remembers what was sent and lets the test answer. */
function deadEnd() {
  const closing = createClosing()
  const sent: Frame[] = []
  const end = { receive: (_frame: Frame): void => undefined }
  const transport: Transport = {
    send: (frame) => void sent.push(frame),
    onMessage: (receive) => void (end.receive = receive),
    onClose: closing.onClose,
    close: () => void closing.fire(),
  }
  return { transport, sent, answer: (frame: Frame) => end.receive(frame) }
}

afterEach(() => void vi.useRealTimers())

describe('link client', () => {
  it('gives a call up when the engine room itself does not answer, and ignores a late answer', async () => {
    vi.useFakeTimers()
    const { transport, sent, answer } = deadEnd()
    const call = connectLink(transport).call('app.info', {})
    const failed = expect(call).rejects.toMatchObject({ code: 'timeout', retryable: true })
    await vi.advanceTimersByTimeAsync(METHOD_RULES['app.info'].limitMs)
    expect(sent).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(5_000)
    await failed
    expect(sent).toEqual([[FRAME.call, 1, 'app.info', {}], [FRAME.cancel, 1]])
    answer([FRAME.ok, 1, {}])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves no timer and no abort listener behind an answered call', async () => {
    vi.useFakeTimers()
    const { transport, sent, answer } = deadEnd()
    const abort = new AbortController()
    const call = connectLink(transport).call('settings.get', {}, { signal: abort.signal })
    answer([FRAME.ok, 1, { theme: 'dark' }])
    expect(await call).toEqual({ theme: 'dark' })
    expect(vi.getTimerCount()).toBe(0)
    abort.abort()
    expect(sent).toHaveLength(1)
  })

  it('gives credit only for items the loop is done with', async () => {
    const { transport, sent, answer } = deadEnd()
    const iterator = connectLink(transport).stream('settings.watch', {})[Symbol.asyncIterator]()
    const first = iterator.next()
    answer([FRAME.items, 1, ['a', 'b', 'c', 'd']])
    await first
    await iterator.next()
    expect(sent.filter(([kind]) => kind === FRAME.credit)).toEqual([])
    await iterator.next()
    expect(sent.filter(([kind]) => kind === FRAME.credit)).toEqual([[FRAME.credit, 1, 2]])
  })
})
