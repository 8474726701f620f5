import { describe, expect, it, vi } from 'vitest'
import type { BuildLogWindow } from '../../../../engine/contract/models.ts'
import { logBlob } from '../../../../renderer/screens/Builds/detail/save-log.ts'
import { LinePages } from '../../../../renderer/screens/Builds/detail/line-pages.ts'

/** A log of `total` lines of which an answer gives at most `most`. */
function pagesOf(total: number, most: number): { pages: LinePages; fetch: ReturnType<typeof vi.fn> } {
  const fetch = vi.fn(async (from: number, count: number): Promise<BuildLogWindow> => ({
    from, total, dropped: 0, lines: Array.from({ length: Math.max(0, Math.min(count, most, total - from)) }, (_, n) => ({ text: `line ${from + n}`, stderr: n === 1, at: n })),
  }))
  const pages = new LinePages(fetch as (from: number, count: number) => Promise<BuildLogWindow>, () => undefined)
  pages.total = total
  return { pages, fetch }
}

describe('lines of a build’s log', () => {
  it('come in pages, each asked for once, cut answers asked on', async () => {
    const { pages, fetch } = pagesOf(1_000, 100)
    expect(pages.get(260)).toBeUndefined()
    expect(pages.get(261)).toBeUndefined()
    await vi.waitFor(() => expect(pages.get(499)?.text).toBe('line 499'))
    expect(fetch.mock.calls.map(([from]) => from as number)).toEqual([250, 350, 450])
    expect(pages.get(260)).toMatchObject({ number: 260, text: 'line 260' })
  })
  it('are asked for again when more came', async () => {
    const { pages, fetch } = pagesOf(3, 100)
    pages.get(0)
    await vi.waitFor(() => expect(pages.get(2)?.text).toBe('line 2'))
    pages.get(1)
    expect(fetch).toHaveBeenCalledTimes(1)
    pages.total = 5
    pages.get(1)
    await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(2))
  })
})

describe('a saved log', () => {
  it('has every line, answer by answer', async () => {
    const { fetch } = pagesOf(1_250, 400)
    const blob = await logBlob(fetch as (from: number, count: number) => Promise<BuildLogWindow>)
    expect(await blob.text()).toBe(Array.from({ length: 1_250 }, (_, n) => `line ${n}\n`).join(''))
    expect(fetch).toHaveBeenCalledTimes(4)
  })
  it('of nothing is empty', async () => {
    const { fetch } = pagesOf(0, 400)
    expect((await logBlob(fetch as (from: number, count: number) => Promise<BuildLogWindow>)).size).toBe(0)
  })
})
