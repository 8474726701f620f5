// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { h, nextTick, ref } from 'vue'
import NMenu from '../../../renderer/components/NMenu.vue'
import NTooltip from '../../../renderer/components/NTooltip.vue'
import NTooltipHost from '../../../renderer/components/NTooltipHost.vue'
import { placeTip } from '../../../renderer/components/tooltip.ts'

let wrapper: VueWrapper | null = null
afterEach(() => {
  wrapper?.unmount()
  wrapper = null
})

describe('NTooltipHost', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const tip = () => document.querySelector('[role=tooltip]')
  const point = (selector: string) =>
    document.querySelector(selector)?.dispatchEvent(new PointerEvent('pointerover', { bubbles: true, pointerType: 'mouse' }))

  function page() {
    const text = ref('Start web')
    const Page = () => [
      h(NTooltip, { text: text.value, shortcut: 'R' }, () => h('button', { id: 'one' }, 'One')),
      h(NTooltip, { text: 'Named', disabled: false }, () => h('button', { id: 'two', 'aria-label': 'Named' })),
      h('p', { id: 'plain' }),
      h(NTooltipHost),
    ]
    wrapper = mount(Page, { attachTo: document.body })
    return text
  }

  it('shows one after a moment, the next at once, and says it to those who cannot see', async () => {
    page()
    point('#one')
    await vi.advanceTimersByTimeAsync(400)
    expect(tip()).toBeNull()
    await vi.advanceTimersByTimeAsync(100)
    expect(tip()?.textContent).toContain('Start web')
    expect(document.querySelector('#one')?.getAttribute('aria-describedby')).toBe(tip()?.id)
    point('#two')
    await nextTick()
    expect(tip()?.textContent).toBe('Named')
    expect(document.querySelector('#one')?.hasAttribute('aria-describedby')).toBe(false)
    expect(document.querySelector('#two')?.hasAttribute('aria-describedby')).toBe(false)
  })

  it('stays while the pointer is on it, goes when it leaves, on Escape and on a press', async () => {
    page()
    const open = async () => {
      point('#one')
      await vi.advanceTimersByTimeAsync(500)
      expect(tip()).not.toBeNull()
    }
    await open()
    point('#plain')
    point('[role=tooltip]')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(tip()).not.toBeNull()
    point('#plain')
    await vi.advanceTimersByTimeAsync(200)
    expect(tip()).toBeNull()
    for (const event of [new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }), new PointerEvent('pointerdown', { bubbles: true })]) {
      await open()
      document.body.dispatchEvent(event)
      await nextTick()
      expect(tip()).toBeNull()
    }
  })

  it('follows its control: another text, or none any more', async () => {
    const text = page()
    point('#one')
    await vi.advanceTimersByTimeAsync(500)
    text.value = 'Copied'
    await vi.advanceTimersByTimeAsync(20)
    expect(tip()?.textContent).toContain('Copied')
    text.value = ''
    await vi.advanceTimersByTimeAsync(20)
    expect(tip()).toBeNull()
  })

  it('is placed again when a longer text of its control needs more room', async () => {
    const text = page()
    const wide = vi.spyOn(Element.prototype, 'getBoundingClientRect').mockImplementation(function (this: Element) {
      return this.id === 'one' ? new DOMRect(980, 20, 40, 20) : new DOMRect(0, 0, (this.textContent?.length ?? 0) * 8, 24)
    })
    vi.spyOn(document.documentElement, 'clientWidth', 'get').mockReturnValue(1_024)
    point('#one')
    await vi.advanceTimersByTimeAsync(500)
    const before = parseFloat((tip() as HTMLElement).style.left)
    text.value = 'Start web, and open http://127.0.0.1:8080'
    await vi.advanceTimersByTimeAsync(0)
    await vi.advanceTimersByTimeAsync(0)
    const after = parseFloat((tip() as HTMLElement).style.left)
    expect(after).toBeLessThan(before)
    expect(after + (tip()?.textContent?.length ?? 0) * 8).toBeLessThanOrEqual(1_024)
    wide.mockRestore()
    vi.restoreAllMocks()
  })

  it('stands where there is room', () => {
    const window = { width: 800, height: 600 }
    const size = { width: 100, height: 30 }
    expect(placeTip({ left: 400, top: 300, width: 20, height: 20 }, size, 'bottom', window)).toEqual({ left: 360, top: 325 })
    expect(placeTip({ left: 400, top: 570, width: 20, height: 20 }, size, 'bottom', window)).toEqual({ left: 360, top: 535 })
    expect(placeTip({ left: 0, top: 5, width: 20, height: 20 }, size, 'top', window)).toEqual({ left: 8, top: 30 })
    expect(placeTip({ left: 780, top: 300, width: 20, height: 20 }, size, 'right', window)).toEqual({ left: 675, top: 295 })
  })
})

describe('NMenu', () => {
  it('makes its items when it opens, not before', async () => {
    const items = vi.fn(() => [{ id: 'a', label: 'Do it', run: () => undefined }])
    wrapper = mount(() => h(NMenu, { items, label: 'Acts' }, () => h('button', { id: 'more' }, 'More')), { attachTo: document.body })
    const button = wrapper.get('#more')
    expect(button.attributes()).toMatchObject({ 'aria-haspopup': 'menu', 'aria-expanded': 'false' })
    expect(items).not.toHaveBeenCalled()
    await button.trigger('pointerdown')
    await button.trigger('click')
    await vi.waitFor(() => expect(document.querySelector('[role=menu]')?.textContent).toContain('Do it'))
    expect(button.attributes('aria-expanded')).toBe('true')
    await button.trigger('click')
    await vi.waitFor(() => expect(document.querySelector('[role=menu]')).toBeNull())
  })
})
