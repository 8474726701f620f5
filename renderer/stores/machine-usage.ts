/** What the virtual machine takes, followed while somebody looks at it; and what is done about it. */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowRef } from 'vue'
import { VM_NAP_MINUTES } from '../../engine/contract/models.ts'
import type { MachineUsage } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'
import { useMachine } from './machine.ts'
import { useOperations } from './operations.ts'

export const useMachineUsage = defineStore('machine-usage', () => {
  const connection = useConnection()
  const machine = useMachine()
  const operations = useOperations()
  /** Null until it is known, and while no machine runs. */
  const usage = shallowRef<MachineUsage | null>(null)
  let followers = 0
  let stop: () => void = () => undefined

  /** Call it in `setup` of what shows it. */
  function follow(): void {
    followers += 1
    if (followers === 1) stop = connection.subscribe('machine.usage', {}, { item: (next) => (usage.value = next) })
    onScopeDispose(() => {
      followers -= 1
      if (followers > 0) return
      stop()
      usage.value = null
    })
  }

  return {
    usage,
    follow,
    /** Minutes without use until the nap; 0 = never. */
    napMinutes: computed(() => machine.chosen.napMinutes ?? VM_NAP_MINUTES),
    napWithContainers: computed(() => machine.chosen.napWithContainers ?? false),
    /** Shown among the operations; rejects with a NaruError. */
    grow: (engineId: string, bytes: number) => operations.run('machine.grow-disk', { engineId, bytes }),
  }
})
