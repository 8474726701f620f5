/**
 * What the link needs of a pipe, and the frames that travel through it. Pure: runs in the page and in the engine room.
 * Frames are short arrays because on a busy pipe the frames, not the items, are what costs.
 */
import type { StreamRule } from '../contract/contract.ts'
import { ERROR_CODES } from '../contract/errors.ts'
import type { ErrorEnvelope, NaruError } from '../contract/errors.ts'

/** First element of every frame. */
export const FRAME = {
  call: 0,
  ok: 1,
  error: 2,
  open: 3,
  items: 4,
  end: 5,
  credit: 6,
  cancel: 7,
} as const

/** Second element is the id of the call or stream: a positive whole number chosen by the client, never used twice. */
export type Frame =
  | readonly [kind: typeof FRAME.call, id: number, name: string, arg: unknown]
  | readonly [kind: typeof FRAME.ok, id: number, result: unknown]
  | readonly [kind: typeof FRAME.error, id: number, error: ErrorEnvelope]
  | readonly [kind: typeof FRAME.open, id: number, name: string, arg: unknown]
  | readonly [kind: typeof FRAME.items, id: number, items: readonly unknown[]]
  | readonly [kind: typeof FRAME.end, id: number]
  | readonly [kind: typeof FRAME.credit, id: number, amount: number]
  | readonly [kind: typeof FRAME.cancel, id: number]

/** An ordered, reliable pipe of frames between two peers. */
export interface Transport {
  /**
   * Hands one frame over; nothing happens when the pipe is closed.
   * @throws NaruError `invalid-request` when the frame is too large or holds something that cannot travel.
   */
  send(frame: Frame): void
  /** The one receiver of frames; those that came earlier are delivered to it first. */
  onMessage(receive: (frame: Frame) => void): void
  /** Called once when either end closes; at once when that has happened. `reason` is set when a bad frame closed it. */
  onClose(closed: (reason?: NaruError) => void): void
  close(): void
}

/** Items a frame gathers at most. */
export const ITEMS_PER_FRAME = 64

/** What a small binary item counts at least, so that a window in bytes also bounds the number of items. */
const SMALLEST_ITEM_BYTES = 64

/** What one item takes out of its stream's window; both ends must agree. Unit: the rule's own (items or bytes). */
export function costOf(unit: StreamRule['unit'], item: unknown): number {
  if (unit === 'items') return 1
  return Math.max(SMALLEST_ITEM_BYTES, ArrayBuffer.isView(item) ? item.byteLength : 0)
}

const LONGEST_NAME = 100

const isId = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0
const isName = (value: unknown): boolean => typeof value === 'string' && value.length <= LONGEST_NAME

function isEnvelope(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { code, message, retryable } = value as Record<string, unknown>
  return (
    typeof message === 'string' &&
    typeof retryable === 'boolean' &&
    (ERROR_CODES as readonly unknown[]).includes(code)
  )
}

/** `value` as a frame, or null when it is none. The argument and the items themselves are not looked at. */
export function asFrame(value: unknown): Frame | null {
  if (!Array.isArray(value) || !isId(value[1])) return null
  const parts: readonly unknown[] = value
  return hasShape(parts) ? (parts as unknown as Frame) : null
}

function hasShape(parts: readonly unknown[]): boolean {
  switch (parts[0]) {
    case FRAME.call:
    case FRAME.open:
      return parts.length === 4 && isName(parts[2])
    case FRAME.ok:
      return parts.length === 3
    case FRAME.error:
      return parts.length === 3 && isEnvelope(parts[2])
    case FRAME.items:
      return parts.length === 3 && Array.isArray(parts[2])
    case FRAME.credit:
      return parts.length === 3 && isId(parts[2])
    case FRAME.end:
    case FRAME.cancel:
      return parts.length === 2
    default:
      return false
  }
}

/** The closing half every transport shares: fires once, tells late listeners too. */
export interface Closing {
  readonly closed: boolean
  /** False when it had been closed before. */
  fire(reason?: NaruError): boolean
  onClose(closed: (reason?: NaruError) => void): void
}

/** A new, open one. */
export function createClosing(): Closing {
  const listeners: ((reason?: NaruError) => void)[] = []
  let state: { readonly reason: NaruError | undefined } | null = null
  return {
    get closed() {
      return state !== null
    },
    fire(reason) {
      if (state) return false
      state = { reason }
      for (const listener of listeners.splice(0)) listener(reason)
      return true
    },
    onClose(closed) {
      if (state) closed(state.reason)
      else listeners.push(closed)
    },
  }
}
