/**
 * Moves a log view: turns scrolling, wheel and keys into an anchor (anchor.ts), asks for lines, paints once per frame.
 * Follows the end until the person scrolls up. No framework here; LogList.vue owns one.
 */
import { anchorAt, endAnchor, isScaled, moved, scrollTopOf, spacerHeight } from './anchor.ts'
import type { Anchor, Geometry } from './anchor.ts'
import { Painter } from './painter.ts'
import type { RowLook } from './painter.ts'
import type { WindowCache } from './window-cache.ts'

export interface ScrollerParts {
  /** Scrolls natively. */
  readonly scroller: HTMLElement
  /** Gives the scrollbar its length. */
  readonly spacer: HTMLElement
  /** Stays in sight; clips the layer. */
  readonly viewport: HTMLElement
  /** Holds the rows. */
  readonly layer: HTMLElement
}

export interface ScrollerHooks {
  readonly rowHeight: number
  readonly look: () => RowLook
  readonly onFollow: (following: boolean) => void
  /** After each painting: the lines in sight. */
  readonly onPainted: (from: number, to: number, painter: Painter) => void
}

export class LogScroller {
  readonly #parts: ScrollerParts
  readonly #hooks: ScrollerHooks
  readonly #cache: WindowCache
  readonly #painter: Painter
  #first = 0
  #end = 0
  #anchor: Anchor = { line: 0, y: 0 }
  #following = true
  #expectedTop = 0
  /** It was told where to stand and is not painted there yet: what the scrollbar says is of before. */
  #led = false
  #frame = 0

  constructor(parts: ScrollerParts, cache: WindowCache, hooks: ScrollerHooks) {
    this.#parts = parts
    this.#cache = cache
    this.#hooks = hooks
    this.#painter = new Painter(parts.layer)
  }

  get following(): boolean {
    return this.#following
  }

