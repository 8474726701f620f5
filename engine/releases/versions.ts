/** Versions of Naru: three numbers. */

/** `1.2.3`, each number below a million and without leading zeros; nothing before or behind it. */
export function isVersion(value: unknown): value is string {
  return typeof value === 'string' && /^(?:0|[1-9]\d{0,5})(?:\.(?:0|[1-9]\d{0,5})){2}$/.test(value)
}

/** True when `candidate` comes after `own`. What is no version comes after nothing, and nothing after it. */
export function isNewer(candidate: string, own: string): boolean {
  if (!isVersion(candidate) || !isVersion(own)) return false
  const [a, b] = [candidate, own].map((text) => text.split('.').map(Number)) as [number[], number[]]
  const at = a.findIndex((part, index) => part !== b[index])
  return at >= 0 && (a[at] ?? 0) > (b[at] ?? 0)
}
