/** The one observer for all elements must not keep hold of any. */
import { setFlagsFromString } from 'node:v8'
import { setTimeout as sleep } from 'node:timers/promises'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { useInSight } from '../../../renderer/components/in-sight.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Watches nothing, and is held for ever like the real one. */
class Observer {
  static readonly made: Observer[] = []
  readonly callback: unknown
  constructor(callback: unknown) {
    this.callback = callback
    Observer.made.push(this)
  }
  observe(): void {}
  unobserve(): void {}
}

afterEach(() => vi.unstubAllGlobals())

/** An element that comes into view and goes again, with all that saw it. */
async function comeAndGo(): Promise<WeakRef<object>> {
  const element = ref<HTMLElement | null>({} as HTMLElement)
  const seen = new WeakRef<object>(element.value ?? {})
  const scope = effectScope()
  scope.run(() => useInSight(element))
  await nextTick()
  scope.stop()
  element.value = null
  return seen
}

it('lets go of an element that is gone, of the very first one too', async () => {
  vi.stubGlobal('IntersectionObserver', Observer)
  const gone = [await comeAndGo(), await comeAndGo()]
  expect(Observer.made).toHaveLength(1)
  await expect.poll(async () => {
    collect()
    await sleep(1)
    return gone.filter((each) => each.deref() !== undefined).length
  }).toBe(0)
})
