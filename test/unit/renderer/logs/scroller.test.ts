// @vitest-environment happy-dom
import { describe, expect, test, vi } from 'vitest'
import { LogScroller } from '../../../../renderer/screens/Logs/scroller.ts'
import { WindowCache } from '../../../../renderer/screens/Logs/window-cache.ts'

const ROW = 20
const VIEWPORT = 200
const LINES = 100
const END = LINES * ROW - VIEWPORT

/** A log of a hundred rows in a pane of ten, painted at once, standing at its end. */
function openLog() {
  vi.stubGlobal('requestAnimationFrame', (paint: () => void) => {
    queueMicrotask(paint)
    return 1
  })
  const parts = { scroller: document.createElement('div'), spacer: document.createElement('div'), viewport: document.createElement('div'), layer: document.createElement('div') }
  Object.defineProperty(parts.viewport, 'clientHeight', { value: VIEWPORT })
  Object.defineProperties(parts.scroller, { scrollHeight: { value: LINES * ROW, configurable: true }, clientHeight: { value: VIEWPORT, configurable: true } })
  const cache = new WindowCache(() => new Promise(() => undefined), () => undefined)
  vi.spyOn(cache, 'tailEnd', 'get').mockReturnValue(LINES)
  const told: boolean[] = []
  const look = { source: null, time: () => '', gap: () => '', cut: '', marked: () => null, selected: () => false, stamp: 0 }
  const log = new LogScroller(parts, cache, { rowHeight: ROW, look: () => look, onFollow: (now) => told.push(now), onPainted: () => undefined })
  log.setRange(0, LINES)
  const scroll = (top: number): void => {
    parts.scroller.scrollTop = top
    log.onScroll()
  }
  return { log, parts, told, scroll }
}

describe('following the end of a log', () => {
  test('starts at the end', async () => {
    const { log, parts } = openLog()
    await Promise.resolve()
    expect(parts.scroller.scrollTop).toBe(END)
    expect(log.following).toBe(true)
  })

  test('the first two pixels of a scroll upwards are no wish to follow', async () => {
    const { log, told, scroll } = openLog()
    await Promise.resolve()
    log.onWheel(-300)
    scroll(END - 2)
    expect(log.following).toBe(false)
    expect(told).toEqual([false])
  })

  test('scrolled down to the end it follows again', async () => {
    const { log, scroll } = openLog()
    await Promise.resolve()
    scroll(END - 300)
    expect(log.following).toBe(false)
    scroll(END - 1)
    expect(log.following).toBe(true)
  })

  test('a log that became shorter is still followed', async () => {
    const { log, parts, told } = openLog()
    await Promise.resolve()
    log.setRange(LINES - 20, LINES)
    // The browser clamps the position when the spacer shrinks, and tells of it afterwards.
    parts.scroller.scrollTop = 20 * ROW - VIEWPORT
    await Promise.resolve()
    log.onScroll()
    expect(log.following).toBe(true)
    expect(told).toEqual([])
  })

  test('a pane that grew, whose end the browser moved, is still followed', async () => {
    const { log, parts, told, scroll } = openLog()
    await Promise.resolve()
    Object.defineProperty(parts.scroller, 'clientHeight', { value: VIEWPORT + 40 })
    scroll(END - 40)
    expect([log.following, told]).toEqual([true, []])
    scroll(END - 45)
    expect(log.following).toBe(false)
  })

  test('a pane whose scrollbar is gone for a moment is still followed, and stands at the end afterwards', async () => {
    const { log, parts, told, scroll } = openLog()
    await Promise.resolve()
    // All of it fits as far as the browser knows: it moved to the only place there is.
    Object.defineProperty(parts.scroller, 'scrollHeight', { value: VIEWPORT, configurable: true })
    scroll(0)
    expect([log.following, told]).toEqual([true, []])
    await Promise.resolve()
    expect(parts.scroller.scrollTop).toBe(END)
  })

  test('a line that was gone to is not lost to a movement of before', async () => {
    const { log, parts, scroll } = openLog()
    await Promise.resolve()
    log.reveal(50)
    // The bar that said it is looked for closed: the browser moved the end before the line is painted.
    scroll(END - 34)
    await Promise.resolve()
    expect(parts.scroller.scrollTop).toBeLessThan(60 * ROW)
    expect(log.following).toBe(false)
  })
})
