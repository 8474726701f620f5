/** The bundled virtual machine, followed while somebody looks at it. */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowRef } from 'vue'
import type { MachineState, VmSettings } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'
import { useSettings } from './settings.ts'

export const useMachine = defineStore('machine', () => {
  const connection = useConnection()
  const settings = useSettings()
  /** Null until it is known, and where there is none. */
  const state = shallowRef<MachineState | null>(null)
  let followers = 0
  let stop: () => void = () => undefined

  /** Call it in `setup` of what shows it. */
  function follow(): void {
    followers += 1
    if (followers === 1) stop = connection.subscribe('machine.watch', {}, { item: (next) => (state.value = next) })
    onScopeDispose(() => {
      followers -= 1
      if (followers === 0) stop()
    })
  }

  return {
    state,
    follow,
    /** What the person chose; what is absent is chosen by Naru. */
    chosen: computed<VmSettings>(() => settings.values.vm),
    /** All of what was chosen, anew. */
    save: (vm: VmSettings) => settings.update({ vm }),
    /** Changes some of it; `undefined` gives a choice back to Naru. */
    choose: (patch: { readonly [K in keyof VmSettings]?: VmSettings[K] | undefined }) => settings.update({ vm: withoutAbsent({ ...settings.values.vm, ...patch }) }),
    console: async (signal: AbortSignal) => (await connection.call('machine.console', {}, { signal })).lines,
    forgetAcceleration: () => connection.call('machine.forget-acceleration', {}),
  }
})

const withoutAbsent = (choices: object): VmSettings => Object.fromEntries(Object.entries(choices).filter(([, value]) => value !== undefined))
