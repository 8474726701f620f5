import { describe, expect, test } from 'vitest'
import { LOG_PARTIAL } from '../../../../engine/contract/models.ts'
import type { LogWindow } from '../../../../engine/contract/models.ts'
import { WindowCache } from '../../../../renderer/screens/Logs/window-cache.ts'

/** A log of numbered lines that grows; counts the requests it gets. */
class Log {
  end: number
  partial = false
  requests: { from: number; count: number }[] = []
  constructor(end: number) {
    this.end = end
  }
  fetch = async (from: number, count: number): Promise<LogWindow> => {
    this.requests.push({ from, count })
    const numbers = Array.from({ length: Math.max(0, Math.min(count, this.end - from)) }, (_, i) => from + i)
    const texts = numbers.map((n) => new TextEncoder().encode(`줄 ${n}`))
    let at = 0
    const text = new Uint8Array(texts.reduce((sum, each) => sum + each.length, 0))
    const ends = Uint32Array.from(texts, (each) => {
      text.set(each, at)
      return (at += each.length)
    })
    const flags = Uint8Array.from(numbers, (n) => (this.partial && n === this.end - 1 ? LOG_PARTIAL : 0))
    return { from, text, ends, times: new Float64Array(numbers.length).fill(NaN), flags }
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

describe('lines near the place that is looked at', () => {
  test('a line is fetched once with its neighbours and then stays', async () => {
    const log = new Log(1_000)
    let loads = 0
    const cache = new WindowCache(log.fetch, () => (loads += 1))
    expect(cache.get(300)).toBeUndefined()
    expect(cache.get(301)).toBeUndefined()
    await settled()
    expect(loads).toBe(1)
    expect(cache.get(300)?.text).toBe('줄 300')
    expect(cache.get(256)?.number).toBe(256)
    expect(log.requests).toHaveLength(1)
  })

  test('a stack trace that is opened moves what is behind it; what was here is shown at once and fetched again', async () => {
    const log = new Log(600)
    const cache = new WindowCache(log.fetch, () => undefined)
    cache.get(10)
    cache.get(300)
    await settled()
    cache.shift({ row: 250, lines: 100 })
    expect([cache.get(250)?.text, cache.get(356)?.text, cache.get(251)?.text]).toEqual(['줄 250', '줄 256', undefined])
    await settled()
    // The log of this test gives what it always gave: it was asked anew.
    expect(cache.get(356)?.text).toBe('줄 356')
    cache.shift({ row: 250, lines: -100 })
    expect([cache.get(250)?.text, cache.get(251)?.text, cache.get(256)?.text]).toEqual(['줄 250', '줄 351', '줄 356'])
  })

  test('a page that was not full is fetched again only after lines came', async () => {
    const log = new Log(10)
    const cache = new WindowCache(log.fetch, () => undefined)
    cache.get(9)
    await settled()
    cache.get(9)
    cache.get(10)
    expect(log.requests).toHaveLength(1)
    log.end = 20
    cache.grown()
    expect(cache.get(15)).toBeUndefined()
    await settled()
    expect(cache.get(15)?.text).toBe('줄 15')
    expect(log.requests).toHaveLength(2)
  })

  test('an open line is shown and not asked for in a loop', async () => {
    const log = new Log(5)
    log.partial = true
    const cache = new WindowCache(log.fetch, () => void cache.get(4))
    cache.get(4)
    await settled()
    await settled()
    expect(cache.get(4)?.text).toBe('줄 4')
    expect(log.requests).toHaveLength(1)
  })

  test('following asks for the newest lines, one request at a time', async () => {
    const log = new Log(1_000)
    const cache = new WindowCache(log.fetch, () => undefined)
    cache.follow(1_000)
    for (let end = 1_001; end <= 1_100; end += 1) {
      log.end = end
      cache.follow(end)
    }
    await settled()
    await settled()
    expect(cache.tailEnd).toBe(1_100)
    expect(cache.get(1_099)?.text).toBe('줄 1099')
    expect(log.requests.length).toBeLessThanOrEqual(2)
  })

  test('answers that were asked for before a new log are dropped', async () => {
    const log = new Log(100)
    const cache = new WindowCache(log.fetch, () => undefined)
    cache.get(5)
    cache.follow(100)
    cache.clear()
    await settled()
    expect(cache.tailEnd).toBe(0)
  })

  test('far pages are forgotten', async () => {
    const log = new Log(1_000_000)
    const cache = new WindowCache(log.fetch, () => undefined)
    for (let page = 0; page < 40; page += 1) cache.get(page * 256)
    await settled()
    const before = log.requests.length
    cache.get(0)
    expect(log.requests.length).toBe(before + 1)
  })

  test('a failed request is not repeated until something changes', async () => {
    let asked = 0
    const cache = new WindowCache(
      async () => {
        asked += 1
        throw new Error('closed')
      },
      () => undefined,
    )
    cache.follow(10)
    await settled()
    expect(asked).toBe(1)
  })
})