  /** Lines `[first, end)` can be shown. A first line that moved (old lines dropped) keeps what is looked at in place. */
  setRange(first: number, end: number): void {
    if (first !== this.#first) {
      this.#anchor = { ...this.#anchor, line: Math.max(0, this.#anchor.line + this.#first - first) }
      this.#first = first
    }
    if (end !== this.#end) this.#cache.grown()
    this.#end = end
    if (this.#following) this.#cache.follow(end)
    this.schedule()
  }

  /** A new log: start at its end. */
  reset(): void {
    this.#cache.clear()
    this.#first = 0
    this.#end = 0
    this.#anchor = { line: 0, y: 0 }
    this.follow()
  }

  follow(): void {
    this.#setFollowing(true)
    this.#cache.follow(this.#end)
    this.schedule()
  }

  pause(): void {
    this.#setFollowing(false)
  }

  /** Brings a line to the middle and stops following. */
  reveal(line: number): void {
    this.#setFollowing(false)
    const { lines, viewport } = this.#geometry()
    const at = Math.min(lines, Math.max(0, line - this.#first)) + 0.5
    this.#anchor = { line: at, y: viewport / 2 }
    this.#led = true
    this.schedule()
  }

  /** The lines are others, or more is known of them: those in sight are asked for again. */
  refresh(): void {
    if (this.#following) this.#cache.follow(this.#end)
    this.schedule()
  }

  /** Rows behind `row` moved by `lines`: what stands at the top of the pane, or `row` itself when it is seen, stays there. */
  shift(row: number, lines: number): void {
    this.#cache.shift({ row, lines })
    const element = this.#painter.element(row)
    const { viewport } = this.#parts
    const y = element ? element.getBoundingClientRect().top - viewport.getBoundingClientRect().top : -1
    const line = row - this.#first
    if (y >= 0 && y < viewport.clientHeight) this.#anchor = { line, y }
    else if (this.#anchor.line > line + 1) this.#anchor = { ...this.#anchor, line: Math.max(line, this.#anchor.line + lines) }
    if (lines > 0) this.#setFollowing(false)
    this.refresh()
  }

  /** Moves by pixels of text; at the end it follows again. */
  move(pixels: number): void {
    const geometry = this.#geometry()
    this.#anchor = moved(this.#anchor, pixels, geometry)
    this.#setFollowing(pixels > 0 && this.#anchor.line >= geometry.lines)
    this.schedule()
  }

  toStart(): void {
    this.#setFollowing(false)
    this.#anchor = { line: 0, y: 0 }
    this.#led = true
    this.schedule()
  }

  onScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#parts.scroller
    if (this.#led || Math.abs(scrollTop - this.#expectedTop) < 1.5) return
    // A pane that grew (a bar above it closed), or had no scrollbar for a moment, was moved by the browser: its end is still its end.
    if (this.#following && scrollTop < this.#expectedTop && scrollTop >= scrollHeight - clientHeight - 1) {
      this.#expectedTop = scrollTop
      return this.schedule()
    }
    const down = scrollTop > this.#expectedTop
    this.#expectedTop = scrollTop
    const geometry = this.#geometry()
    this.#anchor = anchorAt(scrollTop, geometry)
    // The first frame of a smooth scroll upwards is still within two pixels of the end: that is no wish to follow.
    this.#setFollowing(down && scrollTop >= spacerHeight(geometry) - geometry.viewport - 2)
    this.schedule()
  }

  /** True when it was handled here and the browser must not scroll. */
  onWheel(deltaY: number): boolean {
    if (deltaY < 0 && this.#end > this.#first) this.#setFollowing(false)
    if (!isScaled(this.#geometry())) return false
    this.move(deltaY)
    return true
  }

  schedule(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#paint())
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame)
  }

  #setFollowing(following: boolean): void {
    if (following === this.#following) return
    this.#following = following
    this.#hooks.onFollow(following)
  }

  #geometry(): Geometry {
    // While following only lines that are already here count, so that the end never flashes empty.
    const end = this.#following ? Math.min(this.#end, Math.max(this.#first, this.#cache.tailEnd)) : this.#end
    return {
      lines: Math.max(0, end - this.#first),
      rowHeight: this.#hooks.rowHeight,
      viewport: this.#parts.viewport.clientHeight,
    }
  }

  #paint(): void {
    this.#frame = 0
    const geometry = this.#geometry()
    const { lines, rowHeight, viewport } = geometry
    if (this.#following) this.#anchor = endAnchor(geometry)
    const { line, y } = this.#anchor
    const at = Math.max(0, Math.min(lines - 1, Math.floor(line)))
    const from = Math.max(0, at - Math.ceil(y / rowHeight) - 1)
    const to = Math.min(lines, at + Math.ceil((viewport - y) / rowHeight) + 2)
    const look = this.#hooks.look()
    this.#painter.paint(this.#first + from, this.#first + Math.max(from, to), (number) => this.#cache.get(number), look)
    this.#parts.spacer.style.height = `${Math.max(spacerHeight(geometry), 1)}px`
    this.#place(at, from, to, geometry)
    this.#syncScrollbar(geometry)
    this.#led = false
    this.#hooks.onPainted(this.#first + from, this.#first + to, this.#painter)
  }

  /** Puts the anchor's line at its height; both ends of the log stick to the viewport's edges. */
  #place(at: number, from: number, to: number, { lines, viewport }: Geometry): void {
    const { layer } = this.#parts
    const row = this.#painter.element(this.#first + at)
    let top = row ? this.#anchor.y - (row.offsetTop + (this.#anchor.line - at) * row.offsetHeight) : 0
    if (to >= lines) top = Math.max(top, viewport - layer.offsetHeight)
    if (from === 0) top = Math.min(top, 0)
    layer.style.transform = `translateY(${Math.round(top)}px)`
  }

  #syncScrollbar(geometry: Geometry): void {
    const top = scrollTopOf(this.#anchor, geometry)
    const { scroller } = this.#parts
    if (Math.abs(scroller.scrollTop - top) < 1) {
      // A log that became shorter was moved by the browser, not by the person.
      if (this.#following) this.#expectedTop = scroller.scrollTop
      return
    }
    scroller.scrollTop = top
    this.#expectedTop = scroller.scrollTop
  }
}
