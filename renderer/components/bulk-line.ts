import type { ErrorEnvelope } from '../../engine/contract/errors.ts'

/** One thing of many in NBulkResults, and what came of it. */
export interface BulkLine {
  readonly id: string
  readonly name: string
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'skipped'
  readonly error?: ErrorEnvelope
}
