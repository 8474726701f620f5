/** Two views together: the one that is not moved goes to the same time. */
import { watch } from 'vue'
import type { LogRows } from '../../stores/logs.ts'

/** Call it in `setup`. One question at a time, the newest wish counts. @param at milliseconds; null: it stands alone. */
export function useLogLead(at: () => number | null, rows: () => LogRows | null, reveal: (row: number) => void): void {
  let busy = false
  async function lead(): Promise<void> {
    if (busy) return
    busy = true
    for (let time = at(); time !== null; time = at() === time ? null : at()) {
      const place = await rows()?.place({ time }).catch(() => null)
      if (place && at() !== null) reveal(place.row)
    }
    busy = false
  }
  watch(at, () => void lead())
}
