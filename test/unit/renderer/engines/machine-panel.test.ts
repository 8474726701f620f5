// @vitest-environment happy-dom
/** What can be done about acceleration from the virtual machine's card, and what its start shows. */
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { TooltipProvider } from 'reka-ui'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import type { EngineSummary, MachineState } from '../../../../engine/contract/models.ts'
import { i18n } from '../../../../renderer/i18n/index.ts'
import MachinePanel from '../../../../renderer/screens/Engines/machine/MachinePanel.vue'
import { useMachine } from '../../../../renderer/stores/machine.ts'
import { useOperations } from '../../../../renderer/stores/operations.ts'

const ENGINE: EngineSummary = { id: 'vm', kind: 'vm', name: '', status: 'ready', since: 0, origin: 'embedded', managed: true }
const STATE: MachineState = {
  engineId: 'vm', running: true, qemuVersion: '7.2.22', qemuOrigin: 'machine', memoryMiB: 1_024, cpus: 2, folders: [], hostLoopback: false, publishEverywhere: false, containerStartMs: null, restartFor: [],
  acceleration: { name: 'tcg', software: true, why: 'failed', tried: [{ accel: 'kvm -cpu host', why: 'no byte' }] },
  limits: { memoryMiB: 8_000, cpus: 8 }, phases: [],
}

let unmount: () => void = () => undefined
beforeEach(() => setActivePinia(createPinia()))
afterEach(() => unmount())

function show(engine: Partial<EngineSummary>, state: Partial<MachineState>) {
  const machine = useMachine()
  machine.state = { ...STATE, ...state }
  const Host = defineComponent({ setup: () => () => h(TooltipProvider, null, () => h(MachinePanel, { engine: { ...ENGINE, ...engine } })) })
  const wrapper = mount(Host, { attachTo: document.body, global: { plugins: [i18n] } })
  unmount = () => wrapper.unmount()
  const button = (name: string) => wrapper.findAll('button').find((each) => each.text() === name)
  return { machine, wrapper, button }
}

it('forgets what was found out about hardware, and asks for the restart that tries it again', async () => {
  const { machine, button } = show({}, {})
  const forgotten = vi.spyOn(machine, 'forgetAcceleration').mockResolvedValue({})
  await button('Try hardware acceleration again')?.trigger('click')
  await flushPromises()
  expect(forgotten).toHaveBeenCalledOnce()
  expect(document.body.textContent).toContain('Restart Virtual machine?')
})

it('says how long containers take to start once that was seen, and nothing before', () => {
  expect(show({}, {}).wrapper.text()).not.toMatch(/starts in about/)
  unmount()
  expect(show({}, { containerStartMs: 3_140 }).wrapper.text()).toContain('A container starts in about 3.1 s here.')
})

it.each(['absent', 'denied'] as const)('offers no other try while the device is %s: it would change nothing', (why) => {
  expect(show({}, { acceleration: { name: 'tcg', software: true, why, tried: [] } }).button('Try hardware acceleration again')).toBeUndefined()
})

it('after a boot that failed starts without hardware, as a choice that stays', async () => {
  const error = { code: 'provider.boot-failed', message: 'no', hint: 'vm-boot', retryable: false } as const
  const { machine, button } = show({ status: 'failed', error }, { running: false, acceleration: null })
  const chosen = vi.spyOn(machine, 'choose').mockResolvedValue()
  const run = vi.spyOn(useOperations(), 'run').mockResolvedValue({})
  await button('Start without hardware acceleration')?.trigger('click')
  await flushPromises()
  expect(chosen).toHaveBeenCalledWith({ softwareOnly: true })
  expect(run).toHaveBeenCalledWith('engines.start', { engineId: 'vm' })
})

it('shows the steps of a start: done with their time, under way with their end, still to come', () => {
  const phases = [{ step: 'image', since: 0, tookMs: 400, limitMs: 120_000 }, { step: 'machine', since: 400, limitMs: 60_000 }]
  const phase = { step: 'machine', index: 2, total: 4, since: 400, lastLine: 'Linux version 6.1' }
  const { wrapper } = show({ status: 'starting', phase }, { running: false, phases })
  const lines = wrapper.findAll('ol li')
  expect(lines.map((line) => line.classes()[0])).toEqual(['done', 'now', 'open', 'open'])
  expect(lines[0]?.text()).toContain('0.4 s')
  expect(lines[1]?.text()).toContain('gives up after 1 min')
  expect(wrapper.text()).toContain('Linux version 6.1')
})

it('names what waits for a restart', () => {
  expect(show({}, { restartFor: ['memory', 'folders'] }).wrapper.text()).toContain('Waits for a restart: memory, shared folders.')
})
