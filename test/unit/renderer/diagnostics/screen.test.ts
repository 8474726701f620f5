// @vitest-environment happy-dom
/** The self-check: rows as results come, states told in words, what can be done, and the report. */
import { flushPromises, mount } from '@vue/test-utils'
import { TooltipProvider } from 'reka-ui'
import { afterEach, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { CHECK_IDS } from '../../../../engine/contract/models.ts'
import type { CheckResult } from '../../../../engine/contract/models.ts'
import { NaruError } from '../../../../engine/contract/errors.ts'
import type { StreamHandlers } from '../../../../engine/link/handlers.ts'
import { i18n } from '../../../../renderer/i18n/index.ts'
import { openLink } from '../../../../renderer/link/connect.ts'
import DiagnosticsScreen from '../../../../renderer/screens/Diagnostics/DiagnosticsScreen.vue'
import { useConnection } from '../../../../renderer/stores/connection.ts'
import { useOperations } from '../../../../renderer/stores/operations.ts'
import { createRoom } from '../page.ts'

vi.mock('../../../../renderer/link/connect.ts', () => ({ openLink: vi.fn(), openWindow: vi.fn() }))

let unmount: () => void = () => undefined
afterEach(() => unmount())

const told = (result: Pick<CheckResult, 'id' | 'state' | 'why'> & Partial<CheckResult>): CheckResult => ({ params: {}, fixes: [], tookMs: 1, ...result })
const fine = (id: CheckResult['id']): CheckResult => told({ id, state: 'skipped', why: 'not-here' })

async function show(run: StreamHandlers['diagnostics.run']) {
  const room = createRoom({}, { 'diagnostics.run': run })
  vi.mocked(openLink).mockImplementation(async (signal) => room.open(signal))
  const connection = useConnection()
  void connection.start()
  const component = { template: '<i />' }
  const names = ['engines', 'images', 'ports', 'settings', 'registries', 'diagnostics']
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component }, ...names.map((name) => ({ path: `/${name}`, name, component }))] })
  const Host = defineComponent({ setup: () => () => h(TooltipProvider, null, () => h(DiagnosticsScreen)) })
  const wrapper = mount(Host, { attachTo: document.body, global: { plugins: [i18n, router] } })
  unmount = () => wrapper.unmount()
  const row = (id: string) => wrapper.get(`[data-check=${id}]`)
  const settle = (state: string, id: string) => vi.waitFor(() => expect(row(id).attributes('data-state')).toBe(state))
  return { wrapper, row, settle }
}

it('shows each result as it ends, while the others are still being looked at', async () => {
  let open: () => void = () => undefined
  const { row, settle, wrapper } = await show(async function* () {
    yield told({ id: 'disk', state: 'warned', why: 'little', params: { path: '~/naru', freeBytes: 1_500_000_000, totalBytes: 64e9 }, fixes: [{ kind: 'screen', screen: 'images' }], tookMs: 2 })
    await new Promise<void>((resolve) => (open = resolve))
    for (const id of CHECK_IDS) if (id !== 'disk') yield fine(id)
  })
  await settle('warned', 'disk')
  expect(row('engine').attributes('data-state')).toBe('running')
  expect(row('engine').text()).toContain('checking')
  expect(row('disk').text()).toContain('look at this')
  expect(row('disk').text()).toContain('Only 1.5GB of 64GB are free where ~/naru lies.')
  expect(row('disk').get('a').attributes('href')).toContain('/images')
  open()
  await settle('skipped', 'engine')
  await vi.waitFor(() => expect(wrapper.get('[role=status]').text()).toContain('1 thing to look at'))
})

it('a button starts the engine and looks again; a command can be copied', async () => {
  let runs = 0
  const { row, settle } = await show(async function* () {
    runs += 1
    if (runs === 1) yield told({ id: 'engine', state: 'failed', why: 'stopped', params: { engineId: 'native' }, fixes: [{ kind: 'start', engineId: 'native' }, { kind: 'command', command: 'sudo kill 7' }], tookMs: 1 })
    else yield told({ id: 'engine', state: 'passed', why: 'answers', params: { engineId: 'native', answerMs: 3 }, fixes: [], tookMs: 1 })
  })
  await settle('failed', 'engine')
  expect(row('engine').text()).toContain('sudo kill 7')
  const started = vi.spyOn(useOperations(), 'run').mockResolvedValue({})
  await row('engine').get('[data-fix=start]').trigger('click')
  await settle('passed', 'engine')
  expect(started).toHaveBeenCalledWith('engines.start', { engineId: 'native' })
})

it('a run that cannot be made says so, and offers another', async () => {
  let broken = true
  const { wrapper, settle } = await show(async function* () {
    if (broken) throw new NaruError('internal', 'no')
    for (const id of CHECK_IDS) yield fine(id)
  })
  await vi.waitFor(() => expect(wrapper.text()).toContain('Something went wrong inside Naru.'))
  broken = false
  await wrapper.get('[data-act=again]').trigger('click')
  await settle('skipped', 'engine')
  expect(wrapper.get('[role=status]').text()).toContain('Nothing to complain about')
})

it('the report is plain text with states, causes, next steps and commands', async () => {
  const copied = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue(undefined)
  const { wrapper, settle } = await show(async function* () {
    yield told({ id: 'registry', state: 'failed', why: 'hub', params: { registry: 'hub.test' }, error: { code: 'registry.unreachable', message: 'm', detail: 'connect\nECONNREFUSED', retryable: true }, fixes: [], tookMs: 1 })
    yield told({ id: 'access', state: 'warned', why: 'folder-open', params: { path: '~/naru' }, fixes: [{ kind: 'command', command: 'chmod 700 ~/naru' }], tookMs: 1 })
  })
  await settle('failed', 'registry')
  await vi.waitFor(() => expect(wrapper.get('[data-act=report]').attributes('disabled')).toBeUndefined())
  await wrapper.get('[data-act=report]').trigger('click')
  await flushPromises()
  const lines = (copied.mock.calls[0]?.[0] ?? '').split('\n')
  expect(lines[0]).toMatch(/^Naru 0 · web · linux · \d{4}-/)
  expect(lines).toContain('[broken] Registries: The Hub does not answer at hub.test.')
  expect(lines).toContain('    registry.unreachable: connect ECONNREFUSED')
  expect(lines).toContain('    $ chmod 700 ~/naru')
})
