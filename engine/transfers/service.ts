/** Transfers of every peer: opened by the page, taken by one operation, gone with the peer. */
import { randomUUID } from 'node:crypto'
import { NaruError } from '../contract/errors.ts'
import type { ArchiveSource, ArchiveTarget } from '../contract/models.ts'
import type { MethodHandlers, StreamHandlers } from '../link/handlers.ts'
import { createPipe } from './pipe.ts'
import type { Parts } from './parts.ts'
import type { Pipe } from './pipe.ts'

export interface TransferService {
  readonly open: MethodHandlers['transfers.open']
  readonly write: MethodHandlers['transfers.write']
  readonly end: MethodHandlers['transfers.end']
  readonly read: StreamHandlers['transfers.read']
  /** The engine room's end of a transfer; each is taken once. @throws NaruError `not-found` with hint `transfer-gone` */
  readonly take: (transferId: string, direction: Direction) => Pipe
  /** An operation with this argument has ended: a page that still writes for it, or waits for what it never began, is told so. */
  readonly release: (arg: unknown) => void
  /** Where files that are being written are noted. */
  readonly parts: Parts
  /** Breaks what a peer opened. */
  readonly closePeer: (peerId: string) => void
  readonly shutdown: () => void
}

type Direction = 'upload' | 'download'

interface Transfer {
  readonly peerId: string
  readonly direction: Direction
  readonly pipe: Pipe
  taken: boolean
}

/** Transfers of one peer at the same time. */
const MOST = 32

const NO_NOTES: Parts = { begin: () => Promise.resolve(() => Promise.resolve()) }

/** Transfers that an operation's argument names. */
function transfersIn(arg: unknown): readonly string[] {
  const { source, target } = arg as { readonly source?: Partial<ArchiveSource>; readonly target?: Partial<ArchiveTarget> }
  return [source, target].flatMap((end) => (end?.kind === 'transfer' && end.transferId !== undefined ? [end.transferId] : []))
}

export function createTransferService(parts: Parts = NO_NOTES): TransferService {
  const transfers = new Map<string, Transfer>()

  function find(transferId: string, fits: (transfer: Transfer) => boolean): Transfer {
    const transfer = transfers.get(transferId)
    if (transfer && fits(transfer)) return transfer
    throw new NaruError('not-found', 'no such transfer', { params: { name: transferId }, hint: 'transfer-gone' })
  }

  function close(reason: string, fits: (transfer: Transfer) => boolean): void {
    for (const [id, transfer] of transfers) {
      if (!fits(transfer)) continue
      transfers.delete(id)
      transfer.pipe.close(new NaruError('cancelled', reason))
    }
  }

  return {
    parts,
    async open({ direction }, { peerId }) {
      const mine = [...transfers.values()].filter((transfer) => transfer.peerId === peerId)
      if (mine.length >= MOST) throw new NaruError('invalid-request', `more than ${MOST} transfers at once`, { retryable: true })
      const transferId = randomUUID()
      transfers.set(transferId, { peerId, direction, pipe: createPipe(), taken: false })
      return { transferId }
    },
    async write({ transferId, bytes }, { peerId, signal }) {
      const { pipe } = find(transferId, (one) => one.peerId === peerId && one.direction === 'upload')
      const onAbort = (): void => pipe.close(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        await pipe.write(bytes)
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
      return {}
    },
    async end({ transferId, complete }, { peerId }) {
      const transfer = transfers.get(transferId)
      if (transfer?.peerId !== peerId) return {}
      if (transfer.direction === 'upload' && complete) transfer.pipe.end()
      else transfer.pipe.close(new NaruError('cancelled', 'the page gave the transfer up'))
      transfers.delete(transferId)
      return {}
    },
    async *read({ transferId }, { peerId, signal }) {
      const { pipe } = find(transferId, (one) => one.peerId === peerId && one.direction === 'download')
      const onAbort = (): void => pipe.close(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        yield* pipe.read()
      } finally {
        signal.removeEventListener('abort', onAbort)
        transfers.delete(transferId)
      }
    },
    take(transferId, direction) {
      const transfer = find(transferId, (one) => one.direction === direction && !one.taken)
      transfer.taken = true
      return transfer.pipe
    },
    release(arg) {
      for (const transferId of transfersIn(arg)) {
        const transfer = transfers.get(transferId)
        // What a download has taken is written; the page may not have read all of it.
        if (transfer && (transfer.direction === 'upload' || !transfer.taken)) transfer.pipe.close(new NaruError('cancelled', 'the operation of the transfer has ended'))
      }
    },
    closePeer: (peerId) => close('the page is gone', (transfer) => transfer.peerId === peerId),
    shutdown: () => close('Naru is closing', () => true),
  }
}
