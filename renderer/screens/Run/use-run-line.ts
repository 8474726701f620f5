/** The run panel's command line: what stands in it, what is wrong with it, and how it and the form follow each other. */
import { computed, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { formatRunCommand, readRunCommand } from '../../../engine/containers/run-command.ts'
import type { CommandProblem } from '../../../engine/containers/run-command.ts'
import type { RunSpec } from '../../../engine/contract/models.ts'
import { commandText } from './command-lines.ts'
import { formOf } from './run-form.ts'
import type { RunForm } from './run-form.ts'

export interface RunLine {
  readonly text: Ref<string>
  readonly problems: ShallowRef<readonly CommandProblem[]>
  /** A person typed or pasted. */
  type(next: string): void
  focus(): void
  /** The line is left: it is written anew from the form, unless something is wrong with it. */
  leave(): void
  clear(): void
}

/** Call it in `setup`. `spec` is the form's. */
export function useRunLine(form: RunForm, spec: ComputedRef<RunSpec>): RunLine {
  const text = ref('')
  const problems = shallowRef<readonly CommandProblem[]>([])
  const focused = ref(false)
  const written = computed(() => formatRunCommand(spec.value))

  function rewrite(): void {
    text.value = commandText(spec.value)
    problems.value = []
  }
  watch(
    written,
    () => {
      // While a person writes, the line is theirs.
      if (!focused.value) rewrite()
    },
    { immediate: true },
  )

  return {
    text,
    problems,
    type: (next) => {
      text.value = next
      const read = next.trim() === '' ? null : readRunCommand(next)
      problems.value = read && 'errors' in read ? read.errors : []
      if (!read || 'errors' in read) return
      // `docker create` attaches when it is started by hand; the panel has a button for each instead.
      const { detach: _attached, ...created } = read.spec
      Object.assign(form, formOf(read.verb === 'create' ? created : read.spec))
    },
    focus: () => {
      focused.value = true
    },
    leave: () => {
      focused.value = false
      if (problems.value.length === 0) rewrite()
    },
    clear: rewrite,
  }
}
