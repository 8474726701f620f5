/** `it` for suites that run on several engines: all cases with their own limits, or on a slow engine some with wider ones. */
import { expect, it } from 'vitest'
import type { RealEngine } from './real-engine.ts'

type Body = () => Promise<void> | void

/** What suites use of `it`. */
export interface Cases {
  (name: string, body: Body, limitMs?: number): void
  readonly skipIf: (condition: boolean) => Cases
  readonly runIf: (condition: boolean) => Cases
  each<T extends unknown[] | [unknown]>(cases: readonly T[]): (name: string, body: (...values: T) => Promise<void> | void, limitMs?: number) => void
  each<T>(cases: readonly T[]): (name: string, body: (value: T) => Promise<void> | void, limitMs?: number) => void
}

export interface Choice {
  /** Beginnings of the names of the cases to take; absent: all. */
  readonly only?: readonly string[]
  /** Beginnings of names that make no sense on this engine, each with the reason. */
  readonly not?: Readonly<Record<string, string>>
  /** How much longer than on the machine itself anything may take. */
  readonly patience?: number
}

/** An engine as suites want it. */
export interface Suite {
  readonly name: string
  readonly start: () => Promise<RealEngine>
  readonly cases?: Cases
  /** Its processors are emulated: the engine itself may miss its own time limits. */
  readonly emulated?: boolean
}

/** The tests' own limit when they name none, as in vitest.config.ts. */
const LIMIT_MS = 20_000

/** Everything a suite has, as it is. */
export const allCases = it as unknown as Cases

/**
 * `it`, narrowed. Names of `only` and `not` that no case has are a failing test of their own: a choice that was left behind
 * by a change of the suite would otherwise test nothing and say so nowhere.
 */
export function casesOf({ only, not = {}, patience = 1 }: Choice): { readonly cases: Cases; readonly checkChoice: () => void } {
  const unused = new Set([...(only ?? []), ...Object.keys(not)])
  const takes = (name: string): boolean => {
    const beginning = [...(only ?? []), ...Object.keys(not)].find((each) => name.startsWith(each))
    if (beginning !== undefined) unused.delete(beginning)
    return !Object.keys(not).some((each) => name.startsWith(each)) && (!only || only.some((each) => name.startsWith(each)))
  }
  const wider = (limitMs = LIMIT_MS): number => limitMs * patience
  const narrowed = (present: boolean): Cases =>
    Object.assign(
      (name: string, body: Body, limitMs?: number): void => {
        if (takes(name)) it.runIf(present)(name, body, wider(limitMs))
      },
      {
        skipIf: (condition: boolean) => narrowed(present && !condition),
        runIf: (condition: boolean) => narrowed(present && condition),
        each: (values: readonly unknown[]) => (name: string, body: (...of: never[]) => Promise<void> | void, limitMs?: number): void => {
          if (takes(name)) it.runIf(present).each(values as never[])(name, body as never, wider(limitMs))
        },
      },
    ) as Cases
  return { cases: narrowed(true), checkChoice: () => it('the choice of cases names real ones', () => expect([...unused]).toEqual([])) }
}
