/** `--cap-add` and `--cap-drop` as docker 28 sends them. Pure. */

/** Whole names (`net_raw` → `CAP_NET_RAW`), each once, in order. */
export function wholeCapabilities(names: readonly string[]): string[] {
  const upper = names.map((name) => name.trim().toUpperCase())
  return [...new Set(upper.map((name) => (name === 'ALL' || name.startsWith('CAP_') ? name : `CAP_${name}`)))].sort()
}
