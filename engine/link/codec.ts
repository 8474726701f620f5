/**
 * Frames as bytes, for pipes that carry no structured clone. Pure: no Buffer, no node module.
 *
 * One message: magic (u32) · header length (u32) · header (UTF-8 JSON) · attachments, one after the other. All numbers
 * little-endian, like the typed arrays of every platform this runs on. The header is `[frame, attachments]`; what JSON
 * cannot say (typed arrays, NaN, ±Infinity, -0, undefined in an array) stands in the frame as null and is described by an
 * attachment `[kind, bytes, path]`. Paths instead of marker objects: no label a person may choose can look like a marker.
 */
import { LINK_LIMITS } from '../contract/contract.ts'
import { NaruError } from '../contract/errors.ts'
import { asFrame } from './transport.ts'
import type { Frame } from './transport.ts'

type Path = (string | number)[]
type Holder = Record<string | number, unknown>
type TypedArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array

const MAGIC = 0x314b4e4c
const PREFIX_BYTES = 8
/** Deeper values are refused: nothing in the contract comes near, and a cycle must end somewhere. */
const DEEPEST = 64
/** What a node of a value counts towards the frame limit, beside its text and binary. */
const NODE_BYTES = 4

const ARRAYS: ReadonlyMap<string, (bytes: ArrayBuffer) => TypedArray> = new Map<string, (bytes: ArrayBuffer) => TypedArray>([
  ['Uint8Array', (bytes) => new Uint8Array(bytes)],
  ['Int8Array', (bytes) => new Int8Array(bytes)],
  ['Uint16Array', (bytes) => new Uint16Array(bytes)],
  ['Int16Array', (bytes) => new Int16Array(bytes)],
  ['Uint32Array', (bytes) => new Uint32Array(bytes)],
  ['Int32Array', (bytes) => new Int32Array(bytes)],
  ['Float32Array', (bytes) => new Float32Array(bytes)],
  ['Float64Array', (bytes) => new Float64Array(bytes)],
])

const refuse = (message: string): NaruError => new NaruError('invalid-request', message)
const tooLarge = (): NaruError => refuse(`the frame is larger than ${LINK_LIMITS.frameBytes} bytes`)

/** Tag instead of instanceof: a Buffer says "Uint8Array", and values from another realm say it too. */
function tagOf(value: object): string {
  return String((value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag])
}

interface Walk {
  bytes: number
  readonly path: Path
  /** Called for what JSON cannot say; what it returns takes the place. */
  readonly special: (value: TypedArray | number | undefined, path: Path) => unknown
}

/** The same value with its special leaves replaced; branches without any are not copied. */
function walk(value: unknown, on: Walk): unknown {
  on.bytes += NODE_BYTES
  if (on.bytes > LINK_LIMITS.frameBytes) throw tooLarge()
  switch (typeof value) {
    case 'string':
      on.bytes += value.length
      return value
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : on.special(value, on.path)
    case 'undefined':
      return on.special(value, on.path)
    case 'object':
      return value === null ? null : walkObject(value, on)
    default:
      throw refuse(`a ${typeof value} cannot travel over the link`)
  }
}

function walkObject(value: object, on: Walk): unknown {
  if (ArrayBuffer.isView(value)) {
    if (!ARRAYS.has(tagOf(value))) throw refuse(`a ${tagOf(value)} cannot travel over the link`)
    on.bytes += value.byteLength
    if (on.bytes > LINK_LIMITS.frameBytes) throw tooLarge()
    return on.special(value as TypedArray, on.path)
  }
  if (on.path.length >= DEEPEST) throw refuse('the value is nested too deeply')
  if (Array.isArray(value)) return walkArray(value, on)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw refuse('only plain objects, arrays and typed arrays can travel over the link')
  }
  return walkRecord(value as Readonly<Record<string, unknown>>, on)
}

function walkArray(value: readonly unknown[], on: Walk): unknown {
  let copy: unknown[] | null = null
  for (let index = 0; index < value.length; index++) {
    on.path.push(index)
    const now = walk(value[index], on)
    on.path.pop()
    if (!Object.is(now, value[index])) (copy ??= [...value])[index] = now
  }
  return copy ?? value
}

function walkRecord(value: Readonly<Record<string, unknown>>, on: Walk): unknown {
  let changed: Map<string, unknown> | null = null
  for (const key of Object.keys(value)) {
    const before = value[key]
    // A missing property and an undefined one mean the same everywhere in the contract.
    if (before === undefined) continue
    on.bytes += key.length
    on.path.push(key)
    const now = walk(before, on)
    on.path.pop()
    if (!Object.is(now, before)) (changed ??= new Map()).set(key, now)
  }
  if (!changed) return value
  const replaced = changed
  // fromEntries defines properties, so a key named __proto__ stays a key.
  return Object.fromEntries(
    Object.entries(value).map(([key, before]) => [key, replaced.has(key) ? replaced.get(key) : before]),
  )
}

/**
 * The frame ready for structured clone: checked against size, depth and what may travel, and with every typed array
 * alone in its buffer, because a clone of a view copies (and shows) the whole buffer behind it.
 * @throws NaruError `invalid-request`
 */
export function compactFrame(frame: Frame): Frame {
  const on: Walk = {
    bytes: 0,
    path: [],
    special: (value) =>
      ArrayBuffer.isView(value) && value.byteLength !== value.buffer.byteLength ? copyOf(value) : value,
  }
  return walk(frame, on) as Frame
}

