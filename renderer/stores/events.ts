/** Engine events of this session, newest first; the oldest go beyond a thousand. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { EngineEvent } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'
import { perFrame } from './rows.ts'

const MOST = 1_000

export const useEvents = defineStore('events', () => {
  const connection = useConnection()
  const list = shallowRef<readonly EngineEvent[]>([])
  const waiting: EngineEvent[] = []

  const flush = perFrame(() => {
    list.value = [...waiting.splice(0).reverse(), ...list.value].slice(0, MOST)
  })

  function start(): void {
    connection.subscribe('events.watch', {}, {
      item(event) {
        waiting.push(event)
        if (waiting.length > MOST) waiting.shift()
        flush()
      },
    })
  }

  return { list, start }
})
