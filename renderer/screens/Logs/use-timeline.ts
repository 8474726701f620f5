/** The histogram of a log: read only while it is shown and the window is seen. */
import { onScopeDispose, shallowRef, watch } from 'vue'
import type { ShallowRef } from 'vue'
import type { LogHistogram } from '../../../engine/contract/models.ts'
import type { LogView } from '../../stores/logs.ts'
import { toTimelessFilter } from './filter-form.ts'
import type { FilterForm } from './filter-form.ts'
import { zoomOf } from './timeline-bars.ts'

/** About one in five pixels of a narrow pane. */
const MOST_BARS = 160
/** Waits this long after the last change, ms. */
const SETTLE_MS = 150

export interface TimelineOptions {
  readonly view: () => LogView | null
  readonly form: () => FilterForm
  /** Lines before it are not shown. */
  readonly floor: () => number
  /** Of the view's containers, in its order. */
  readonly names: () => readonly string[]
}

/** Call it in `setup` of what shows it. Null until the first counts are there. */
export function useTimeline({ view, form, floor, names }: TimelineOptions): ShallowRef<LogHistogram | null> {
  const histogram = shallowRef<LogHistogram | null>(null)
  const seen = shallowRef(!document.hidden)
  let reading = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function read(): Promise<void> {
    reading.abort()
    const mine = (reading = new AbortController())
    const from = view()
    if (!from || from.generation.value === 0 || !seen.value) return
    const { since, until } = zoomOf(form().since, form().until)
    try {
      const request = { filter: toTimelessFilter(form(), floor(), names()), since, until, bars: MOST_BARS }
      for await (const item of from.histogram(request, mine.signal)) if (!mine.signal.aborted) histogram.value = item
    } catch {
      // The view closed or the link broke: the view's own state tells, and its next generation is read anew.
    }
  }

  const onVisibility = (): void => void (seen.value = !document.hidden)
  document.addEventListener('visibilitychange', onVisibility)
  watch(
    [view, () => view()?.generation.value, form, floor, seen],
    ([now], [before]) => {
      if (now !== before) histogram.value = null
      clearTimeout(timer)
      timer = setTimeout(() => void read(), now === before ? SETTLE_MS : 0)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', onVisibility)
    clearTimeout(timer)
    reading.abort()
  })
  return histogram
}
