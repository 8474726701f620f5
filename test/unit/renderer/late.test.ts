// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { h } from 'vue'
import { late } from '../../../renderer/app/late.ts'

const Panel = () => h('p', 'here')

describe('late', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('asks again for what was broken off, until it is there', async () => {
    let asked = 0
    const Late = late(async () => {
      asked += 1
      if (asked < 4) throw new TypeError('Failed to fetch dynamically imported module')
      return { default: Panel }
    })
    const page = mount(() => h('div', [h(Late)]))
    await vi.advanceTimersByTimeAsync(99)
    expect([asked, page.text()]).toEqual([1, ''])
    await vi.advanceTimersByTimeAsync(1 + 200 + 400)
    expect(asked).toBe(4)
    await vi.waitFor(() => expect(page.text()).toBe('here'))
  })
})
