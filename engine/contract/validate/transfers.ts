import * as v from 'valibot'
import { PIECE_BYTES } from '../parts/transfers.ts'
import type { TransferMethods, TransferStreams } from '../parts/transfers.ts'
import { text } from './shapes.ts'
import type { Schema } from './shapes.ts'

const transferId = text(100)

export const TRANSFER_METHOD_ARGS: { readonly [M in keyof TransferMethods]: Schema } = {
  'transfers.open': v.strictObject({ direction: v.picklist(['upload', 'download']) }),
  'transfers.write': v.strictObject({
    transferId,
    // From another realm it is no instance of this one's Uint8Array.
    bytes: v.custom<Uint8Array>((value) => ArrayBuffer.isView(value) && value.byteLength <= PIECE_BYTES, 'a piece is at most 1 MiB of bytes'),
  }),
  'transfers.end': v.strictObject({ transferId, complete: v.boolean() }),
}

export const TRANSFER_STREAM_ARGS: { readonly [S in keyof TransferStreams]: Schema } = {
  'transfers.read': v.strictObject({ transferId }),
}
