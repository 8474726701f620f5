/** The support bundle: gathered by the engine room, shown, and written where the person says. */
import { defineStore } from 'pinia'
import { useConnection } from './connection.ts'

export const useSupport = defineStore('support', () => {
  const connection = useConnection()
  return {
    /** @param report the self-check as the person sees it */
    gather: (report: string, addresses: boolean, signal: AbortSignal) => connection.call('support.gather', { report: report.slice(0, 100_000), addresses }, { signal }),
    save: (id: string, path: string) => connection.call('support.save', { id, path }),
  }
})
