/** The order of tag names a person expects: numbers by value, `latest` as the newest of all. Pure. */

const RUNS = /\d+|\D+/g
const DIGIT = /^\d/
/** `1.27`, `v2.0.1`, `20260101` */
const VERSION = /^v?\d/i
/** Above every version. */
const NEWEST = 'latest'

const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Digit runs by value, whatever their length; leading zeros do not count. */
function byValue(a: string, b: string): number {
  const left = a.replace(/^0+(?=\d)/, '')
  const right = b.replace(/^0+(?=\d)/, '')
  return left.length - right.length || byCode(left, right)
}

/** Runs of digits by value, everything else by code unit: `1.9` before `1.10`. A total order: 0 only for equal texts. */
export function naturalCompare(a: string, b: string): number {
  const left = a.match(RUNS) ?? []
  const right = b.match(RUNS) ?? []
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const one = left[i] ?? ''
    const other = right[i] ?? ''
    const order = DIGIT.test(one) && DIGIT.test(other) ? byValue(one, other) : byCode(one, other)
    if (order !== 0) return order
  }
  // Equal so far: the shorter first; `1.01` and `1.1` are told apart by their code units.
  return left.length - right.length || byCode(a, b)
}

const rank = (name: string): number => (name === NEWEST ? 2 : VERSION.test(name) ? 1 : 0)
const withoutV = (name: string): string => (VERSION.test(name) ? name.replace(/^v/i, '') : name)

/**
 * Ascending order of tags: words (`alpine`), then versions (`1.9`, `1.10`, `v1.11`), then `latest`. Turned round it
 * begins with `latest` and the newest version. A total order.
 */
export function compareTagNames(a: string, b: string): number {
  return rank(a) - rank(b) || naturalCompare(withoutV(a), withoutV(b)) || byCode(a, b)
}
