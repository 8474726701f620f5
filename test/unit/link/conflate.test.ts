import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bounded, latest, merging } from '../../../engine/link/conflate.ts'
import type { Channel } from '../../../engine/link/conflate.ts'

const open = (): AbortSignal => new AbortController().signal

async function drain<T>(channel: Channel<T>): Promise<T[]> {
  const got: T[] = []
  for await (const item of channel.iterate(open())) got.push(item)
  return got
}

describe('latest', () => {
  it('keeps only the newest of what was not read', async () => {
    const channel = latest<number>()
    for (const n of [1, 2, 3]) channel.push(n)
    const iterator = channel.iterate(open())[Symbol.asyncIterator]()
    expect(await iterator.next()).toEqual({ done: false, value: 3 })
    const pending = iterator.next()
    channel.push(4)
    channel.push(5)
    expect(await pending).toEqual({ done: false, value: 4 })
    expect(await iterator.next()).toEqual({ done: false, value: 5 })
  })

  it('carries undefined and null like any value', async () => {
    const channel = latest<null | undefined>()
    channel.push(undefined)
    const iterator = channel.iterate(open())[Symbol.asyncIterator]()
    expect(await iterator.next()).toEqual({ done: false, value: undefined })
    channel.push(null)
    expect(await iterator.next()).toEqual({ done: false, value: null })
  })

  it('ends cleanly on abort: waiting, pending, or aborted before', async () => {
    const channel = latest<number>()
    const abort = new AbortController()
    const waiting = channel.iterate(abort.signal)[Symbol.asyncIterator]().next()
    abort.abort()
    expect(await waiting).toEqual({ done: true, value: undefined })

    const again = new AbortController()
    const iterator = channel.iterate(again.signal)[Symbol.asyncIterator]()
    channel.push(1)
    again.abort()
    expect(await iterator.next()).toEqual({ done: true, value: undefined })

    channel.push(2)
    expect(await channel.iterate(AbortSignal.abort())[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined })
  })

  it('has one reader at a time, and takes another when the first left', async () => {
    const channel = latest<number>()
    const first = channel.iterate(open())[Symbol.asyncIterator]()
    expect(() => channel.iterate(open())).toThrow(/reader/)
    await first.return?.()
    channel.push(1)
    channel.end()
    expect(await drain(channel)).toEqual([1])
  })

  it('lets a waiting reader leave at once', async () => {
    const iterator = latest<number>().iterate(open())[Symbol.asyncIterator]()
    const waiting = iterator.next()
    await iterator.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('delivers what is pending, then the error it was ended with; ignores what comes later', async () => {
    const channel = latest<number>()
    channel.push(1)
    channel.end(new Error('gone'))
    channel.push(2)
    const iterator = channel.iterate(open())[Symbol.asyncIterator]()
    expect(await iterator.next()).toEqual({ done: false, value: 1 })
    await expect(iterator.next()).rejects.toThrow('gone')
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })
})

describe('merging', () => {
  it('loses nothing, whenever the reader comes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.integer(), fc.constant('read' as const))), async (steps) => {
        const channel = merging<number[]>((pending, next) => [...pending, ...next])
        const iterator = channel.iterate(open())[Symbol.asyncIterator]()
        const got: number[] = []
        const sent: number[] = []
        for (const step of steps) {
          if (step !== 'read') {
            sent.push(step)
            channel.push([step])
          } else if (got.length < sent.length) got.push(...((await iterator.next()).value ?? []))
        }
        channel.end()
        for (let rest = await iterator.next(); !rest.done; rest = await iterator.next()) got.push(...rest.value)
        expect(got).toEqual(sent)
      }),
    )
  })
})

describe('bounded', () => {
  it('drops the oldest and counts: delivered + dropped = pushed, newest kept in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.nat(60), async (capacity, pushed) => {
        const channel = bounded<number>(capacity)
        for (let n = 0; n < pushed; n++) channel.push(n)
        channel.end()
        const got = await drain(channel)
        expect(got.length + channel.dropped).toBe(pushed)
        expect(got).toEqual(Array.from({ length: Math.min(capacity, pushed) }, (_, n) => pushed - Math.min(capacity, pushed) + n))
      }),
    )
  })

  it('drops nothing for a reader that keeps up', async () => {
    const channel = bounded<number>(1)
    const iterator = channel.iterate(open())[Symbol.asyncIterator]()
    for (let n = 0; n < 100; n++) {
      const waiting = iterator.next()
      channel.push(n)
      expect((await waiting).value).toBe(n)
    }
    expect(channel.dropped).toBe(0)
  })

  it('refuses a capacity that holds nothing', () => {
    expect(() => bounded(0)).toThrow()
    expect(() => bounded(1.5)).toThrow()
  })
})
