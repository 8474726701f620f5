import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { MachineAcceleration, MachineState } from '../../../engine/contract/models.ts'
import { virtualisationCheck } from '../../../engine/diagnostics/checks/virtualisation.ts'
import { accelerationDevice } from '../../../engine/providers/vm/launch.ts'
import { makeFolder, outcomeOf } from './support.ts'

const state = (acceleration: MachineAcceleration | null): MachineState => ({
  engineId: 'vm', running: true, qemuVersion: '', qemuOrigin: null, memoryMiB: 1_024, cpus: 1, folders: [], hostLoopback: false, publishEverywhere: false, restartFor: [], acceleration, limits: { memoryMiB: 1, cpus: 1 }, phases: [], containerStartMs: null,
})
const asked = (acceleration: MachineAcceleration | null, inUse = true, device: () => ReturnType<typeof accelerationDevice> = async () => 'usable') =>
  outcomeOf(virtualisationCheck({ state: async () => state(acceleration), inUse, device }))

it('warns where the device is not there: looked for on this machine', async () => {
  const missing = join(await makeFolder(), 'kvm')
  expect(await asked(null, true, () => accelerationDevice(missing))).toMatchObject({ state: 'warned', why: 'absent' })
})

it('warns of a device that may not be opened with the command, and of one that was tried in vain with what happened', async () => {
  expect(await asked({ name: 'tcg', software: true, why: 'denied', tried: [] })).toMatchObject({ state: 'warned', why: 'denied', fixes: [{ kind: 'command', command: 'sudo usermod -aG kvm "$(id -un)"' }] })
  expect(await asked({ name: 'tcg', software: true, why: 'failed', tried: [{ accel: 'kvm', why: 'no byte' }] })).toMatchObject({ state: 'warned', why: 'failed', params: { tried: 'kvm: no byte' } })
})

it('is content with hardware, with a choice, and with an engine that needs none', async () => {
  expect(await asked({ name: 'kvm', software: false, tried: [] })).toMatchObject({ state: 'passed', why: 'hardware', params: { name: 'KVM' } })
  expect(await asked({ name: 'tcg', software: true, why: 'chosen', tried: [] })).toMatchObject({ state: 'passed', why: 'chosen' })
  expect(await asked({ name: 'tcg', software: true, why: 'absent', tried: [] }, false)).toMatchObject({ state: 'skipped', why: 'not-in-use' })
  expect(await outcomeOf(virtualisationCheck({ state: null, inUse: false, device: async () => 'absent' }))).toMatchObject({ state: 'skipped', why: 'not-here' })
})
