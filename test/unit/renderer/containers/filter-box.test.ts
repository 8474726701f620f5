// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { TooltipProvider } from 'reka-ui'
import { describe, expect, it } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'
import { i18n } from '../../../../renderer/i18n/index.ts'
import FilterBox from '../../../../renderer/screens/Containers/FilterBox.vue'

function box(initial = ''): { text: () => string; chips: () => string[]; type: (value: string) => Promise<void>; key: (key: string) => Promise<void> } {
  const text = ref(initial)
  const Host = defineComponent({
    setup: () => () =>
      h(TooltipProvider, null, () => h(FilterBox, { modelValue: text.value, 'onUpdate:modelValue': (next: string) => void (text.value = next) })),
  })
  const wrapper = mount(Host, { global: { plugins: [i18n] } })
  const input = wrapper.find('input')
  return {
    text: () => text.value,
    chips: () => wrapper.findAll('.chips > *').map((chip) => chip.text()),
    type: async (value) => {
      await input.setValue(value)
      await nextTick()
    },
    key: async (key) => {
      await input.trigger('keydown', { key })
      await nextTick()
    },
  }
}

describe('FilterBox', () => {
  it('makes a chip of a finished term and leaves the rest as text', async () => {
    const filter = box()
    await filter.type('port:80')
    expect(filter.chips()).toEqual([])
    expect(filter.text()).toBe('port:80')
    await filter.type('port:8080 ')
    await filter.type('web')
    expect(filter.chips()).toEqual(['port:8080'])
    expect(filter.text()).toBe('port:8080 web')
  })
  it('makes one with Enter, and takes the last away with Backspace in an empty box', async () => {
    const filter = box('is:running')
    await filter.type('label:a=b')
    await filter.key('Enter')
    expect(filter.chips()).toEqual(['is:running', 'label:a=b'])
    await filter.key('Backspace')
    expect(filter.text()).toBe('is:running')
  })
  it('does not repeat a chip', async () => {
    const filter = box('is:running')
    await filter.type('is:running ')
    expect(filter.text()).toBe('is:running')
  })
})