/** Built anew, not sliced: the slice of a Buffer is a view again. */
function copyOf(value: TypedArray): TypedArray {
  const bytes = new Uint8Array(value.byteLength)
  bytes.set(bytesOf(value))
  return makeArray(tagOf(value), bytes.buffer)
}

const bytesOf = (value: TypedArray): Uint8Array => new Uint8Array(value.buffer, value.byteOffset, value.byteLength)

function makeArray(kind: string, bytes: ArrayBuffer): TypedArray {
  const make = ARRAYS.get(kind)
  if (!make) throw refuse('unknown kind of attachment')
  return make(bytes)
}

/**
 * One message for one frame.
 * @throws NaruError `invalid-request` when it is larger than `LINK_LIMITS.frameBytes` or holds something that cannot travel.
 */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const attachments: [kind: string, bytes: number, path: Path][] = []
  const parts: Uint8Array[] = []
  const attach = (kind: string, bytes: Uint8Array, path: Path): null => {
    attachments.push([kind, bytes.byteLength, [...path]])
    parts.push(bytes)
    return null
  }
  const value = walk(frame, {
    bytes: 0,
    path: [],
    special(leaf, path) {
      if (leaf === undefined) return attach('undefined', new Uint8Array(0), path)
      if (typeof leaf === 'number') return attach('number', bytesOf(Float64Array.of(leaf)), path)
      return attach(tagOf(leaf), bytesOf(leaf), path)
    },
  })
  const header = new TextEncoder().encode(JSON.stringify([value, attachments]))
  const total = parts.reduce((sum, part) => sum + part.byteLength, PREFIX_BYTES + header.byteLength)
  if (total > LINK_LIMITS.frameBytes) throw tooLarge()
  const message = new Uint8Array(total)
  const view = new DataView(message.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint32(4, header.byteLength, true)
  message.set(header, PREFIX_BYTES)
  let at = PREFIX_BYTES + header.byteLength
  for (const part of parts) {
    message.set(part, at)
    at += part.byteLength
  }
  return message
}

/**
 * The frame in one message. Typed arrays are copied out: each owns its buffer.
 * @throws NaruError `invalid-request` for anything `encodeFrame` would not have made.
 */
export function decodeFrame(message: Uint8Array): Frame {
  if (message.byteLength > LINK_LIMITS.frameBytes) throw tooLarge()
  if (message.byteLength < PREFIX_BYTES) throw refuse('the frame is too short')
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  if (view.getUint32(0, true) !== MAGIC) throw refuse('not a frame of this link')
  const start = PREFIX_BYTES + view.getUint32(4, true)
  if (start > message.byteLength) throw refuse('the frame is cut off')
  const [value, attachments] = parseHeader(message.subarray(PREFIX_BYTES, start))
  restore(value, attachments, message.subarray(start))
  const frame = asFrame(value)
  if (!frame) throw refuse('not a known frame')
  return frame
}

function parseHeader(bytes: Uint8Array): [value: unknown, attachments: readonly unknown[]] {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (cause) {
    throw new NaruError('invalid-request', 'the header of the frame is not JSON', { cause })
  }
  if (!Array.isArray(header) || header.length !== 2 || !Array.isArray(header[1])) throw refuse('bad frame header')
  return [header[0], header[1]]
}

function restore(value: unknown, attachments: readonly unknown[], bytes: Uint8Array): void {
  let at = 0
  for (const attachment of attachments) {
    if (!Array.isArray(attachment) || attachment.length !== 3) throw refuse('bad attachment')
    const [kind, length, path] = attachment as unknown[]
    if (typeof length !== 'number' || !Number.isInteger(length) || length < 0 || at + length > bytes.byteLength) {
      throw refuse('an attachment is cut off')
    }
    place(value, path, leafOf(kind, bytes.subarray(at, at + length)))
    at += length
  }
  if (at !== bytes.byteLength) throw refuse('the frame is longer than its attachments')
}

function leafOf(kind: unknown, bytes: Uint8Array): unknown {
  if (kind === 'undefined' && bytes.byteLength === 0) return undefined
  // Its own buffer: the message may lie at an odd offset, and should not live as long as one small array in it.
  const own = new Uint8Array(bytes).buffer
  if (kind === 'number' && own.byteLength === 8) return new DataView(own).getFloat64(0, true)
  if (typeof kind !== 'string') throw refuse('bad attachment')
  try {
    return makeArray(kind, own)
  } catch (cause) {
    throw new NaruError('invalid-request', `bad attachment of kind ${kind.slice(0, 40)}`, { cause })
  }
}

/** Puts a leaf where its placeholder is; only own properties that hold null may be replaced. */
function place(root: unknown, path: unknown, leaf: unknown): void {
  if (!Array.isArray(path) || path.length === 0 || path.length > DEEPEST) throw refuse('bad attachment path')
  const steps: readonly unknown[] = path
  const key = stepIn(steps.at(-1))
  let holder: unknown = root
  for (const step of steps.slice(0, -1)) holder = ownOf(holder, stepIn(step))
  if (ownOf(holder, key) !== null) throw refuse('an attachment has no place')
  ;(holder as Holder)[key] = leaf
}

function stepIn(step: unknown): string | number {
  if (typeof step === 'string' || typeof step === 'number') return step
  throw refuse('bad attachment path')
}

function ownOf(holder: unknown, key: string | number): unknown {
  const fits =
    typeof holder === 'object' &&
    holder !== null &&
    !ArrayBuffer.isView(holder) &&
    Array.isArray(holder) === (typeof key === 'number') &&
    Object.hasOwn(holder, key)
  if (!fits) throw refuse('an attachment has no place')
  return (holder as Holder)[key]
}
