// @vitest-environment happy-dom
/** A closed dialog keeps nothing of the screen it was opened from. */
import { mount } from '@vue/test-utils'
import { injectDialogRootContext } from 'reka-ui'
import { afterEach, expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'
import NDialog from '../../../renderer/components/NDialog.vue'
import NPanel from '../../../renderer/components/NPanel.vue'
import { i18n } from '../../../renderer/i18n/index.ts'

afterEach(() => vi.useRealTimers())

it.each([['dialog', NDialog], ['panel', NPanel]])('a %s gives the focus back and then lets go of what had it', async (_name, component) => {
  const open = ref(false)
  let context: ReturnType<typeof injectDialogRootContext> | undefined
  const Inside = () => {
    context = injectDialogRootContext()
    return null
  }
  const screen = { components: { Shown: component, Inside }, setup: () => ({ open }), template: '<button id="opener" /><Shown v-model:open="open" title="x"><Inside /><input></Shown>' }
  const wrapper = mount(screen, { attachTo: document.body, global: { plugins: [i18n] } })
  const opener = wrapper.get<HTMLButtonElement>('#opener').element
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const openAndClose = async (): Promise<void> => {
    opener.focus()
    open.value = true
    await vi.advanceTimersByTimeAsync(50)
    expect(context?.triggerElement.value).toBe(opener)
    expect(document.activeElement).not.toBe(opener)
    open.value = false
    await nextTick()
    await vi.advanceTimersByTimeAsync(500)
    expect(document.activeElement).toBe(opener)
  }
  await openAndClose()
  // Opened again before its time: what has the focus then is kept.
  await openAndClose()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(context?.triggerElement.value).toBeUndefined()
  expect(document.activeElement).toBe(opener)
  wrapper.unmount()
})
