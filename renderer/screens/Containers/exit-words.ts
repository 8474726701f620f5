/** Why a container is not running, as a key of the catalogues. Pure. Source: docker run reference, "Exit status". */

import { signalOfExit } from '../../../engine/containers/signals.ts'

/** Keys below `containers.exit`: each has `short` (for the table), `text` and `next`. */
export const EXIT_KEYS = [
  'done', 'general', 'usage', 'engine', 'denied', 'missing', 'oom', 'oomInside', 'killed', 'crashed', 'aborted', 'terminated',
  'interrupted', 'hangup', 'pipe', 'signal', 'range', 'other',
] as const
export type ExitKey = (typeof EXIT_KEYS)[number]

export interface ExitReason {
  readonly key: ExitKey
  /** Fill the gaps of the key's sentences. */
  readonly params: { readonly code: number; readonly signal: string }
  /** The container ended as it should: no reason for red. */
  readonly calm: boolean
}

const BY_CODE: Readonly<Record<number, ExitKey>> = {
  0: 'done',
  1: 'general',
  2: 'usage',
  125: 'engine',
  126: 'denied',
  127: 'missing',
  129: 'hangup',
  130: 'interrupted',
  134: 'aborted',
  137: 'killed',
  139: 'crashed',
  141: 'pipe',
  143: 'terminated',
  255: 'range',
}

/** @param oomKilled the engine says the kernel killed a process of it for memory */
export function exitReason(exitCode: number, oomKilled = false): ExitReason {
  const signal = signalOfExit(exitCode)
  const params = { code: exitCode, signal }
  // The engine's mark is of the whole container: with another code than SIGKILL's a process inside was the one.
  if (oomKilled && exitCode !== 0) return { key: exitCode === 137 ? 'oom' : 'oomInside', params, calm: false }
  const key = BY_CODE[exitCode] ?? (signal ? 'signal' : 'other')
  // Asked to end and did: with the default handlers that is 143 or 130, and nothing is wrong.
  return { key, params, calm: key === 'done' || key === 'terminated' || key === 'interrupted' }
}
