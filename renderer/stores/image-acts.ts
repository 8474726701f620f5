/** What a person does to images: remove one or many, with the dialog that asks first and the result of each. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { shortId } from '../i18n/format.ts'
import { i18n } from '../i18n/index.ts'
import { runBulk } from '../screens/Containers/bulk.ts'
import type { BulkItem } from '../screens/Containers/bulk.ts'
import { mainName, shortName, usersByImage } from '../screens/Images/names.ts'
import { removalOutcome, removalSubject } from '../screens/Images/removal.ts'
import type { RemovalOutcome, RemovalStep, RemovalSubject } from '../screens/Images/removal.ts'
import { useOperations } from './operations.ts'
import { useState } from './state.ts'
import { useUi } from './ui.ts'

export interface ImageDialog {
  readonly kind: 'remove' | 'pull' | 'tag' | 'push' | 'save' | 'load' | 'import' | 'prune' | 'update' | 'compare'
  /** Images it is about. */
  readonly ids: readonly string[]
  /** Tag that was pointed at, to be offered first. */
  readonly tag?: string
  /** Archives that were dropped. */
  readonly files?: readonly File[]
}

/** One image of a removal, by its id. */
export interface RemovalTask {
  readonly imageId: string
  /** Null: it cannot be removed now. */
  readonly step: RemovalStep | null
}

export interface RemovalResults {
  readonly tasks: readonly RemovalTask[]
  readonly items: readonly BulkItem[]
  readonly outcomes: ReadonlyMap<string, RemovalOutcome>
  /** Names of containers in the way of those that were left out. */
  readonly holders: ReadonlyMap<string, readonly string[]>
  readonly finished: boolean
}

/** Milliseconds the results of an all-green removal stay. */
const RESULTS_MS = 8_000

export const useImageActs = defineStore('image-acts', () => {
  const operations = useOperations()
  const state = useState()
  const ui = useUi()
  const dialog = shallowRef<ImageDialog | null>(null)
  const bulk = shallowRef<RemovalResults | null>(null)
  const selected = shallowRef<ReadonlySet<string>>(new Set())
  const users = computed(() => usersByImage(state.containers))
  let clearing: ReturnType<typeof setTimeout> | undefined

  const usersOf = (id: string) => users.value.get(id) ?? []

  function nameOf(id: string): string {
    const image = state.image(id)
    return shortName((image && mainName(image)) ?? shortId(id))
  }

  /** The images as they are now, with what stands in the way of each. */
  function subjects(ids: readonly string[]): readonly RemovalSubject[] {
    return ids.flatMap((id) => {
      const image = state.image(id)
      return image ? [removalSubject(image, usersOf(id))] : []
    })
  }

  async function removeStep({ imageId, step }: RemovalTask): Promise<RemovalOutcome> {
    if (!step) return { untagged: [], imageGone: false, layers: 0 }
    const result = await operations.run('images.remove', { engineId: state.engineId ?? '', ...step })
    return removalOutcome(imageId, result)
  }

  /** One sentence of what went. */
  function outcomeWords(name: string, outcome: RemovalOutcome): string {
    const { t } = i18n.global
    if (outcome.imageGone) return t('images.done.deleted', { name, count: outcome.layers }, outcome.layers)
    if (outcome.untagged.length > 0) return t('images.done.untagged', { names: outcome.untagged.join(', ') })
    return t('images.done.removed', { name })
  }

  async function removeOne(task: RemovalTask): Promise<void> {
    const name = nameOf(task.imageId)
    try {
      ui.say(outcomeWords(name, await removeStep(task)))
    } catch (reason) {
      ui.fail(reason, i18n.global.t('images.failed.remove', { name }))
    }
  }

  /** Removes them; several with a result for each. */
  async function remove(tasks: readonly RemovalTask[]): Promise<void> {
    const [only] = tasks
    if (only && tasks.length === 1) return removeOne(only)
    clearTimeout(clearing)
    const byId = new Map(tasks.map((task) => [task.imageId, task]))
    const outcomes = new Map<string, RemovalOutcome>()
    const holders = new Map(tasks.map(({ imageId }) => [imageId, usersOf(imageId).map((row) => row.name)]))
    const show = (items: readonly BulkItem[], finished: boolean): void => {
      bulk.value = { tasks, items, outcomes, holders, finished }
    }
    const items = await runBulk({
      ids: tasks.map((task) => task.imageId),
      look: (id) => ({ name: nameOf(id), skip: !state.image(id) ? 'gone' : byId.get(id)?.step ? null : 'running' }),
      act: async (id) => {
        const task = byId.get(id)
        if (task) outcomes.set(id, await removeStep(task))
      },
      changed: (now) => show(now, false),
    })
    show(items, true)
    selected.value = new Set([...selected.value].filter((id) => !outcomes.has(id)))
    if (items.every((item) => item.status === 'done')) clearing = setTimeout(dismiss, RESULTS_MS)
  }

  function dismiss(): void {
    clearTimeout(clearing)
    bulk.value = null
  }

  function retryFailed(): void {
    const last = bulk.value
    if (!last) return
    const failed = new Set(last.items.filter((item) => item.status === 'failed').map((item) => item.id))
    void remove(last.tasks.filter((task) => failed.has(task.imageId)))
  }

  return {
    dialog,
    bulk,
    /** Ids ticked in the list. */
    selected,
    usersOf,
    nameOf,
    subjects,
    outcomeWords,
    remove,
    dismiss,
    retryFailed,
    askRemove(ids: readonly string[], tag?: string): void {
      if (ids.length > 0) dialog.value = { kind: 'remove', ids, ...(tag && { tag }) }
    },
    askPull(): void {
      dialog.value = { kind: 'pull', ids: [] }
    },
    /** Opens a dialog about these images, or about none in particular. */
    ask(kind: ImageDialog['kind'], ids: readonly string[] = [], tag?: string): void {
      dialog.value = { kind, ids, ...(tag && { tag }) }
    },
    askLoad(files: readonly File[]): void {
      dialog.value = { kind: 'load', ids: [], files }
    },
    closeDialog(): void {
      dialog.value = null
    },
  }
})
