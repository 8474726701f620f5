/** What a row of the flag table is, and the kinds of flags it is made of. Pure. */
import type { NetworkSpec, RunSpec } from '../../contract/models.ts'
import { cutPair, parseBool, parseWhole, refuseValue } from '../values/go.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** A spec while its command line is read. */
export interface Draft {
  readonly spec: Mutable<RunSpec>
  /** Options of the first network that are flags of their own. */
  readonly first: Mutable<Omit<NetworkSpec, 'name'>>
  /** Leading `NAME=value` of the line: what `-e NAME` takes its value from. */
  readonly environment: ReadonlyMap<string, string>
}

export type FlagGroup = 'general' | 'process' | 'network' | 'storage' | 'limits' | 'security' | 'health' | 'refused'

export interface SupportedFlag {
  /** Without the dashes. */
  readonly name: string
  /** One letter, without the dash. */
  readonly short?: string
  /** Older spellings that docker still takes. */
  readonly also?: readonly string[]
  /** False for flags that stand alone, as `--rm`. */
  readonly takesValue: boolean
  readonly group: FlagGroup
  /** Members of RunSpec it fills. */
  readonly fills: readonly (keyof RunSpec)[]
  /** `docker create` does not know it. */
  readonly runOnly?: boolean
  /** Takes one value into the draft. @throws NaruError `invalid-request` for what docker refuses */
  readonly read: (value: string, draft: Draft) => void
  /** Words that give the spec's members back. */
  readonly write: (spec: RunSpec) => readonly string[]
}

export interface RefusedFlag {
  readonly name: string
  readonly short?: string
  readonly also?: readonly string[]
  readonly takesValue: boolean
  readonly group: 'refused'
  readonly runOnly?: boolean
  /** Why, in English; `hint` is the key of the translated sentence. */
  readonly reason: string
  readonly hint: string
}

export type Flag = SupportedFlag | RefusedFlag

/** Members of RunSpec whose values are of type T. */
type KeysOf<T> = { [K in keyof RunSpec]-?: [Exclude<RunSpec[K], undefined>, T] extends [T, Exclude<RunSpec[K], undefined>] ? K : never }[keyof RunSpec]
export type TextKey = Exclude<KeysOf<string>, 'image'>
export type WholeKey = KeysOf<number>
export type SwitchKey = KeysOf<boolean>
export type TextsKey = Exclude<KeysOf<readonly string[]>, 'command'>
export type PairsKey = KeysOf<Readonly<Record<string, string>>>

interface Common {
  readonly short?: string
  readonly also?: readonly string[]
  readonly runOnly?: boolean
}
/** Refuses a value by throwing; whatever it gives back is not looked at. */
type Check = (value: string) => unknown

const named = ({ short, also, runOnly }: Common): Common => ({ ...(short && { short }), ...(also && { also }), ...(runOnly && { runOnly }) })
/** `-p` where there is a letter people know better, else `--name`. */
const word = (name: string, short?: string): string => (short && ['p', 'e', 'v'].includes(short) ? `-${short}` : `--${name}`)

/** Makers of the rows of one group. */
export function kindsOf(group: FlagGroup) {
  const base = (name: string, key: keyof RunSpec, more: Common) => ({ name, ...named(more), group, fills: [key] })
  return {
    /** `--init`; false says the same as absent unless `keepsFalse`. */
    flag(name: string, key: SwitchKey, more: Common & { readonly keepsFalse?: boolean } = {}): SupportedFlag {
      return {
        ...base(name, key, more),
        takesValue: false,
        read: (value, { spec }) => {
          if (parseBool(value)) spec[key] = true
          else if (more.keepsFalse || key === 'autoRemove') spec[key] = false
          else Reflect.deleteProperty(spec, key)
        },
        write: (spec) => (spec[key] ? [`--${name}`] : more.keepsFalse && spec[key] === false ? [`--${name}=false`] : []),
      }
    },
    /** A word; empty says the same as absent unless `keepsEmpty`. */
    text(name: string, key: TextKey, check: Check = () => undefined, more: Common & { readonly keepsEmpty?: boolean } = {}): SupportedFlag {
      return {
        ...base(name, key, more),
        takesValue: true,
        read: (value, { spec }) => {
          if (value === '' && !more.keepsEmpty) {
            Reflect.deleteProperty(spec, key)
            return
          }
          check(value)
          spec[key] = value
        },
        write: (spec) => (spec[key] === undefined || (spec[key] === '' && !more.keepsEmpty) ? [] : [`--${name}`, spec[key] ?? '']),
      }
    },
    /** A whole number; `absent` says the same as not giving it. */
    whole(name: string, key: WholeKey, range: { readonly min?: number; readonly max?: number; readonly absent?: number; readonly check?: (value: number) => unknown } = {}, more: Common = {}): SupportedFlag {
      return {
        ...base(name, key, more),
        takesValue: true,
        read: (value, { spec }) => {
          const number = parseWhole(value, range.min, range.max)
          range.check?.(number)
          if (number === range.absent) Reflect.deleteProperty(spec, key)
          else spec[key] = number
        },
        write: (spec) => (spec[key] === undefined ? [] : [`--${name}`, String(spec[key])]),
      }
    },
    /** May be given again and again. */
    list(name: string, key: TextsKey, check: Check = () => undefined, more: Common = {}): SupportedFlag {
      return {
        ...base(name, key, more),
        takesValue: true,
        read: (value, { spec }) => {
          check(value)
          spec[key] = [...(spec[key] ?? []), value]
        },
        write: (spec) => (spec[key] ?? []).flatMap((value) => [word(name, more.short), value]),
      }
    },
    /** `NAME=VALUE`, again and again; the last value of a name counts. */
    pairs(name: string, key: PairsKey, check: Check = () => undefined, more: Common & { readonly bare?: boolean } = {}): SupportedFlag {
      return {
        ...base(name, key, more),
        takesValue: true,
        read: (value, { spec }) => {
          check(value)
          const [left, right] = cutPair(value)
          spec[key] = { ...spec[key], ...Object.fromEntries([[left, right]]) }
        },
        write: (spec) =>
          Object.entries(spec[key] ?? {}).flatMap(([left, right]) => [word(name, more.short), more.bare && right === '' ? left : `${left}=${right}`]),
      }
    },
    /** Anything else. */
    own(name: string, fills: readonly (keyof RunSpec)[], read: SupportedFlag['read'], write: SupportedFlag['write'], more: Common = {}): SupportedFlag {
      return { name, ...named(more), group, fills, takesValue: true, read, write }
    },
  }
}

/** One of a few words. */
export function choice(...choices: readonly string[]): Check {
  return (value) => {
    const fits = choices.some((each) => each === value || (each.endsWith(':') && value.startsWith(each) && value.length > each.length))
    if (!fits) throw refuseValue('choice', `must be one of ${choices.join(', ')}: "${value}"`, { value, choices: choices.join(', ') })
  }
}

/** Needs an `=`. */
export const pair: Check = (value) => {
  const [name, , found] = cutPair(value)
  if (!found || name === '') throw refuseValue('pair', `not NAME=VALUE: "${value}"`, { value })
}
