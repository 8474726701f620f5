/** The lines around the one a person is at, for the plain list of a log. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import type { LogRows } from '../../stores/logs.ts'
import { WindowCache } from './window-cache.ts'
import type { LogLine } from './window-cache.ts'

/** Items before and behind it. */
const AROUND = 50
/** New lines are taken into the list at most this often, ms. */
const CALM_MS = 1_000

export interface ReaderLines {
  readonly first: ComputedRef<number>
  readonly end: ComputedRef<number>
  readonly current: Readonly<Ref<number>>
  readonly lines: ShallowRef<readonly LogLine[]>
  readonly following: Ref<boolean>
  /** To a line, kept within the log. */
  go(to: number, follow: boolean): void
}

/** Call it in `setup`. `floor`: lines before it are hidden; `held`: the line that is read must stay where it is. */
export function useReaderLines(view: () => LogRows, floor: () => number, held: () => boolean): ReaderLines {
  const end = computed(() => view().state.value?.endLine ?? 0)
  const first = computed(() => Math.max(view().state.value?.firstLine ?? 0, Math.min(floor(), end.value)))
  const current = ref(0)
  const following = ref(true)
  const lines = shallowRef<readonly LogLine[]>([])
  const cache = new WindowCache((from, count) => view().window(from, count), () => fill())
  let timer: ReturnType<typeof setTimeout> | undefined

  function fill(): void {
    if (following.value && !held()) current.value = Math.max(first.value, end.value - 1)
    const from = Math.max(first.value, current.value - AROUND)
    const shown: LogLine[] = []
    for (let number = from; number < Math.min(end.value, current.value + AROUND + 1); number += 1) {
      const line = cache.get(number)
      if (line) shown.push(line)
    }
    lines.value = shown
  }
  watch([first, end], () => {
    cache.grown()
    timer ??= setTimeout(() => {
      timer = undefined
      fill()
    }, lines.value.length === 0 ? 0 : CALM_MS)
  }, { immediate: true })
  // A stack trace was opened or folded: the line one is at stays the one.
  watch(() => view().shift.value, (change) => {
    if (!change) return
    cache.shift(change)
    if (current.value > change.row) current.value = Math.max(change.row, current.value + change.lines)
    fill()
  })
  watch(() => [view(), view().generation.value], () => {
    cache.clear()
    lines.value = []
    fill()
  })
  onScopeDispose(() => clearTimeout(timer))

  return {
    first,
    end,
    current,
    lines,
    following,
    go(to, follow) {
      current.value = Math.max(first.value, Math.min(to, end.value - 1))
      following.value = follow
      fill()
    },
  }
}
