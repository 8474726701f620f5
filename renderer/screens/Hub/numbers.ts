/** Big counts in few signs. Pure. */

const STEPS = [
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const

/** `912`, `20.9k`, `1.3B`: three digits at most, never rounded up (a million is not reached by 999 999). */
export function compactNumber(value: number): string {
  const count = Math.max(0, Math.floor(value))
  const [size, sign] = STEPS.find(([least]) => count >= least) ?? [1, '']
  if (size === 1) return String(count)
  const share = count / size
  const digits = share >= 100 ? 0 : 1
  const cut = Math.floor(share * 10 ** digits) / 10 ** digits
  return `${digits === 1 ? cut.toFixed(1).replace(/\.0$/, '') : cut}${sign}`
}
