// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { TooltipProvider } from 'reka-ui'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { OperationRow } from '../../../../engine/contract/models.ts'
import { i18n } from '../../../../renderer/i18n/index.ts'
import PullCard from '../../../../renderer/screens/Hub/PullCard.vue'

const PULL: OperationRow = {
  id: 'p', name: 'images.pull', engineId: 'e', status: 'running', subject: 'nginx:1.27', targets: [], command: '', startedAt: 1_000, cancellable: true,
  progress: {
    step: 'pulling', bytesPerSecond: 1_000_000,
    parts: [{ id: 'aaa', state: 'exists' }, { id: 'bbb', state: 'downloading', currentBytes: 1_000_000, totalBytes: 4_000_000 }],
  },
}
const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: { render: () => null } }, { path: '/images/:id', name: 'image', component: { render: () => null } }] })
let wrapper: VueWrapper
const show = (more: Partial<OperationRow> = {}, props: { compact?: boolean } = {}): string => {
  const Host = defineComponent({ setup: () => () => h(TooltipProvider, null, () => h(PullCard, { operation: { ...PULL, ...more }, ...props })) })
  wrapper = mount(Host, { global: { plugins: [i18n, router] }, attachTo: document.body })
  return wrapper.text()
}
beforeEach(() => setActivePinia(createPinia()))
afterEach(() => wrapper.unmount())

describe('PullCard', () => {
  it('shows bytes, speed, time left and every layer while it runs', () => {
    const text = show()
    for (const part of ['nginx:1.27', '1MB / 4MB', '1MB/s', '3 s left', '1 of 2 layers, 1 already here', 'already here', 'Cancel']) expect(text).toContain(part)
    const [whole] = wrapper.findAll('[role=progressbar]')
    expect(whole?.attributes('aria-valuenow')).toBe('21')
  })
  it('keeps the layers folded when there is little room', async () => {
    expect(show({}, { compact: true })).not.toContain('aaa')
    await wrapper.get('.toggle').trigger('click')
    expect(wrapper.text()).toContain('aaa')
  })
  it('ends in words, with what comes next', () => {
    const text = show({ status: 'succeeded', endedAt: 3_000, result: { imageId: 'sha256:1', upToDate: false } })
    expect(text).toContain('pulled in 2.0 s')
    expect(text).toContain('Run…')
    wrapper.unmount()
    expect(show({ status: 'succeeded', endedAt: 3_000, result: { imageId: 'sha256:1', upToDate: true } })).toContain('already up to date')
  })
  it('says why it failed and offers another try', () => {
    const text = show({ status: 'failed', endedAt: 3_000, error: { code: 'no-space', message: '', retryable: false, detail: 'write: no space left' } })
    expect(text).toContain('The disk is full.')
    expect(text).toContain('Try again')
    expect(text).not.toContain('What was fetched is kept')
  })
})
