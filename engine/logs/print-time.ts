/** `2026-01-02T03:04:05.678901Z`, or `-` when the engine told no time. A double holds no more than microseconds. */
export function printTime(ms: number): string {
  if (!Number.isFinite(ms)) return '-'
  const micros = Math.round(ms * 1000)
  const whole = Math.floor(micros / 1000)
  return `${new Date(whole).toISOString().slice(0, -1)}${String(micros - whole * 1000).padStart(3, '0')}Z`
}
