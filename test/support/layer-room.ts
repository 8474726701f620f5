/** A layer service over a client that "exports" given archives, its room in the same thread. */
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import type { FromRoom } from '../../engine/layers/protocol.ts'
import { LayerRoom } from '../../engine/layers/room.ts'
import type { RoomPort } from '../../engine/layers/room-client.ts'
import { LayerService } from '../../engine/layers/service.ts'
import { NaruError } from '../../engine/contract/errors.ts'

export interface LayerBench {
  readonly service: LayerService
  /** Exports asked for, and those that were left or ended. */
  readonly exports: { begun: number; ended: number; bytes: number }
}

export function roomPort(memoryBytes?: number): RoomPort {
  let receive: (message: FromRoom) => void = () => undefined
  let end: (reason: NaruError) => void = () => undefined
  const room = new LayerRoom({
    post: (message, transfer) => {
      const copy = structuredClone(message, { transfer: [...(transfer ?? [])] })
      setImmediate(() => receive(copy))
    },
    ...(memoryBytes !== undefined && { memoryBytes }),
  })
  return {
    post: (message, transfer) => {
      const copy = structuredClone(message, { transfer: [...(transfer ?? [])] })
      setImmediate(() => room.handle(copy))
    },
    listen: (onMessage, onEnd) => {
      receive = onMessage
      end = onEnd
    },
    close: async () => end(new NaruError('internal', 'the layer worker ended')),
  }
}

/** `archives` by image id. `chunk`: bytes of each piece of an export. */
export function layerService(archives: Readonly<Record<string, Uint8Array>>, { chunk = 10_000, memoryBytes, onBytes }: { chunk?: number; memoryBytes?: number; onBytes?: (bytes: number) => void } = {}): LayerBench {
  const exports = { begun: 0, ended: 0, bytes: 0 }
  const client = {
    inspectImage: async () => ({ Size: 1_000 }),
    saveImages: async function* ([id = '']: readonly string[], options?: { signal?: AbortSignal }) {
      exports.begun++
      try {
        const archive = archives[id] ?? new Uint8Array(0)
        for (let at = 0; at < archive.length; at += chunk) {
          if (options?.signal?.aborted) throw new NaruError('cancelled', 'cancelled')
          await new Promise((resolve) => setImmediate(resolve))
          exports.bytes += Math.min(chunk, archive.length - at)
          onBytes?.(exports.bytes)
          yield archive.subarray(at, at + chunk)
        }
      } finally {
        exports.ended++
      }
    },
  } as unknown as EngineClient
  const service = new LayerService({
    workerPath: '',
    connection: () => ({ client, signal: new AbortController().signal }),
    port: () => roomPort(memoryBytes),
  })
  return { service, exports }
}
