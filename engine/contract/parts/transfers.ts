/**
 * Files between the page and the engine room, piece by piece. `transfers.open` makes a pipe that belongs to its peer and
 * goes with it; an operation takes the other end. A pipe holds a few pieces: whoever is faster waits.
 */
import type { MethodRule, Nothing, StreamRule } from './rules.ts'

/** Largest piece of an upload, bytes. */
export const PIECE_BYTES = 1024 * 1024

export interface TransferMethods {
  /** `upload`: the page writes, an operation reads. `download`: an operation writes, the page reads. */
  'transfers.open': { arg: { readonly direction: 'upload' | 'download' }; result: { readonly transferId: string } }
  /** Answered once there is room for the next piece. `cancelled` when the operation no longer reads. */
  'transfers.write': { arg: { readonly transferId: string; readonly bytes: Uint8Array }; result: Nothing }
  /** `complete`: everything was written; otherwise what reads fails with `cancelled`. Unknown ones are left alone. */
  'transfers.end': { arg: { readonly transferId: string; readonly complete: boolean }; result: Nothing }
}

export interface TransferStreams {
  /** Bytes of a download. Leaving early cancels the operation that writes. */
  'transfers.read': { arg: { readonly transferId: string }; item: Uint8Array }
}

export const TRANSFER_METHOD_RULES = {
  'transfers.open': { mutates: false, limitMs: 5_000 },
  // The engine takes the bytes as fast as it can store them.
  'transfers.write': { mutates: true, limitMs: 10 * 60_000 },
  'transfers.end': { mutates: true, limitMs: 5_000 },
} as const satisfies { readonly [M in keyof TransferMethods]: MethodRule }

export const TRANSFER_STREAM_RULES = {
  'transfers.read': { noCredit: 'pause', window: 4 * 1024 * 1024, unit: 'bytes' },
} as const satisfies { readonly [S in keyof TransferStreams]: StreamRule }
