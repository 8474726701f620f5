import type { DiagnosticStreams } from '../parts/diagnostics.ts'
import { nothing } from './shapes.ts'
import type { Schema } from './shapes.ts'

export const DIAGNOSTIC_STREAM_ARGS: { readonly [S in keyof DiagnosticStreams]: Schema } = {
  'diagnostics.run': nothing,
}
