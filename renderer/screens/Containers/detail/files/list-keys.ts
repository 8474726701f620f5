/** Rows a PageUp or PageDown moves. */
const PAGE = 15

/** Row that a key leads to; null for keys that do not move. Pure. */
export function moveOf(key: string, at: number, count: number): number | null {
  const to: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE, PageUp: at - PAGE, Home: 0, End: count - 1 }
  const wanted = to[key]
  return wanted === undefined ? null : Math.max(0, Math.min(count - 1, wanted))
}
