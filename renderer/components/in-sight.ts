/** Whether an element can be seen: lists draw rows beyond their window, too. One observer for all of them. */
import { onScopeDispose, ref, watch } from 'vue'
import type { Ref } from 'vue'

const tellers = new WeakMap<Element, (seen: boolean) => void>()
let observer: IntersectionObserver | null = null

/** It lives as long as the page, and so does all that stands around this function: no element may. */
function tellAll(entries: readonly IntersectionObserverEntry[]): void {
  for (const { target, isIntersecting } of entries) tellers.get(target)?.(isIntersecting)
}

function observe(element: Element, tell: (seen: boolean) => void): () => void {
  observer ??= new IntersectionObserver(tellAll)
  tellers.set(element, tell)
  observer.observe(element)
  return () => {
    tellers.delete(element)
    observer?.unobserve(element)
  }
}

/** Call it in `setup`. False until the element has been looked at. */
export function useInSight(element: Ref<HTMLElement | null>): Ref<boolean> {
  const seen = ref(false)
  let stop: (() => void) | null = null
  watch(
    element,
    (next) => {
      stop?.()
      stop = next ? observe(next, (is) => (seen.value = is)) : null
    },
    { flush: 'post', immediate: true },
  )
  onScopeDispose(() => stop?.())
  return seen
}
