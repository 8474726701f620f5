/** What a control carries to have a tooltip; NTooltipHost shows it. A row of a table has many: they must cost nothing. */
export type TooltipSide = 'top' | 'right' | 'bottom' | 'left'

/** Attributes for the control itself. Without a text it has none. */
export function tipOf(text: string, shortcut = '', side: TooltipSide = 'bottom'): Readonly<Record<string, string | undefined>> {
  if (text === '') return {}
  return { 'data-tip': text, 'data-tip-keys': shortcut || undefined, 'data-tip-side': side === 'bottom' ? undefined : side }
}

/** Room between control and tooltip, and between tooltip and the window's edge, px. */
const GAP = 5
const EDGE = 8

interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Where a tooltip of this size stands: on the wished side, on the other one without room there, inside the window. */
export function placeTip(
  anchor: Box,
  tip: { readonly width: number; readonly height: number },
  side: TooltipSide,
  window: { readonly width: number; readonly height: number },
): { readonly left: number; readonly top: number } {
  const before = { left: anchor.left - GAP - tip.width, top: anchor.top - GAP - tip.height }
  const after = { left: anchor.left + anchor.width + GAP, top: anchor.top + anchor.height + GAP }
  const last = { left: window.width - EDGE - tip.width, top: window.height - EDGE - tip.height }
  const isUpright = side === 'top' || side === 'bottom'
  const axis = isUpright ? 'top' : 'left'
  const wantsBefore = side === 'top' || side === 'left'
  const fits = wantsBefore ? before[axis] >= EDGE : after[axis] <= last[axis]
  const along = (wantsBefore === fits ? before : after)[axis]
  const centred = isUpright ? anchor.left + (anchor.width - tip.width) / 2 : anchor.top + (anchor.height - tip.height) / 2
  const inside = (at: number, most: number): number => Math.max(EDGE, Math.min(at, most))
  return isUpright
    ? { left: inside(centred, last.left), top: inside(along, last.top) }
    : { left: inside(along, last.left), top: inside(centred, last.top) }
}
