// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { TooltipProvider } from 'reka-ui'
import { expect, test, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import type { FoundShell } from '../../../../engine/contract/models.ts'
import { i18n } from '../../../../renderer/i18n/index.ts'
import TerminalStart from '../../../../renderer/screens/Containers/detail/terminal/TerminalStart.vue'

let found: (shells: readonly FoundShell[]) => void = () => undefined
vi.mock('../../../../renderer/stores/terminals.ts', () => ({
  useTerminals: () => ({ shells: () => new Promise((resolve) => (found = resolve)), want: () => undefined }),
}))

function start(): { command: HTMLInputElement } {
  const Host = defineComponent({
    setup: () => () => h(TooltipProvider, null, () => h(TerminalStart, { row: { id: 'a', name: 'web' }, auto: false })),
  })
  const wrapper = mount(Host, { attachTo: document.body, global: { plugins: [i18n], stubs: { AttachChoice: true } } })
  return { command: wrapper.find<HTMLInputElement>('input').element }
}

const SHELLS = [{ path: '/bin/bash' }] as readonly FoundShell[]

test('the best shell found is offered', async () => {
  const { command } = start()
  found(SHELLS)
  await flushPromises()
  expect(command.value).toBe('/bin/bash')
})

test('what is found while somebody is at the command does not write into their typing', async () => {
  const { command } = start()
  command.focus()
  found(SHELLS)
  await flushPromises()
  expect(command.value).toBe('')
})
