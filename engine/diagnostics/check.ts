/** What a check is, and the few words its outcome is made of. A check looks; it never changes anything. */
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { CheckFix, CheckId, CheckParams, CheckResult, CheckScreen, CheckState } from '../contract/models.ts'

export type CheckOutcome = Omit<CheckResult, 'id' | 'tookMs'>

export interface Check {
  readonly id: CheckId
  /** False where the question makes no sense: another system, another kind of engine. */
  readonly applicable: () => boolean
  /** What it throws is told as an outcome, too; the signal ends it when its time is up or nobody waits any more. */
  readonly check: (signal: AbortSignal) => Promise<CheckOutcome>
}

interface More {
  readonly error?: ErrorEnvelope | undefined
  readonly fixes?: readonly CheckFix[]
}

function outcome(state: CheckState, why: string, params: CheckParams, { error, fixes = [] }: More): CheckOutcome {
  return { state, why, params, ...(error && { error }), fixes: [...fixes, ...commandOf(error)] }
}

export const passed = (why: string, params: CheckParams = {}): CheckOutcome => outcome('passed', why, params, {})
export const skipped = (why: string, params: CheckParams = {}): CheckOutcome => outcome('skipped', why, params, {})
export const warned = (why: string, params: CheckParams = {}, more: More = {}): CheckOutcome => outcome('warned', why, params, more)
export const failed = (why: string, params: CheckParams = {}, more: More = {}): CheckOutcome => outcome('failed', why, params, more)

export const screen = (name: CheckScreen): CheckFix => ({ kind: 'screen', screen: name })
export const command = (text: string): CheckFix => ({ kind: 'command', command: text })

/** The command that an error of the tree names as its cure. */
function commandOf(error: ErrorEnvelope | undefined): readonly CheckFix[] {
  const text = error?.params?.['command']
  return typeof text === 'string' ? [command(text)] : []
}
