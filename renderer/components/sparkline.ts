/** The path of a small line. */

/** Size of the picture, px; half a line of room at each side. */
export const SPARK_WIDTH = 44
export const SPARK_HEIGHT = 16
const EDGE = 1

/**
 * One path for values between 0 and `top`, oldest at the left and the newest at the right edge, `room` of them across.
 * Null breaks the line; a value between two nulls is a dot.
 */
export function sparkPath(values: readonly (number | null)[], top: number, room: number): string {
  const step = (SPARK_WIDTH - 2 * EDGE) / Math.max(1, room - 1)
  const start = SPARK_WIDTH - EDGE - step * (values.length - 1)
  const x = (at: number): string => (start + step * at).toFixed(1)
  const y = (value: number): string => (SPARK_HEIGHT - EDGE - (SPARK_HEIGHT - 2 * EDGE) * Math.min(1, Math.max(0, value / top))).toFixed(1)
  let path = ''
  let open = false
  values.forEach((value, at) => {
    if (value === null) open = false
    else {
      path += `${open ? 'L' : 'M'}${x(at)} ${y(value)}`
      // Of no length, with a round end: a dot.
      if (!open && (values[at + 1] ?? null) === null) path += 'h0'
      open = true
    }
  })
  return path
}
