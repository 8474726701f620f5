// @vitest-environment happy-dom
/** What is typed while a pull is being started stays. */
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { i18n } from '../../../../renderer/i18n/index.ts'
import PullDialog from '../../../../renderer/screens/Images/PullDialog.vue'
import { usePulls } from '../../../../renderer/stores/pulls.ts'

it.each([
  ['the field is emptied for the next name', 'nginx:1.27', ''],
  ['a name that is typed meanwhile stays', 'redis:7', 'redis:7'],
])('when the pull has begun, %s', async (_what, typedMeanwhile, left) => {
  setActivePinia(createPinia())
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: { render: () => null } }] })
  let begun: (done: boolean) => void = () => undefined
  vi.spyOn(usePulls(), 'pull').mockReturnValue(new Promise((resolve) => (begun = resolve)))
  const wrapper = mount(PullDialog, { global: { plugins: [i18n, router], stubs: { NDialog: { template: '<form @submit.prevent="$emit(\'submit\')"><slot /></form>', emits: ['submit'] }, PullList: true } } })
  const field = wrapper.get<HTMLInputElement>('[data-pull-reference]')
  await field.setValue('nginx:1.27')
  await wrapper.get('form').trigger('submit')
  await field.setValue(typedMeanwhile)
  begun(true)
  await new Promise((resolve) => setTimeout(resolve))
  await nextTick()
  expect(field.element.value).toBe(left)
  wrapper.unmount()
})
