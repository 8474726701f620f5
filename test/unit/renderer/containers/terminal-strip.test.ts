// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { i18n } from '../../../../renderer/i18n/index.ts'
import TerminalStrip from '../../../../renderer/screens/Containers/detail/terminal/TerminalStrip.vue'
import type { Terminal } from '../../../../renderer/stores/terminals.ts'

it('the line of a terminal marks the secrets among its variables', () => {
  const shown = { sessionId: 's', number: 1, kind: 'exec', command: ['sh'], env: ['SESSION_TOKEN=geheim', 'MODE=fast'], ended: null, title: '' } as unknown as Terminal
  const strip = mount(TerminalStrip, { props: { terminals: [shown], shown, name: 'web', canOpen: true }, global: { plugins: [i18n] } })
  expect(strip.html()).toContain('docker exec -it -e SESSION_TOKEN=•••••••• -e MODE=fast web sh')
  expect(strip.html()).not.toContain('geheim')
  strip.unmount()
})
