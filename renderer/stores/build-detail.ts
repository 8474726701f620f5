/** Steps, warnings and failure of one build, as they come, and lines of its logs. */
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import { isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { BuildFailure, BuildLogWindow, BuildPatch, BuildRow, BuildStep, BuildWarning } from '../../engine/contract/models.ts'
import { useBuilds } from './builds.ts'
import { useConnection } from './connection.ts'
import { useOperations } from './operations.ts'
import { perFrame } from './rows.ts'

export interface BuildDetail {
  /** Null until the first item. */
  readonly build: ShallowRef<BuildRow | null>
  /** In the order the builder told them. */
  readonly steps: ShallowRef<readonly BuildStep[]>
  readonly warnings: ShallowRef<readonly BuildWarning[]>
  readonly failure: ShallowRef<BuildFailure | null>
  /** Lines of the whole log. */
  readonly logLines: Ref<number>
  readonly error: ShallowRef<ErrorEnvelope | null>
}

/** Call it in `setup`. The stream ends with the build; it is opened again only when the link was lost before. */
export function useBuildDetail(id: () => string): BuildDetail {
  const connection = useConnection()
  const builds = useBuilds()
  const operations = useOperations()
  const build = shallowRef<BuildRow | null>(null)
  const steps = shallowRef<readonly BuildStep[]>([])
  const warnings = shallowRef<readonly BuildWarning[]>([])
  const failure = shallowRef<BuildFailure | null>(null)
  const logLines = ref(0)
  const error = shallowRef<ErrorEnvelope | null>(null)
  const waiting: BuildPatch[] = []
  let reading = new AbortController()
  /** Asked for before the engine room knew it. */
  let early = false

  const flush = perFrame(() => {
    const known = new Map(steps.value.map((step) => [step.id, step]))
    for (const patch of waiting.splice(0)) {
      if (patch.reset) known.clear()
      for (const step of patch.steps) known.set(step.id, step)
      build.value = patch.build
      warnings.value = patch.warnings
      failure.value = patch.failure ?? null
      logLines.value = patch.logLines
    }
    steps.value = [...known.values()].sort((a, b) => a.index - b.index)
  })

  async function follow(wanted: string): Promise<void> {
    reading.abort()
    const mine = new AbortController()
    reading = mine
    error.value = null
    try {
      for await (const patch of connection.stream('builds.steps', { buildId: wanted }, { signal: mine.signal })) {
        if (mine.signal.aborted) return
        waiting.push(patch)
        flush()
      }
    } catch (reason) {
      if (mine.signal.aborted || isCancelled(reason)) return
      const envelope = toEnvelope(reason)
      // Its operation runs, but the engine room has not yet begun the build: its row will tell when it has.
      early = envelope.code === 'not-found' && operations.get(wanted)?.status === 'running' && !builds.get(wanted)
      if (!early) error.value = operations.get(wanted)?.error ?? envelope
    }
  }

  watch(id, () => {
    waiting.length = 0
    build.value = null
    steps.value = []
    warnings.value = []
    failure.value = null
    logLines.value = 0
    early = false
  })
  watch(
    () => builds.get(id()) !== undefined,
    (there) => {
      if (there && build.value === null && (early || error.value)) void follow(id())
    },
  )
  // One that ended before it began (its folder is gone) has no row, only the operation's error.
  watch(
    () => operations.get(id())?.error,
    (failed) => {
      if (failed && early && !builds.get(id())) error.value = failed
    },
  )
  watch(
    [id, () => connection.online] as const,
    ([wanted, online]) => {
      const ended = build.value?.id === wanted && build.value.status !== 'running'
      if (online && !ended) void follow(wanted)
    },
    { immediate: true },
  )
  onScopeDispose(() => reading.abort())
  return { build, steps, warnings, failure, logLines, error }
}

/** Asks for lines of a build's log; `stepId` null = of all steps. Throws NaruError. */
export function useBuildLog(): (arg: { readonly buildId: string; readonly stepId: string | null; readonly from: number; readonly count: number }) => Promise<BuildLogWindow> {
  const connection = useConnection()
  return (arg) => connection.call('builds.log', arg)
}
