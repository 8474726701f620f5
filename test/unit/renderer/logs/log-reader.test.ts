// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick, shallowRef } from 'vue'
import type { LogViewState, LogWindow } from '../../../../engine/contract/models.ts'
import { i18n } from '../../../../renderer/i18n/index.ts'
import LogReader from '../../../../renderer/screens/Logs/LogReader.vue'
import { LogNews, NEWS_MS } from '../../../../renderer/screens/Logs/log-news.ts'
import type { LogSearch } from '../../../../renderer/screens/Logs/use-log-search.ts'
import type { LogRows } from '../../../../renderer/stores/logs.ts'

const STATE: LogViewState = { viewId: 'v', firstLine: 0, endLine: 500, bytes: 0, droppedLines: 0, moreBefore: false, status: 'following' }

function windowOf(from: number, count: number, end: number): LogWindow {
  const numbers = Array.from({ length: Math.max(0, Math.min(count, end - from)) }, (_, n) => from + n)
  const parts = numbers.map((n) => new TextEncoder().encode(`\u001b[31mERROR\u001b[0m line ${n}`))
  let at = 0
  return {
    from,
    text: new Uint8Array(parts.flatMap((part) => [...part])),
    ends: Uint32Array.from(parts, (part) => (at += part.length)),
    times: Float64Array.from(numbers, (n) => n * 1000),
    flags: new Uint8Array(numbers.length),
    folds: Uint32Array.from(numbers, (n) => (n === 499 ? 7 : 0)),
  }
}

let wrapper: VueWrapper | null = null
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  setActivePinia(createPinia())
})
afterEach(() => {
  wrapper?.unmount()
  wrapper = null
  vi.useRealTimers()
})

async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
  for (let turn = 0; turn < 5; turn += 1) await nextTick()
}

async function reader() {
  const state = shallowRef<LogViewState | null>(STATE)
  const view = {
    state,
    generation: shallowRef(1),
    folded: true,
    shift: shallowRef(null),
    hidden: shallowRef(0),
    fold: vi.fn(async () => undefined),
    window: async (from: number, count: number) => windowOf(from, count, state.value?.endLine ?? 0),
  } as unknown as LogRows
  wrapper = mount(LogReader, {
    attachTo: document.body,
    global: { plugins: [i18n] },
    props: { view, search: {} as LogSearch, floor: 0, label: 'Log of web', picked: null, names: ['web', 'db'], columns: [] },
  })
  await settle(10)
  return { page: wrapper, state, view, focused: () => (document.activeElement as HTMLElement).dataset['line'], news: () => wrapper?.get('[role=log]').text() ?? '' }
}

describe('a log as a list for screen readers', () => {
  it('is a list of lines, each whole: container, level in words, text without colours, its place among all', async () => {
    const { page } = await reader()
    expect(page.get('ol').attributes('aria-label')).toBe('Log of web')
    const items = page.findAll('li')
    const last = items.at(-1)
    expect(last?.text()).toMatch(/web.*Error.*ERROR line 499.*7 more lines$/)
    expect([last?.attributes('aria-posinset'), last?.attributes('aria-setsize')]).toEqual(['500', '500'])
    expect(items.length).toBeLessThanOrEqual(101)
    expect(items.filter((item) => item.attributes('tabindex') === '0')).toHaveLength(1)
  })

  it('opens a stack trace that is folded into the line that is read', async () => {
    const { page, view } = await reader()
    await page.get('ol').trigger('keydown', { key: 'z' })
    await page.get('ol').trigger('keydown', { key: 'ArrowRight' })
    await page.get('ol').trigger('keydown', { key: 'ArrowLeft' })
    expect(vi.mocked(view.fold).mock.calls).toEqual([[499, true], [499, true]])
  })

  it('is walked line by line, and Enter picks', async () => {
    const { page, focused } = await reader()
    const key = async (name: string): Promise<void> => {
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }))
      await settle(10)
    }
    ;(page.get('li[tabindex="0"]').element as HTMLElement).focus()
    expect(focused()).toBe('499')
    await key('ArrowUp')
    await key('ArrowUp')
    expect(focused()).toBe('497')
    await key('PageUp')
    expect(focused()).toBe('477')
    await key('g')
    expect(focused()).toBe('0')
    await key('ArrowUp')
    expect(focused()).toBe('0')
    await key('Enter')
    expect(page.emitted('pick')?.at(-1)).toMatchObject([{ number: 0 }])
    await key('G')
    expect(focused()).toBe('499')
  })

  it('leaves the line that is read where it is while thousands come, and tells their number now and then', async () => {
    const { page, state, focused, news } = await reader()
    ;(page.get('li[tabindex="0"]').element as HTMLElement).focus()
    const said: string[] = []
    for (let step = 1; step <= 300; step += 1) {
      state.value = { ...STATE, endLine: 500 + step * 1_000 }
      await settle(50)
      if (news() !== (said.at(-1) ?? '')) said.push(news())
    }
    expect(focused()).toBe('499')
    // 15 seconds at 20 000 lines/s.
    expect(said.length).toBeGreaterThan(1)
    expect(said.length).toBeLessThanOrEqual(4)
    for (const text of said) expect(text).toMatch(/^[\d,]+ new lines$/)
  })

  it('reads out a few', async () => {
    const { state, news } = await reader()
    state.value = { ...STATE, endLine: 502 }
    await settle(1_100)
    expect(news()).toBe('2 new lines. ERROR line 500. ERROR line 501')
  })
})

describe('news of lines', () => {
  it('is told at most every few seconds, all of it, and nothing of a log that begins anew', () => {
    const told: [number, number][] = []
    const news = new LogNews((from, count) => void told.push([from, count]))
    news.reach(100)
    vi.advanceTimersByTime(10_000)
    expect(told).toEqual([])
    for (let step = 0; step < 100; step += 1) {
      news.reach(101 + step)
      vi.advanceTimersByTime(100)
    }
    vi.advanceTimersByTime(NEWS_MS)
    expect(told.length).toBeLessThanOrEqual(4)
    expect(told.reduce((sum, [, count]) => sum + count, 0)).toBe(100)
    news.reach(3)
    vi.advanceTimersByTime(10_000)
    expect(told.at(-1)?.[0]).toBeGreaterThan(3)
    news.stop()
  })
})
