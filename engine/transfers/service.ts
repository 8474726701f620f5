/** Transfers of every peer: opened by the page, taken by one operation, gone with the peer. */
import { randomUUID } from 'node:crypto'
import { NaruError } from '../contract/errors.ts'
import type { MethodHandlers, StreamHandlers } from '../link/handlers.ts'
import { createPipe } from './pipe.ts'
import type { Pipe } from './pipe.ts'

export interface TransferService {
  readonly open: MethodHandlers['transfers.open']
  readonly write: MethodHandlers['transfers.write']
  readonly end: MethodHandlers['transfers.end']
  readonly read: StreamHandlers['transfers.read']
  /** The engine room's end of a transfer; each is taken once. @throws NaruError `not-found` with hint `transfer-gone` */
  readonly take: (transferId: string, direction: Direction) => Pipe
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

export function createTransferService(): TransferService {
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
    closePeer: (peerId) => close('the page is gone', (transfer) => transfer.peerId === peerId),
    shutdown: () => close('Naru is closing', () => true),
  }
}
