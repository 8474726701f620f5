import * as v from 'valibot'
import type { DiagnosticMethods, DiagnosticStreams } from '../parts/diagnostics.ts'
import { nothing, text } from './shapes.ts'
import type { Schema } from './shapes.ts'

export const DIAGNOSTIC_METHOD_ARGS: { readonly [M in keyof DiagnosticMethods]: Schema } = {
  'support.gather': v.strictObject({ report: text(100_000), addresses: v.boolean() }),
  'support.save': v.strictObject({ id: text(100), path: text(4_096) }),
}

export const DIAGNOSTIC_STREAM_ARGS: { readonly [S in keyof DiagnosticStreams]: Schema } = {
  'diagnostics.run': nothing,
}
