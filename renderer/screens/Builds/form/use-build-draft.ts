/** The state of the build form: draft, the folder behind it, problems at their fields, and the start. */
import { computed, reactive, ref, watch } from 'vue'
import type { ComputedRef } from 'vue'
import { toEnvelope } from '../../../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../../../engine/contract/errors.ts'
import type { BuildForm, BuildSpec } from '../../../../engine/contract/models.ts'
import { useBuildForm } from '../../../stores/build-form.ts'
import { useBuilds } from '../../../stores/builds.ts'
import { draftOf, emptyDraft, problemsOf, specOf, tagRow, withheld } from './draft.ts'
import type { BuildDraft, Problem } from './draft.ts'

/** Milliseconds the typing of a path pauses before the folder is read. */
const PAUSE_MS = 400

export interface BuildDraftState {
  readonly draft: BuildDraft
  readonly spec: ComputedRef<BuildSpec>
  /** Those of fields that were left, or all after the first try. */
  readonly shown: ComputedRef<ReadonlyMap<string, Problem>>
  readonly blocked: ComputedRef<boolean>
  /** Error of the folder or its Dockerfile, and of which of the two. */
  readonly folderError: ComputedRef<ErrorEnvelope | null>
  readonly dockerfileError: ComputedRef<ErrorEnvelope | null>
  /** The draft came from the last build of this folder. */
  readonly fromLast: ReturnType<typeof ref<boolean>>
  /** Names of secrets of the earlier build that are still to be typed again. */
  readonly retype: ComputedRef<readonly string[]>
  readonly busy: ReturnType<typeof ref<boolean>>
  readonly failed: ReturnType<typeof ref<ErrorEnvelope | null>>
  touch(field: string): void
  setFolder(path: string): void
  setDockerfile(path: string): void
  readNow(): Promise<void>
  /** Options as docker's own; the folder stays. */
  reset(): void
  /** Id of the build, or null with the reason in `failed`. */
  submit(): Promise<string | null>
}

/** Call it in `setup` of the panel. */
export function useBuildDraft(): BuildDraftState {
  const panel = useBuildForm()
  const builds = useBuilds()
  const draft = reactive<BuildDraft>(emptyDraft())
  const touched = reactive(new Set<string>())
  const tried = ref(false)
  const fromLast = ref<boolean>(false)
  const lost = ref<readonly string[]>([])
  const busy = ref<boolean>(false)
  const failed = ref<ErrorEnvelope | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Folder whose options were filled in already. */
  let filledFor = ''

  const problems = computed(() => problemsOf(draft, panel.form))
  const shown = computed(() => (tried.value ? problems.value : new Map([...problems.value].filter(([field]) => touched.has(field) || field === 'target'))))
  const aboutDockerfile = computed(() => panel.error?.hint !== undefined && /^build\.(?:no-dockerfile|ignore-pattern|syntax)$/.test(panel.error.hint))
  const stale = computed(() => panel.form === null || panel.reading)

  function fill(form: BuildForm): void {
    if (filledFor === form.folder) return
    filledFor = form.folder
    const asked = panel.prefill.spec
    const before = asked && asked.folder === form.folder ? asked : form.last
    if (before) Object.assign(draft, draftOf(before, form.facts), { folder: draft.folder, ...(asked ? {} : { noCache: false, pull: false }) })
    else Object.assign(draft, { ...emptyDraft(), folder: draft.folder, dockerfile: draft.dockerfile, tags: [tagRow(form.suggestedTag)] })
    fromLast.value = before !== undefined && !asked
    lost.value = before ? withheld(before) : []
  }

  async function readNow(): Promise<void> {
    clearTimeout(timer)
    failed.value = null
    const folder = draft.folder.trim()
    if (problems.value.has('folder')) {
      panel.forget()
      return
    }
    const form = await panel.read(folder, draft.dockerfile.trim() || undefined)
    if (form) fill(form)
  }
  function soon(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void readNow(), PAUSE_MS)
  }

  watch(
    () => panel.asked,
    () => {
      const { folder, spec } = panel.prefill
      if (folder === undefined && !spec) return
      filledFor = ''
      tried.value = false
      touched.clear()
      Object.assign(draft, spec ? draftOf(spec, null) : { ...emptyDraft(), folder })
      void readNow()
    },
    { immediate: true },
  )

  async function submit(): Promise<string | null> {
    tried.value = true
    failed.value = null
    if (problems.value.size > 0 || busy.value) return null
    busy.value = true
    try {
      return await builds.build(specOf(draft, panel.form))
    } catch (reason) {
      failed.value = toEnvelope(reason)
      return null
    } finally {
      busy.value = false
    }
  }

  return {
    draft,
    spec: computed(() => specOf(draft, panel.form)),
    shown,
    blocked: computed(() => problems.value.size > 0 || stale.value || panel.error !== null),
    folderError: computed(() => (aboutDockerfile.value ? null : panel.error)),
    dockerfileError: computed(() => (aboutDockerfile.value ? panel.error : null)),
    fromLast,
    retype: computed(() => {
      const given = [...Object.entries(draft.args).map(([name, value]) => ({ name, value })), ...draft.moreArgs, ...draft.labels]
      return lost.value.filter((name) => given.some((each) => each.name === name && each.value === ''))
    }),
    busy,
    failed,
    touch: (field) => touched.add(field),
    setFolder(path) {
      draft.folder = path
      draft.dockerfile = ''
      soon()
    },
    setDockerfile(path) {
      draft.dockerfile = path
      soon()
    },
    readNow,
    reset() {
      Object.assign(draft, { ...emptyDraft(), folder: draft.folder, dockerfile: draft.dockerfile, tags: [tagRow(panel.form?.suggestedTag ?? '')] })
      fromLast.value = false
      lost.value = []
      tried.value = false
      touched.clear()
    },
    submit,
  }
}
