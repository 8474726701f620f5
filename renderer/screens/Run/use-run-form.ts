/** The run panel's state: the form, what is known about its image and ports, and sending it off. */
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { toEnvelope } from '../../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../../engine/contract/errors.ts'
import type { ContainerRow, ImageDetail, ImageRow, OperationRow, PortCheck, RunSpec } from '../../../engine/contract/models.ts'
import { SUPPORTED_FLAGS } from '../../../engine/containers/run-flags.ts'
import { useImageDetail } from '../../stores/inspect.ts'
import { useOperations } from '../../stores/operations.ts'
import { useRun } from '../../stores/run.ts'
import { useState } from '../../stores/state.ts'
import { useTerminals } from '../../stores/terminals.ts'
import { ADVANCED_FLAGS } from './advanced.ts'
import { attachedSpec } from './attached.ts'
import { emptyForm, filledPorts, formOf, portsFor, toRunSpec } from './run-form.ts'
import type { PortRow, RunForm } from './run-form.ts'
import { findImage } from './run-image.ts'
import { findProblems } from './run-problems.ts'
import type { Problem } from './run-problems.ts'
import { askedOf, usePortChecks } from './use-port-checks.ts'
import type { PortChecks } from './use-port-checks.ts'

/** `attach`: run, with its terminal. */
export type Verb = 'run' | 'create' | 'attach'
export interface RunOutcome {
  readonly verb: Verb
  readonly containerId: string
  readonly name: string
  readonly warnings: readonly string[]
  readonly spec: RunSpec
  /** The panel was asked for another one meanwhile, which it shows now. */
  readonly askedAgain: boolean
  /** Its terminal, of one that was run attached. */
  readonly sessionId?: string
}
/** An exposed port that was taken: where it was moved from, and because of whom. */
export interface Moved {
  readonly from: string
  readonly to: string
  readonly holder: string
}

export interface RunFormState {
  readonly form: RunForm
  readonly spec: ComputedRef<RunSpec>
  readonly local: ComputedRef<ImageRow | undefined>
  readonly image: ShallowRef<ImageDetail | null>
  readonly checks: PortChecks
  readonly moved: ReadonlyMap<number, Moved>
  readonly nameHolder: ComputedRef<ContainerRow | undefined>
  /** Problems to be shown now: those of untouched fields wait until the form is sent. */
  readonly shown: ComputedRef<ReadonlyMap<string, Problem>>
  readonly error: ShallowRef<ErrorEnvelope | null>
  /** Field the engine refused, as Problem.field; empty when none. */
  readonly refusedField: ComputedRef<string>
  readonly operation: ComputedRef<OperationRow | undefined>
  readonly busy: Ref<Verb | null>
  touch(field: string): void
  submit(verb: Verb): Promise<RunOutcome | null>
  reset(): void
}

/** Problems worth telling while a person still types. */
const LIVE = new Set(['name', 'image', 'restart', 'command'])
/** `flags.ulimit.2` is touched with `flags.ulimit`. */
const flagField = (field: string): string => field.replace(/^(flags\..+)\.\d+$/, '$1')

/** Where the form shows a member of RunSpec. */
function fieldOf(member: string): string {
  const flag = SUPPORTED_FLAGS.find(({ name, fills }) => ADVANCED_FLAGS.has(name) && fills.some((each) => each === member))
  return flag && member !== 'env' ? `flags.${flag.name}.0` : member
}

