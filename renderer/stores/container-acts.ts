/** What a person does to containers: one or many, with the dialogs that ask first and the results of each. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { CommitSpec, UpdateSpec } from '../../engine/contract/models.ts'
import { openWindow } from '../link/connect.ts'
import { runBulk, skipReason } from '../screens/Containers/bulk.ts'
import type { Act, BulkItem } from '../screens/Containers/bulk.ts'
import { i18n } from '../i18n/index.ts'
import { useOperations } from './operations.ts'
import { useSettings } from './settings.ts'
import { useState } from './state.ts'
import { useUi } from './ui.ts'

export interface ActOptions {
  readonly graceSeconds?: number
  readonly signal?: string
  readonly force?: boolean
  readonly stopFirst?: boolean
  readonly volumes?: boolean
}

/** A dialog about some containers. */
export interface ActDialog {
  readonly kind: 'remove' | 'kill' | 'stop' | 'rename' | 'export' | 'commit' | 'limits'
  readonly ids: readonly string[]
}

export interface BulkResults {
  readonly act: Act
  readonly options: ActOptions
  readonly items: readonly BulkItem[]
  readonly finished: boolean
}

/** Milliseconds the results of an all-green bulk action stay. */
const RESULTS_MS = 6_000

export const useContainerActs = defineStore('container-acts', () => {
  const operations = useOperations()
  const settings = useSettings()
  const state = useState()
  const ui = useUi()
  const dialog = shallowRef<ActDialog | null>(null)
  const bulk = shallowRef<BulkResults | null>(null)
  const selected = shallowRef<ReadonlySet<string>>(new Set())
  let clearing: ReturnType<typeof setTimeout> | undefined

  function begin(act: Act, id: string, options: ActOptions): Promise<unknown> {
    const engineId = state.engineId ?? ''
    const graceSeconds = options.graceSeconds ?? settings.values.stopGraceSeconds
    switch (act) {
      case 'stop':
      case 'restart':
        return operations.run(`containers.${act}`, { engineId, id, graceSeconds })
      case 'kill':
        return operations.run('containers.kill', { engineId, id, signal: options.signal ?? 'SIGKILL' })
      case 'remove': {
        const { force = false, stopFirst = false, volumes = false } = options
        return operations.run('containers.remove', { engineId, id, force, stopFirst, volumes })
      }
      default:
        return operations.run(`containers.${act}`, { engineId, id })
    }
  }

  /** Does it to one container; a failure is told by a toast. */
  async function one(act: Act, id: string, options: ActOptions = {}): Promise<void> {
    const name = state.container(id)?.name ?? id.slice(0, 12)
    try {
      await begin(act, id, options)
    } catch (reason) {
      ui.fail(reason, i18n.global.t(`containers.failed.${act}`, { name }))
    }
  }

  /** Does it to several, with a result for each; to one it is the same as `one`. */
  async function many(act: Act, ids: readonly string[], options: ActOptions = {}): Promise<void> {
    const [only] = ids
    if (only !== undefined && ids.length === 1) return one(act, only, options)
    return withResults(act, ids, options)
  }

  async function withResults(act: Act, ids: readonly string[], options: ActOptions): Promise<void> {
    clearTimeout(clearing)
    const show = (items: readonly BulkItem[], finished: boolean): void => {
      bulk.value = { act, options, items, finished }
    }
    const items = await runBulk({
      ids,
      look: (id) => {
        const row = state.container(id)
        return { name: row?.name ?? id.slice(0, 12), skip: skipReason(act, row, operations.pendingOf(id) !== undefined) }
      },
      act: (id) => begin(act, id, options),
      changed: (now) => show(now, false),
    })
    show(items, true)
    if (items.every((item) => item.status === 'done')) clearing = setTimeout(dismissBulk, RESULTS_MS)
  }

  function dismissBulk(): void {
    clearTimeout(clearing)
    bulk.value = null
  }

  function retryFailed(): void {
    const last = bulk.value
    if (!last) return
    // One alone too: what became of it belongs where it failed.
    void withResults(last.act, last.items.filter((item) => item.status === 'failed').map((item) => item.id), last.options)
  }

  return {
    dialog,
    bulk,
    /** Ids ticked in the list. */
    selected,
    one,
    many,
    dismissBulk,
    retryFailed,
    ask(kind: ActDialog['kind'], ids: readonly string[]): void {
      if (ids.length > 0) dialog.value = { kind, ids }
    },
    /** Throws what went wrong: the dialog shows it at its field. */
    rename: (id: string, newName: string) => operations.run('containers.rename', { engineId: state.engineId ?? '', id, newName }),
    /** Told by a toast when it is done, or why not: it may take minutes. */
    async commit(id: string, spec: CommitSpec): Promise<void> {
      const name = state.container(id)?.name ?? id.slice(0, 12)
      try {
        const { imageId, reference } = await operations.run('containers.commit', { engineId: state.engineId ?? '', id, ...spec })
        ui.say(i18n.global.t('containers.commit.done', { name: reference || imageId.slice(7, 19) }))
      } catch (reason) {
        ui.fail(reason, i18n.global.t('containers.commit.failed', { name }))
      }
    },
    /** Throws what went wrong: the dialog shows it. */
    update: (id: string, spec: UpdateSpec) => operations.run('containers.update', { engineId: state.engineId ?? '', id, ...spec }),
    openLogWindow(id: string): void {
      if (state.engineId) openWindow(`/log-window/${encodeURIComponent(state.engineId)}/${id}`)
    },
  }
})
