import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { heedAbort, withAny } from '../../../engine/system/signals.ts'

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length

it('as many may listen to a signal as run beside each other, without a warning', async () => {
  const warned: Error[] = []
  const onWarning = (warning: Error): void => void warned.push(warning)
  process.on('warning', onWarning)
  const { signal } = new AbortController()
  const leave = Array.from({ length: 20 }, () => heedAbort(signal, () => undefined))
  await Promise.all(Array.from({ length: 20 }, () => withAny([signal], () => new Promise((resolve) => setImmediate(resolve)))))
  leave.forEach((each) => each())
  process.off('warning', onWarning)
  expect(warned).toEqual([])
  expect(listeners(signal)).toBe(0)
})

describe('joined signals', () => {
  it('abort with the first, for its reason', async () => {
    const [one, two] = [new AbortController(), new AbortController()]
    const seen = withAny([one.signal, two.signal], (both) => new Promise((resolve) => both.addEventListener('abort', () => resolve(both.reason))))
    two.abort('gone')
    one.abort('later')
    expect(await seen).toBe('gone')
  })

  it('are aborted from the start when one of them is', async () => {
    expect(await withAny([new AbortController().signal, AbortSignal.abort('before')], async (both) => both.reason)).toBe('before')
  })

  it('leave nothing on those that live on, whether the work was done or failed', async () => {
    const long = new AbortController()
    // What AbortSignal.any would leave, by the name Node gives it.
    const left = (): number => Object.getOwnPropertySymbols(long.signal).reduce((sum, symbol) => sum + (Number(Object(Object(long.signal)[symbol]).size) || 0), 0)
    const before = left()
    expect(await withAny([long.signal], async () => listeners(long.signal))).toBe(1)
    await expect(withAny([long.signal], () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await expect(withAny([long.signal], () => { throw new Error('at once') })).rejects.toThrow('at once')
    expect(listeners(long.signal)).toBe(0)
    // The kind of event stays known to the signal.
    expect(left() - before).toBeLessThanOrEqual(1)
  })
})
