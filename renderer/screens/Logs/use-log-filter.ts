/** The filter of a log: kept in the address, set in the engine room, its rows shown in place of the lines. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { isCancelled, toEnvelope } from '../../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../../engine/contract/errors.ts'
import type { LogFilterState } from '../../../engine/contract/models.ts'
import type { LogRows, LogView } from '../../stores/logs.ts'
import { EMPTY_FORM, formOf, passesAll, queryOf, toFilter } from './filter-form.ts'
import type { FilterForm } from './filter-form.ts'
import { useLogAddress } from './use-log-address.ts'

export interface LogFilterUse {
  readonly form: Readonly<Ref<FilterForm>>
  /** True when something is left out. */
  readonly active: ComputedRef<boolean>
  /** The rows to show; null while every line is. */
  readonly rows: ShallowRef<LogRows | null>
  /** The same with stack traces folded. */
  readonly folded: ShallowRef<LogRows | null>
  /** How far it is; null while it is not set. */
  readonly state: ComputedRef<LogFilterState | null>
  /** Why it cannot be set, or ended. */
  readonly error: ComputedRef<ErrorEnvelope | null>
  ask(change: Partial<FilterForm>): void
  reset(): void
}

/** Waits this long after the last change, ms. */
const SETTLE_MS = 150

/**
 * Call it in `setup`. `floor`: lines before it are not shown; `names` of the view's containers, in its order. `folding`:
 * stack traces are folded; rows then are no lines, so a floor is a filter as well.
 */
export function useLogFilter(view: () => LogView | null, floor: () => number, names: () => readonly string[] = () => [], folding: () => boolean = () => false): LogFilterUse {
  const address = useLogAddress()
  const form = shallowRef(formOf(address.query.value))
  const rows = shallowRef<LogRows | null>(null)
  const folded = shallowRef<LogRows | null>(null)
  const refused = shallowRef<ErrorEnvelope | null>(null)
  const id = ref(-1)
  const active = computed(() => !passesAll(form.value))
  const needed = computed(() => active.value || (folding() && floor() > 0))
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0
  let writing = 0

  async function apply(): Promise<void> {
    const mine = (asked += 1)
    const opened = view()
    if (!opened || opened.generation.value === 0) return
    if (!needed.value) {
      rows.value = null
      folded.value = null
      id.value = -1
      refused.value = null
      await opened.setFilter(null).catch(() => undefined)
      return
    }
    try {
      const set = await opened.setFilter(toFilter(form.value, floor(), names()))
      if (mine !== asked || view() !== opened) return
      rows.value = set.rows
      folded.value = set.folded
      id.value = set.id
      refused.value = null
    } catch (reason) {
      if (mine === asked && !isCancelled(reason)) refused.value = toEnvelope(reason)
    }
  }

  function later(ms: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => void apply(), ms)
  }

  watch([view, () => view()?.generation.value], () => {
    // Rows of a view that is gone mean nothing; the filter is set again in the new one.
    rows.value = null
    folded.value = null
    if (needed.value) later(0)
  }, { immediate: true })
  watch(form, (now, before) => {
    // Columns alone change nothing in which lines pass.
    if (JSON.stringify({ ...now, columns: [] }) !== JSON.stringify({ ...before, columns: [] })) later(SETTLE_MS)
    writing += 1
    void address.replace(queryOf(now, address.query.value)).finally(() => (writing -= 1))
  })
  // A link that was opened, or the way back: what this filter writes itself comes late, and older than what is typed.
  watch(address.query, (query) => {
    const asks = formOf(query)
    if (writing === 0 && JSON.stringify(asks) !== JSON.stringify(form.value)) form.value = asks
  })
  watch(
    () => names().join('\n'),
    () => form.value.only.length > 0 && later(0),
  )
  watch([floor, needed], ([now, need], [before, needing]) => (need || needing) && (now !== before || need !== needing) && later(0))
  onScopeDispose(() => clearTimeout(timer))

  const state = computed(() => {
    const now = view()?.state.value?.filter
    return now?.id === id.value ? now : null
  })
  return {
    form,
    active,
    rows,
    folded,
    state,
    error: computed(() => (active.value ? (refused.value ?? state.value?.error ?? null) : null)),
    ask: (change) => (form.value = { ...form.value, ...change }),
    reset: () => (form.value = { ...EMPTY_FORM, columns: form.value.columns }),
  }
}
