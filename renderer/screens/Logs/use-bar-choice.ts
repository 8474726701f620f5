/** A bar, or bars from one to another, chosen by pointer or keys. */
import { ref } from 'vue'
import type { Ref } from 'vue'

export interface BarChoiceOptions {
  readonly bars: () => number
  /** The element the bars fill. */
  readonly chart: () => HTMLElement | null
  /** One bar was clicked or entered. */
  readonly lead: (bar: number) => void
  /** A range was dragged or selected; either way round. */
  readonly choose: (from: number, to: number) => void
  /** Escape without a bar chosen; false: nothing to do. */
  readonly clear: () => boolean
}

export interface BarChoice {
  /** The bar under the pointer or led to by keys. */
  readonly at: Readonly<Ref<number | null>>
  /** Where a drag or a held Shift began. */
  readonly from: Readonly<Ref<number | null>>
  readonly down: (event: PointerEvent) => void
  readonly move: (event: PointerEvent) => void
  readonly up: () => void
  readonly leave: () => void
  readonly cancel: () => void
  readonly key: (event: KeyboardEvent) => void
}

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity }

export function useBarChoice({ bars, chart, lead, choose, clear }: BarChoiceOptions): BarChoice {
  const at = ref<number | null>(null)
  const from = ref<number | null>(null)
  let dragging = false

  const within = (bar: number): number => Math.min(bars() - 1, Math.max(0, bar))
  function under(event: PointerEvent): number {
    const box = chart()?.getBoundingClientRect()
    return box && box.width > 0 ? within(Math.floor(((event.clientX - box.left) / box.width) * bars())) : 0
  }
  function cancel(): void {
    dragging = false
    at.value = from.value = null
  }
  function settle(): void {
    const [bar, first] = [at.value, from.value]
    dragging = false
    from.value = null
    if (bar === null) return
    if (first === null || first === bar) lead(bar)
    else {
      cancel()
      choose(first, bar)
    }
  }

  function down(event: PointerEvent): void {
    if (event.button !== 0 || bars() === 0) return
    chart()?.setPointerCapture(event.pointerId)
    dragging = true
    at.value = from.value = under(event)
  }
  function move(event: PointerEvent): void {
    if (bars() > 0) at.value = under(event)
  }
  function up(): void {
    if (dragging) settle()
  }
  function leave(): void {
    if (!dragging) cancel()
  }

  /** True when the key meant something here. */
  function act({ key, shiftKey }: KeyboardEvent): boolean {
    const step = STEPS[key]
    if (step !== undefined) {
      const start = at.value ?? bars() - (step < 0 ? 0 : 1)
      from.value = shiftKey ? (from.value ?? within(start)) : null
      at.value = within(start + step)
      return true
    }
    if (key === 'Enter') {
      settle()
      return true
    }
    if (key !== 'Escape') return false
    if (at.value === null) return clear()
    cancel()
    return true
  }
  function key(event: KeyboardEvent): void {
    if (bars() === 0 || event.ctrlKey || event.metaKey || event.altKey || !act(event)) return
    event.preventDefault()
    event.stopPropagation()
  }
  return { at, from, down, move, up, leave, cancel, key }
}
