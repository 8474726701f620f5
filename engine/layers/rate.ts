/** Milliseconds that a rate is taken over, and before which none is told. */
const SPAN_MS = 3_000
const FIRST_MS = 500

/** Bytes per second over the last seconds: call it with the bytes so far and the time. */
export function createRate(): (bytes: number, now: number) => number | undefined {
  let marks: { bytes: number; at: number }[] = []
  return (bytes, now) => {
    const last = marks.at(-1)
    if (!last || now - last.at > 200) marks.push({ bytes, at: now })
    marks = marks.filter(({ at }, index) => now - at <= SPAN_MS || index === marks.length - 1)
    const first = marks[0]
    if (!first || now - first.at < FIRST_MS) return undefined
    return Math.round(((bytes - first.bytes) / (now - first.at)) * 1000)
  }
}
