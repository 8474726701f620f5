/** Builds of this and earlier sessions, running ones as they go on. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { BuildRow, BuildSpec, RowPatch } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'
import { useEngines } from './engines.ts'
import { useOperations } from './operations.ts'
import { liveRows, perFrame } from './rows.ts'
import { useUi } from './ui.ts'

export const useBuilds = defineStore('builds', () => {
  const connection = useConnection()
  const engines = useEngines()
  const operations = useOperations()
  const ui = useUi()
  const rows = liveRows<BuildRow>((row) => row.id)
  /** Those somebody wants off the history; the dialog asks. */
  const removing = shallowRef<readonly BuildRow[]>([])
  const waiting: RowPatch<BuildRow>[] = []

  const flush = perFrame(() => {
    for (const patch of waiting.splice(0)) rows.apply(patch)
  })

  function start(): void {
    let first = true
    connection.subscribe('builds.watch', {}, {
      item(patch) {
        if (first) waiting.push({ upsert: [], remove: [...rows.ids.value] })
        first = false
        waiting.push(patch)
        flush()
      },
      broken() {
        first = true
      },
    })
  }

  /** Those of the current engine, newest first. */
  const list = computed(() => rows.list.value.filter((row) => row.engineId === engines.currentId).sort((a, b) => b.startedAt - a.startedAt))
  const running = computed(() => list.value.filter((row) => row.status === 'running'))

  /** Starts a build on the current engine; resolves with its id as soon as the engine room took it. Throws NaruError. */
  async function build(spec: BuildSpec): Promise<string> {
    const engineId = engines.currentId
    if (!engineId) throw new Error('no engine is chosen')
    return operations.begin('builds.start', { engineId, spec })
  }

  /** The same once more, of this session with all it was given; null when it could not be started (a notice says why). */
  async function again(row: BuildRow): Promise<string | null> {
    try {
      if (operations.get(row.id)) return (await operations.retry(row.id)).operationId
      return await operations.begin('builds.start', { engineId: row.engineId, spec: row.spec })
    } catch (reason) {
      ui.fail(reason, row.name)
      return null
    }
  }

  async function cancel(id: string): Promise<void> {
    await operations.cancel(id).catch((reason: unknown) => ui.fail(reason))
  }

  /** Takes what is asked about off the history, with its logs; true when it went. */
  async function remove(): Promise<boolean> {
    const ids = removing.value.map((row) => row.id)
    try {
      await connection.call('builds.remove', { buildIds: ids })
      removing.value = []
      return true
    } catch (reason) {
      ui.fail(reason)
      return false
    }
  }

  return {
    list,
    running,
    removing,
    get: rows.get,
    start,
    build,
    again,
    cancel,
    /** Asks before they are removed; those that still run stay. */
    askRemove: (asked: readonly BuildRow[]) => void (removing.value = asked.filter((row) => row.status !== 'running')),
    remove,
  }
})
