/** Leads to a time or a line of a log; what is older than what is loaded is asked from the engine first. */
import { ref, watch } from 'vue'
import type { Ref } from 'vue'
import type { LogViewState } from '../../../engine/contract/models.ts'
import type { LogRows } from '../../stores/logs.ts'
import type { JumpTarget } from './jump-target.ts'

/** Where a view begins: at so many newest lines, or at a time, milliseconds since 1970. */
export type LogStart = { readonly tail: number } | { readonly since: number }

export interface LogJumpOptions {
  readonly rows: () => LogRows | null
  /** Of the view, whatever filter it has. */
  readonly state: () => LogViewState | null
  /** True while a filter still looks for its rows. */
  readonly searching: () => boolean
  readonly reveal: (row: number) => void
  /** Opens the log again from there. */
  readonly reopen: (start: LogStart) => void
}

export interface LogJump {
  /** Older lines are on their way. */
  readonly waiting: Readonly<Ref<boolean>>
  to(target: JumpTarget): Promise<void>
  /** The first line the engine has. */
  first(): void
}

/** As much as the contract lets a view load at once. */
export const EVERYTHING: LogStart = { tail: 10_000_000 }

/** Call it in `setup`. */
export function useLogJump({ rows, state, searching, reveal, reopen }: LogJumpOptions): LogJump {
  /** Where to go once the lines are there. */
  let wanted: JumpTarget | null = null
  const waiting = ref(false)

  async function show(target: JumpTarget): Promise<boolean> {
    const shown = rows()
    const place = await shown?.place(target).catch(() => null)
    if (!place || rows() !== shown) return false
    // A line's number counts from the first one the engine has, not from the first that is loaded.
    const older = 'line' in target || (place.firstTime !== null && target.time < place.firstTime)
    if (older && state()?.moreBefore && !waiting.value) {
      wait(target, 'line' in target ? EVERYTHING : { since: target.time })
      return true
    }
    reveal(place.row)
    // A line inside a folded trace is led to by opening that.
    if (place.folded && 'line' in target) {
      const opened = await shown?.fold(place.row, true).then(() => shown.place(target)).catch(() => null)
      if (opened && rows() === shown) reveal(opened.row)
    }
    return true
  }

  function wait(target: JumpTarget, start: LogStart): void {
    wanted = target
    waiting.value = true
    reopen(start)
  }

  async function arrive(): Promise<void> {
    const now = rows()?.state.value
    const target = wanted
    if (!target || !now || now.status === 'loading' || searching()) return
    // Only now is it known where the time is; a log that has nothing leads nowhere.
    if (now.endLine <= now.firstLine || (await show(target))) {
      if (wanted === target) wanted = null
      waiting.value = wanted !== null
    }
  }
  watch(() => [rows()?.state.value, searching()], () => void arrive())

  return {
    waiting,
    async to(target) {
      wanted = null
      waiting.value = false
      await show(target)
    },
    first() {
      void show({ line: 0 })
    },
  }
}
