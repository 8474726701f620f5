/** The page's ends of transfers: bytes of an operation into a file, pieces of the page into an operation. */
import { isCancelled } from '../../engine/contract/errors.ts'
import type { Saver } from '../screens/Images/archive/save-file.ts'
import type { useConnection } from './connection.ts'
import type { useOperations } from './operations.ts'
import type { useUi } from './ui.ts'

export interface PipeStores {
  readonly connection: ReturnType<typeof useConnection>
  readonly operations: ReturnType<typeof useOperations>
  readonly ui: ReturnType<typeof useUi>
}

/** Writes what an operation sends to its end. What the operation failed with stands at the operation, anything else is told. */
export async function receiveInto({ connection, operations, ui }: PipeStores, transferId: string, operationId: string, saver: Saver): Promise<void> {
  const over = new AbortController()
  // An operation that ends before it wrote anything leaves no stream that ends.
  operations.finished(operationId).catch(() => over.abort())
  try {
    for await (const bytes of connection.stream('transfers.read', { transferId }, { signal: over.signal })) await saver.write(bytes)
    await saver.close()
  } catch (reason) {
    await saver.abort().catch(() => undefined)
    const told = over.signal.aborted || operations.get(operationId)?.status !== 'running'
    if (!told && !isCancelled(reason)) ui.fail(reason)
  }
}

/** One piece after the other: the next is made when the engine room took the last. */
export async function sendPieces({ connection, ui }: PipeStores, pieces: AsyncIterable<Uint8Array>, transferId: string, signal: AbortSignal): Promise<void> {
  let complete = false
  try {
    for await (const bytes of pieces) {
      if (signal.aborted) break
      await connection.call('transfers.write', { transferId, bytes }, { signal })
    }
    complete = !signal.aborted
  } catch (reason) {
    if (!signal.aborted && !isCancelled(reason)) ui.fail(reason)
  } finally {
    await connection.call('transfers.end', { transferId, complete }).catch(() => undefined)
  }
}
