/**
 * BuildKit's progress as `POST /build?version=2` sends it: a StatusResponse in each `moby.buildkit.trace` message.
 * Pure. Source: message names and numbers of moby/buildkit, api/services/control/control.proto
 */
import { fieldsOf, textOf } from './protobuf.ts'
import type { Field } from './protobuf.ts'

/** One node of the build's graph; told again whenever it changes. Times are milliseconds since 1970. */
export interface Vertex {
  readonly digest: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly cached: boolean
  readonly started?: number
  readonly completed?: number
  readonly error?: string
}

/** How far a part of a vertex is, e.g. one layer of a pull. */
export interface VertexStatus {
  readonly id: string
  readonly vertex: string
  readonly current: number
  readonly total: number
  readonly completed?: number
}

export interface VertexLog {
  readonly vertex: string
  readonly at: number
  readonly stderr: boolean
  readonly bytes: Uint8Array
}

export interface VertexWarning {
  readonly vertex: string
  readonly text: string
  readonly detail: readonly string[]
  readonly url: string
  /** First line of its place, 1-based; absent when it names none. */
  readonly line?: number
}

export interface Trace {
  readonly vertexes: readonly Vertex[]
  readonly statuses: readonly VertexStatus[]
  readonly logs: readonly VertexLog[]
  readonly warnings: readonly VertexWarning[]
}

/** @throws RangeError for bytes that are no such message */
export function decodeTrace(message: Uint8Array): Trace {
  const trace = { vertexes: [] as Vertex[], statuses: [] as VertexStatus[], logs: [] as VertexLog[], warnings: [] as VertexWarning[] }
  for (const { number, bytes } of fieldsOf(message)) {
    if (!bytes) continue
    if (number === 1) trace.vertexes.push(vertexOf(bytes))
    else if (number === 2) trace.statuses.push(statusOf(bytes))
    else if (number === 3) trace.logs.push(logOf(bytes))
    else if (number === 4) trace.warnings.push(warningOf(bytes))
  }
  return trace
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

function vertexOf(message: Uint8Array): Vertex {
  const inputs: string[] = []
  const vertex: Writable<Vertex> = { digest: '', name: '', inputs, cached: false }
  for (const field of fieldsOf(message)) {
    if (field.number === 1) vertex.digest = textOf(field)
    else if (field.number === 2) inputs.push(textOf(field))
    else if (field.number === 3) vertex.name = textOf(field)
    else if (field.number === 4) vertex.cached = field.value === 1
    else if (field.number === 5) vertex.started = timeOf(field)
    else if (field.number === 6) vertex.completed = timeOf(field)
    else if (field.number === 7) vertex.error = textOf(field)
  }
  return vertex
}

function statusOf(message: Uint8Array): VertexStatus {
  const status: Writable<VertexStatus> = { id: '', vertex: '', current: 0, total: 0 }
  for (const field of fieldsOf(message)) {
    if (field.number === 1) status.id = textOf(field)
    else if (field.number === 2) status.vertex = textOf(field)
    else if (field.number === 4) status.current = field.value ?? 0
    else if (field.number === 5) status.total = field.value ?? 0
    else if (field.number === 8) status.completed = timeOf(field)
  }
  return status
}

function logOf(message: Uint8Array): VertexLog {
  const log: Writable<VertexLog> = { vertex: '', at: 0, stderr: false, bytes: new Uint8Array(0) }
  for (const field of fieldsOf(message)) {
    if (field.number === 1) log.vertex = textOf(field)
    else if (field.number === 2) log.at = timeOf(field)
    else if (field.number === 3) log.stderr = field.value === 2
    else if (field.number === 4) log.bytes = field.bytes ?? log.bytes
  }
  return log
}

function warningOf(message: Uint8Array): VertexWarning {
  const detail: string[] = []
  const warning: Writable<VertexWarning> = { vertex: '', text: '', detail, url: '' }
  for (const field of fieldsOf(message)) {
    if (field.number === 1) warning.vertex = textOf(field)
    else if (field.number === 3) warning.text = textOf(field)
    else if (field.number === 4) detail.push(textOf(field))
    else if (field.number === 5) warning.url = textOf(field)
    else if (field.number === 7) warning.line ??= lineOf(field)
  }
  return warning
}

/** Line of the start of a range. */
function lineOf(range: Field): number | undefined {
  for (const start of fieldsOf(range.bytes ?? new Uint8Array(0))) {
    if (start.number !== 1 || !start.bytes) continue
    for (const { number, value } of fieldsOf(start.bytes)) if (number === 1 && value) return value
  }
  return undefined
}

function timeOf(field: Field): number {
  let ms = 0
  for (const { number, value = 0 } of fieldsOf(field.bytes ?? new Uint8Array(0))) {
    if (number === 1) ms += value * 1_000
    else if (number === 2) ms += value / 1e6
  }
  return Math.round(ms)
}
