/**
 * Where a log view stands. The page holds no tall column of rows: a scrollbar of bounded height maps to a *line
 * coordinate* `c` in 0…n (n lines) that is painted at the height `y` of the viewport. With c = r·n and y = r·H for the
 * scrollbar's ratio r, both ends meet exactly whatever the rows' real heights are, and for rows of equal height the
 * mapping is one pixel to one pixel: content top = c·h − y = s when the spacer is n·h high. Pure.
 */

/** Chromium cuts elements at 33 554 428 px; beyond this height the scrollbar is scaled. */
export const MAX_SPACER_PX = 8_000_000

export interface Anchor {
  /** Line coordinate, counted from the first line that is shown; 2.5 = the middle of the third line. */
  readonly line: number
  /** Distance from the top of the viewport at which it is painted, px. */
  readonly y: number
}

export interface Geometry {
  readonly lines: number
  readonly rowHeight: number
  readonly viewport: number
}

/** Height of the element that gives the scrollbar its length, px. */
export function spacerHeight({ lines, rowHeight }: Geometry): number {
  return Math.min(MAX_SPACER_PX, lines * rowHeight)
}

/** True when one scrolled pixel stands for more than one pixel of text. */
export function isScaled({ lines, rowHeight }: Geometry): boolean {
  return lines * rowHeight > MAX_SPACER_PX
}

const scrollRange = (geometry: Geometry): number => Math.max(0, spacerHeight(geometry) - geometry.viewport)

/** The end of the log at the bottom of the viewport. */
export function endAnchor({ lines, viewport }: Geometry): Anchor {
  return { line: lines, y: viewport }
}

export function anchorAt(scrollTop: number, geometry: Geometry): Anchor {
  const range = scrollRange(geometry)
  if (range === 0) return { line: 0, y: 0 }
  const ratio = Math.min(1, Math.max(0, scrollTop / range))
  return { line: ratio * geometry.lines, y: ratio * geometry.viewport }
}

/** Scroll position whose anchor shows about the same place. */
export function scrollTopOf(anchor: Anchor, geometry: Geometry): number {
  const range = scrollRange(geometry)
  const { lines, rowHeight, viewport } = geometry
  const total = lines * rowHeight - viewport
  if (range === 0 || total <= 0) return 0
  const top = anchor.line * rowHeight - anchor.y
  return Math.min(range, Math.max(0, (top / total) * range))
}

/** The anchor moved by pixels of text (wheel, keys), kept within the log. */
export function moved(anchor: Anchor, pixels: number, geometry: Geometry): Anchor {
  const { lines, rowHeight, viewport } = geometry
  const top = anchor.line * rowHeight - anchor.y + pixels
  const last = Math.max(0, lines * rowHeight - viewport)
  if (top >= last) return endAnchor(geometry)
  const kept = Math.max(0, top)
  const ratio = last === 0 ? 0 : kept / last
  return { line: (kept + ratio * viewport) / rowHeight, y: ratio * viewport }
}
