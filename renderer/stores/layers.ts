/** Contents of layers: is an image analysed, the analysis as it runs, and the calls that answer from it. */
import { computed, ref } from 'vue'
import type { ComputedRef } from 'vue'
import type { Methods } from '../../engine/contract/contract.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { LayerAnalysis, LayerSummary, LayerView, OperationRow } from '../../engine/contract/models.ts'
import { shortId } from '../i18n/format.ts'
import { useConnection } from './connection.ts'
import { useInspected } from './inspect.ts'
import { useOperations } from './operations.ts'
import { useState } from './state.ts'
import { useUi } from './ui.ts'

export interface Analysis {
  /** Null while nobody knows, or the image was not analysed. */
  readonly ready: ComputedRef<LayerAnalysis | null>
  readonly state: ComputedRef<'unknown' | 'absent' | 'running' | 'ready' | 'failed'>
  readonly running: ComputedRef<OperationRow | null>
  readonly error: ComputedRef<ErrorEnvelope | null>
  start(): Promise<void>
  cancel(): void
  /** Asks again what is known. */
  reload(): void
}

/** Images whose analysis a person stopped: it does not begin by itself again. */
const stopped = new Set<string>()

/**
 * The analysis of an image. Call it in `setup`.
 * @param small whether it may begin by itself
 */
export function useLayerAnalysis(id: () => string | null, small: () => boolean): Analysis {
  const connection = useConnection()
  const operations = useOperations()
  const state = useState()
  const ui = useUi()
  const startedId = ref('')

  const last = computed<OperationRow | null>(() => {
    const imageId = id()
    const mine = operations.list.find((row) => row.id === startedId.value)
    if (mine || imageId === null) return mine ?? null
    // Reading changes no image, so it has no targets; it is found by its name, for pages opened while it runs.
    const subject = state.image(imageId)?.tags[0] ?? shortId(imageId)
    return operations.list.find((row) => row.name === 'layers.analyse' && row.engineId === state.engineId && row.subject === subject) ?? null
  })
  const asked = useInspected<LayerSummary>(id, () => `${last.value?.id} ${last.value?.status}`, async (engineId, imageId, signal) => {
    const summary = await connection.call('layers.summary', { engineId, imageId }, { signal })
    if (summary.state === 'absent' && last.value?.status !== 'running' && small() && !stopped.has(imageId)) {
      // Once: a failure or a stop is not tried again by itself.
      stopped.add(imageId)
      void start()
    }
    return summary
  })
  const ready = computed(() => (asked.detail.value?.state === 'ready' ? asked.detail.value : null))
  const running = computed(() => (last.value?.status === 'running' ? last.value : null))
  const failure = computed(() => asked.error.value ?? (last.value?.status === 'failed' && !ready.value ? (last.value.error ?? null) : null))

  async function start(): Promise<void> {
    const imageId = id()
    if (!state.engineId || !imageId || running.value) return
    try {
      startedId.value = await operations.begin('layers.analyse', { engineId: state.engineId, imageId })
    } catch (reason) {
      ui.fail(reason)
    }
  }

  return {
    ready,
    running,
    error: failure,
    state: computed(() => {
      if (ready.value) return 'ready'
      if (running.value) return 'running'
      if (failure.value) return 'failed'
      return asked.detail.value ? 'absent' : 'unknown'
    }),
    start,
    cancel() {
      if (running.value) operations.cancel(running.value.id).catch((reason: unknown) => ui.fail(reason))
    },
    reload: asked.reload,
  }
}

type ListArg = Methods['layers.list']['arg']
type Query = Pick<ListArg, 'path' | 'marks' | 'text' | 'sort' | 'descending' | 'offset' | 'limit'>

export interface LayerCalls {
  list(imageId: string, view: LayerView, query: Query, signal: AbortSignal): Promise<Methods['layers.list']['result']>
  compare(imageId: string, other: string, query: Query, signal: AbortSignal): Promise<Methods['layers.compare']['result']>
  stat(imageId: string, view: LayerView, path: string): Promise<Methods['layers.stat']['result']>
  read(file: FileOf, offset: number, length: number, signal: AbortSignal): Promise<Methods['layers.read']['result']>
  extract(file: FileOf, signal: AbortSignal): AsyncIterable<Uint8Array>
}

/** A file as the calls name it. */
export interface FileOf {
  readonly imageId: string
  readonly view: LayerView
  readonly path: string
}

/** Calls about the current engine. Call it in `setup`. */
export function useLayerCalls(): LayerCalls {
  const connection = useConnection()
  const state = useState()
  const engine = (): { engineId: string } => ({ engineId: state.engineId ?? '' })
  return {
    list: (imageId, view, query, signal) => connection.call('layers.list', { ...engine(), imageId, view, ...query }, { signal }),
    compare: (imageId, other, query, signal) =>
      connection.call('layers.compare', { ...engine(), imageId, other: { ...engine(), imageId: other }, ...query }, { signal }),
    stat: (imageId, view, path) => connection.call('layers.stat', { ...engine(), imageId, view, path }),
    read: (file, offset, length, signal) => connection.call('layers.read', { ...engine(), ...file, offset, length }, { signal }),
    extract: (file, signal) => connection.stream('layers.extract', { ...engine(), ...file }, { signal }),
  }
}
