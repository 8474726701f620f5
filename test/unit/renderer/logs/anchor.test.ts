import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_SPACER_PX, anchorAt, endAnchor, isScaled, moved, scrollTopOf, spacerHeight } from '../../../../renderer/screens/Logs/anchor.ts'

const geometry = fc.record({
  lines: fc.integer({ min: 1, max: 50_000_000 }),
  rowHeight: fc.constant(20),
  viewport: fc.integer({ min: 40, max: 2_000 }),
})

describe('where a log view stands', () => {
  test('both ends of the scrollbar show both ends of the log', () => {
    fc.assert(
      fc.property(geometry, (g) => {
        expect(anchorAt(0, g)).toEqual({ line: 0, y: 0 })
        const range = spacerHeight(g) - g.viewport
        fc.pre(range > 0)
        const end = anchorAt(range, g)
        expect(end.line).toBeCloseTo(g.lines, 3)
        expect(end.y).toBeCloseTo(g.viewport, 3)
      }),
    )
  })

  test('below the cap one scrolled pixel is one pixel of text', () => {
    fc.assert(
      fc.property(geometry, fc.double({ min: 0, max: 1, noNaN: true }), (g, share) => {
        fc.pre(!isScaled(g) && spacerHeight(g) > g.viewport)
        const scrollTop = share * (spacerHeight(g) - g.viewport)
        const { line, y } = anchorAt(scrollTop, g)
        expect(line * g.rowHeight - y).toBeCloseTo(scrollTop, 2)
      }),
    )
  })

  test('the scrollbar goes back to where the anchor came from', () => {
    fc.assert(
      fc.property(geometry, fc.double({ min: 0, max: 1, noNaN: true }), (g, share) => {
        fc.pre(spacerHeight(g) > g.viewport)
        const scrollTop = share * (spacerHeight(g) - g.viewport)
        expect(scrollTopOf(anchorAt(scrollTop, g), g)).toBeCloseTo(scrollTop, 0)
      }),
    )
  })

  test('the element never reaches the height Chromium cuts at', () => {
    expect(spacerHeight({ lines: 10_000_000, rowHeight: 20, viewport: 500 })).toBe(MAX_SPACER_PX)
  })

  test('moving down by pixels and up again comes back, and never leaves the log', () => {
    fc.assert(
      fc.property(geometry, fc.integer({ min: -5_000, max: 5_000 }), (g, pixels) => {
        fc.pre(g.lines * g.rowHeight > g.viewport + 20_000)
        const middle = anchorAt((spacerHeight(g) - g.viewport) / 2, g)
        const back = moved(moved(middle, pixels, g), -pixels, g)
        expect(back.line * g.rowHeight - back.y).toBeCloseTo(middle.line * g.rowHeight - middle.y, 1)
        const top = moved(middle, -1e12, g)
        expect(top.line * g.rowHeight - top.y).toBe(0)
        expect(moved(middle, 1e12, g)).toEqual(endAnchor(g))
      }),
    )
  })

  test('a log shorter than the window does not scroll', () => {
    const g = { lines: 3, rowHeight: 20, viewport: 500 }
    expect(scrollTopOf(endAnchor(g), g)).toBe(0)
    expect(anchorAt(10, g)).toEqual({ line: 0, y: 0 })
  })
})
