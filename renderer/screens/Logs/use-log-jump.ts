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
  /** Older lines were asked for already: it leads to what there is then. */
  let asked = false
  const waiting = ref(false)

  /** What a place that is older than what is loaded waits for; null when there is nothing to wait for. */
  function reasonToWait(target: JumpTarget, firstTime: number | null): LogStart | 'loading' | null {
    // A line's number counts from the first one the engine has, not from the first that is loaded.
    const older = 'line' in target || (firstTime !== null && target.time < firstTime)
    const now = state()
    if (!older || asked || !now) return null
    if (now.moreBefore) return 'line' in target ? EVERYTHING : { since: target.time }
    // While the first lines come nobody knows yet whether there are older ones.
    return now.status === 'loading' ? 'loading' : null
  }

  /** True once it was led there; otherwise its lines are still to come, or the view is another one by now. */
  async function show(target: JumpTarget): Promise<boolean> {
    const shown = rows()
    const place = await shown?.place(target).catch(() => null)
    if (!place || rows() !== shown) return false
    const reason = reasonToWait(target, place.firstTime)
    if (reason) {
      wait(target, reason)
      return false
    }
    reveal(place.row)
    // A line inside a folded trace is led to by opening that.
    if (place.folded && 'line' in target) {
      const opened = await shown?.fold(place.row, true).then(() => shown.place(target)).catch(() => null)
      if (opened && rows() === shown) reveal(opened.row)
    }
    return true
  }

  function wait(target: JumpTarget, reason: LogStart | 'loading'): void {
    wanted = target
    waiting.value = true
    if (reason === 'loading') return
    asked = true
    reopen(reason)
  }

  function forget(): void {
    wanted = null
    asked = false
    waiting.value = false
  }

  async function arrive(): Promise<void> {
    const now = rows()?.state.value
    const target = wanted
    if (!target || !now || now.status === 'loading' || searching()) return
    // Only now is it known where the time is; a log that has nothing leads nowhere.
    if ((now.endLine <= now.firstLine || (await show(target))) && wanted === target) forget()
  }
  watch(() => [rows()?.state.value, searching()], () => void arrive())

  return {
    waiting,
    async to(target) {
      forget()
      await show(target)
    },
    first() {
      forget()
      void show({ line: 0 })
    },
  }
}
