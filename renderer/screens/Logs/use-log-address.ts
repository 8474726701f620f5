/** The part of the address a log view keeps its choice and its filter in. Two views beside each other have a part each. */
import { computed, inject, provide } from 'vue'
import type { ComputedRef, InjectionKey } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { LocationQueryRaw } from 'vue-router'

export type Query = Readonly<Record<string, unknown>>

/** What the words of the second view begin with. */
export const SECOND = 'b.'
export type LogPart = '' | typeof SECOND

/** Words of the address that belong to no view. */
const SHARED = ['together'] as const

/** The words of one view, without what they begin with. Pure. */
export function partOf(query: Query, part: LogPart): Record<string, unknown> {
  const own = Object.entries(query).filter(([name]) => (part === '' ? !name.startsWith(SECOND) && !SHARED.some((shared) => shared === name) : name.startsWith(part)))
  return Object.fromEntries(own.map(([name, value]) => [name.slice(part.length), value]))
}

/** The address with other words for one view; without words (null) the view is gone. Pure. */
export function withPart(query: Query, part: LogPart, words: Query | null): Record<string, unknown> {
  const own = partOf(query, part)
  const rest = Object.entries(query).filter(([name]) => !(name.startsWith(part) && name.slice(part.length) in own))
  return { ...Object.fromEntries(rest), ...Object.fromEntries(Object.entries(words ?? {}).map(([name, value]) => [part + name, value])) }
}

/** The address when the second view takes the place of the first, which is closed. Pure. */
export function withoutFirst(query: Query): Record<string, unknown> {
  return partOf(query, SECOND)
}

const PART: InjectionKey<() => LogPart> = Symbol('part of the address')

/** Says which part what is below uses. Call it in `setup`. */
export function provideLogPart(part: () => LogPart): void {
  provide(PART, part)
}

export interface LogAddress {
  readonly query: ComputedRef<Query>
  /** Replaces the view's words; the others' stay. */
  replace(words: Query): Promise<void>
}

/** Call it in `setup`. */
export function useLogAddress(part: () => LogPart = inject(PART, () => '' as const, false)): LogAddress {
  const route = useRoute()
  const router = useRouter()
  return {
    query: computed(() => partOf(route.query, part())),
    replace: async (words) => void (await router.replace({ query: withPart(route.query, part(), words) as LocationQueryRaw })),
  }
}
