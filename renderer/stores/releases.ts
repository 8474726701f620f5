/** New versions of Naru, as far as they are known. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { ReleaseLook } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'

export const useReleases = defineStore('releases', () => {
  const connection = useConnection()
  /** Null until the engine room tells. */
  const look = shallowRef<ReleaseLook | null>(null)
  return {
    look,
    start(): void {
      connection.subscribe('releases.watch', {}, { item: (next) => (look.value = next) })
    },
    skip: (version: string): Promise<unknown> => connection.call('releases.skip', { version }),
  }
})