/** Call it in `setup`. */
export function useRunForm(): RunFormState {
  const state = useState()
  const operations = useOperations()
  const terminals = useTerminals()
  const panel = useRun()
  const form = reactive<RunForm>(emptyForm())
  const touched = reactive(new Set<string>())
  const moved = reactive(new Map<number, Moved>())
  const sent = ref(false)
  const busy = ref<Verb | null>(null)
  const error = shallowRef<ErrorEnvelope | null>(null)
  const operationId = ref('')

  const local = computed(() => findImage(form.image, state.images))
  const { detail: image } = useImageDetail(() => (panel.isOpen ? (local.value?.id ?? null) : null))
  /** While an engine restarts its images are not known: that says nothing about the one that was chosen. */
  const gone = (): boolean => !local.value && !state.loading
  watch(image, (detail) => {
    if ((detail || gone()) && !form.ownPorts) form.ports = portsFor(detail, form.ports)
  })
  watch(local, () => {
    if (gone() && !form.ownPorts) form.ports = portsFor(null, form.ports)
  })

  function answered(row: PortRow, check: PortCheck): void {
    if (!row.exposed || (check.free && !check.privileged) || check.nearestFree === undefined) return
    const to = String(check.nearestFree)
    const from = moved.get(row.id)?.from ?? row.hostPort
    moved.set(row.id, { from, to, holder: check.holder?.name ?? '' })
    const mine = form.ports.find((each) => each.id === row.id)
    if (mine) mine.hostPort = to
  }
  const checks = usePortChecks({ rows: () => filledPorts(form), active: () => panel.isOpen && busy.value === null, answered })

  const nameHolder = computed(() => {
    const name = form.name.trim()
    return name === '' ? undefined : state.containers.find((row) => row.name === name)
  })
  const problems = computed(() => findProblems(form, { nameHolder: () => nameHolder.value, isLocal: () => local.value !== undefined }))
  const shown = computed(() => {
    const visible = problems.value.filter((each) => sent.value || touched.has(each.field) || touched.has(flagField(each.field)) || form.ownPorts || (LIVE.has(each.field) && each.key !== 'imageEmpty' && each.key !== 'imageFormat'))
    return new Map(visible.map((each) => [each.field, each]))
  })
  const spec = computed(() => toRunSpec(form))
  const operation = computed(() => (operationId.value === '' ? undefined : operations.get(operationId.value)))

  const refusedField = computed(() => {
    const refused = error.value
    if (!refused) return ''
    if (refused.code === 'port-in-use') {
      const port = Number(refused.params?.port)
      const row = form.ports.find((each) => {
        const asked = askedOf(each)
        return asked !== null && asked.hostPort <= port && port <= (asked.lastPort ?? asked.hostPort)
      })
      return row ? `ports.${row.id}` : 'ports'
    }
    const volume = refused.hint === 'folder-not-shared' ? form.volumes.find(({ source }) => source.trim() === refused.params?.path) : undefined
    if (volume) return `volumes.${volume.id}`
    const field = refused.params?.field
    if (typeof field === 'string') return fieldOf(field)
    return ['image-not-found', 'invalid-reference', 'unauthorized', 'registry.unreachable', 'rate-limited'].includes(refused.code) ? 'image' : ''
  })

  async function submit(verb: Verb): Promise<RunOutcome | null> {
    if (busy.value) return null
    sent.value = true
    error.value = null
    const taken = verb !== 'create' && filledPorts(form).some((row) => checks.isTaken(row))
    if (problems.value.length > 0 || taken || !state.engineId) return null
    const asked = verb === 'attach' ? attachedSpec(spec.value) : spec.value
    const { engineId } = state
    const before = panel.asked
    // Who opens the panel without anything wants to see how the one under way goes on.
    const isAskedAgain = (): boolean => panel.asked !== before && Object.keys(panel.prefill).length > 0
    busy.value = verb
    try {
      operationId.value =
        verb === 'create'
          ? await operations.begin('containers.create', { engineId, spec: asked })
          : await operations.begin('containers.run', { engineId, spec: asked, ...(verb === 'attach' && { terminal: await terminals.place() }) })
      const result = await operations.finished<'containers.run'>(operationId.value)
      reset()
      return { verb, spec: asked, askedAgain: isAskedAgain(), ...result }
    } catch (reason) {
      error.value = toEnvelope(reason)
      checks.refresh()
      return null
    } finally {
      busy.value = null
      operationId.value = ''
      // What was asked for meanwhile takes the place of what is done; of what failed nothing is lost.
      if (error.value === null && isAskedAgain()) fill()
    }
  }

  function reset(): void {
    Object.assign(form, emptyForm())
    touched.clear()
    moved.clear()
    sent.value = false
    error.value = null
  }

  function fill(): void {
    const { image: wanted, name, spec: whole } = panel.prefill
    if (busy.value) return
    if (whole) {
      reset()
      Object.assign(form, formOf(whole))
    }
    if (wanted === undefined && name === undefined) return
    if (wanted !== undefined && wanted !== form.image) {
      reset()
      form.image = wanted
    }
    if (name !== undefined) form.name = name
  }
  watch(() => panel.asked, fill, { immediate: true })
  // The refusal belongs to what was sent; a changed form is another question.
  watch(() => JSON.stringify(spec.value), () => busy.value === null && (error.value = null))

  return {
    form, spec, local, image, checks, moved, nameHolder, shown, error, refusedField, operation, busy,
    touch: (field) => void touched.add(field),
    submit,
    reset,
  }
}
