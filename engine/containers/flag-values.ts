/** A RunSpec as the values of single flags and back: what a form edits field by field. Pure. */
import { NaruError } from '../contract/errors.ts'
import type { ErrorParams } from '../contract/errors.ts'
import type { NetworkSpec, RunSpec } from '../contract/models.ts'
import type { Draft } from './flags/kinds.ts'
import { SUPPORTED_FLAGS } from './run-flags.ts'
import type { SupportedFlag } from './run-flags.ts'

/** Values by the name of the flag; those of a flag that stands alone are `true` and `false`. */
export type FlagValues = Readonly<Record<string, readonly string[]>>

export interface ValueProblem {
  /** Name of the flag. */
  readonly flag: string
  /** Which of its values. */
  readonly index: number
  readonly hint: string
  /** English. */
  readonly message: string
  readonly params: ErrorParams
}

/** Values a flag has in a spec, in order. Of `env` only the names without a value. */
export function valuesOf(flag: SupportedFlag, spec: RunSpec): readonly string[] {
  if (flag.name === 'detach') return spec.detach === false ? ['false'] : []
  if (flag.name === 'env') return spec.envNames ?? []
  const words = flag.write(spec)
  if (flag.takesValue) return words.filter((_, index) => index % 2 === 1)
  return words.map((word) => (word.includes('=') ? word.slice(word.indexOf('=') + 1) : 'true'))
}

/** The values of the flags called `names`; flags without one are left out. */
export function flagValues(spec: RunSpec, names: ReadonlySet<string>): FlagValues {
  const entries = SUPPORTED_FLAGS.filter(({ name }) => names.has(name)).map((flag) => [flag.name, valuesOf(flag, spec)] as const)
  return Object.fromEntries(entries.filter(([, values]) => values.length > 0))
}

/** `base` with the flags' values put in. Values that docker would refuse are left out and told. */
export function withFlagValues(base: RunSpec, values: FlagValues): { readonly spec: RunSpec; readonly problems: readonly ValueProblem[] } {
  const draft: Draft = { spec: { ...base }, first: {}, environment: new Map() }
  const problems: ValueProblem[] = []
  for (const flag of SUPPORTED_FLAGS) {
    for (const [index, value] of (values[flag.name] ?? []).entries()) {
      try {
        flag.read(value, draft)
      } catch (error) {
        if (!(error instanceof NaruError)) throw error
        problems.push({ flag: flag.name, index, hint: error.hint ?? 'run.flag.bad', message: error.message, params: { ...error.params, flag: `--${flag.name}` } })
      }
    }
  }
  if (draft.spec.detach === true) delete draft.spec.detach
  if (Object.keys(draft.first).length > 0) {
    const [network = { name: 'default' } satisfies NetworkSpec, ...others] = draft.spec.networks ?? []
    draft.spec.networks = [{ ...network, ...draft.first }, ...others]
  }
  return { spec: draft.spec, problems }
}

export { parseCpus } from './values/go.ts'
