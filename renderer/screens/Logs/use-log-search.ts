/** Search in the lines a view holds: match positions arrive while the engine room scans. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import { isCancelled, toEnvelope } from '../../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../../engine/contract/errors.ts'
import type { LogQuery, LogRows } from '../../stores/logs.ts'

export interface LogSearch {
  readonly query: Readonly<Ref<string>>
  readonly regex: Readonly<Ref<boolean>>
  readonly caseSensitive: Readonly<Ref<boolean>>
  /** Whole words only. */
  readonly word: Readonly<Ref<boolean>>
  ask(change: Partial<LogQuery>): void
  /** Found lines, ascending. */
  readonly lines: Ref<readonly number[]>
  readonly total: Ref<number>
  /** 1-based place of the current match, 0 when none was visited. */
  readonly place: ComputedRef<number>
  readonly scanning: Ref<boolean>
  readonly error: Ref<ErrorEnvelope | null>
  readonly current: Ref<number | null>
  /** Line of the next (1) or previous (-1) match seen from `from`; null when there is none. */
  step(direction: 1 | -1, from: number): number | null
  has(line: number): boolean
  /** True when a found line is folded away inside this row. */
  isInside(line: number): boolean
}

/** Waits this long after the last key before the scan begins, ms. */
const SETTLE_MS = 150
/** Lines that came since are searched at most this often, ms. */
const AGAIN_MS = 1_500

/** First index of `sorted` whose value is not below `value`. */
export function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Traces of several containers stand between each other: the first line of one may come behind a found line. */
const ascending = (lines: readonly number[]): number[] => [...new Set(lines)].sort((a, b) => a - b)

/** Call it in `setup`. `endLine` tells when lines came. */
export function useLogSearch(view: () => LogRows | null, endLine: () => number): LogSearch {
  const query = ref('')
  const regex = ref(false)
  const caseSensitive = ref(false)
  const word = ref(false)
  const lines = shallowRef<readonly number[]>([])
  const total = ref(0)
  const scanning = ref(false)
  const error = shallowRef<ErrorEnvelope | null>(null)
  const current = ref<number | null>(null)
  let running = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let scannedTo = 0
  let inside: ReadonlySet<number> = new Set()

  async function scan(): Promise<void> {
    running.abort()
    const run = (running = new AbortController())
    const opened = view()
    if (!opened || query.value === '') return
    const found: number[] = []
    const within = new Set<number>()
    const until = endLine()
    scanning.value = true
    error.value = null
    try {
      const request = { query: query.value, regex: regex.value, caseSensitive: caseSensitive.value, word: word.value }
      for await (const part of opened.search(request, run.signal)) {
        for (const line of part.lines) found.push(line)
        for (const line of part.inside ?? []) within.add(line)
        if (run.signal.aborted) return
        total.value = part.total
        inside = within
        lines.value = opened.folded ? ascending(found) : found.slice()
      }
      scannedTo = until
    } catch (reason) {
      if (!run.signal.aborted && !isCancelled(reason)) error.value = toEnvelope(reason)
    } finally {
      if (running === run) scanning.value = false
    }
  }

  function later(ms: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => void scan(), ms)
  }

  watch([query, regex, caseSensitive, word, view], () => {
    running.abort()
    inside = new Set()
    lines.value = []
    total.value = 0
    current.value = null
    error.value = null
    scanning.value = query.value !== ''
    later(SETTLE_MS)
  })
  // A trace was opened or folded: what was found moves along until it is found anew.
  watch(() => view()?.shift.value, (change) => {
    if (!change || query.value === '') return
    const { row, lines: by } = change
    const moved = (line: number): number => (line <= row ? line : Math.max(row, line + by))
    lines.value = ascending(lines.value.map(moved))
    if (current.value !== null) current.value = moved(current.value)
    later(0)
  })
  watch(endLine, (end) => {
    if (query.value !== '' && !scanning.value && !error.value && end > scannedTo) {
      scanning.value = true
      later(AGAIN_MS)
    }
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    running.abort()
  })

  function step(direction: 1 | -1, from: number): number | null {
    const found = lines.value
    if (found.length === 0) return null
    const start = current.value ?? from
    const at = lowerBound(found, start)
    const here = found[at] === start && current.value !== null
    const index = direction > 0 ? at + (here ? 1 : 0) : at - 1
    current.value = found[(index + found.length) % found.length] ?? null
    return current.value
  }

  return {
    query,
    regex,
    caseSensitive,
    word,
    ask(change) {
      query.value = change.query ?? query.value
      regex.value = change.regex ?? regex.value
      caseSensitive.value = change.caseSensitive ?? caseSensitive.value
      word.value = change.word ?? word.value
    },
    lines,
    total,
    scanning,
    error,
    current,
    place: computed(() => (current.value === null ? 0 : lowerBound(lines.value, current.value) + 1)),
    step,
    isInside: (line) => inside.has(line),
    has: (line) => lines.value[lowerBound(lines.value, line)] === line,
  }
}
