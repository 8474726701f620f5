/** Opens the run panel with what a container was made from and another port: a container's own ports are fixed. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { runLike } from '../../engine/containers/like.ts'
import { useConnection } from './connection.ts'
import { useRun } from './run.ts'
import { useState } from './state.ts'
import { useUi } from './ui.ts'

export const useRunLike = defineStore('run-like', () => {
  const connection = useConnection()
  const state = useState()
  const panel = useRun()
  const ui = useUi()
  /** Container that is being read; empty when none. */
  const reading = shallowRef('')

  async function withPort(containerId: string, swap: { readonly from: number; readonly to: number }): Promise<void> {
    const engineId = state.engineId
    if (!engineId || reading.value) return
    reading.value = containerId
    try {
      const detail = await connection.call('containers.inspect', { engineId, id: containerId })
      // Without its image nothing is known to come from it, and everything is repeated.
      const image = await connection.call('images.inspect', { engineId, id: detail.imageId }).catch(() => null)
      const { spec, left } = runLike(detail, image, swap)
      panel.open({ spec, like: { name: detail.name, from: swap.from, to: swap.to, left } })
    } catch (reason) {
      ui.fail(reason)
    } finally {
      reading.value = ''
    }
  }

  return { reading, withPort }
})
