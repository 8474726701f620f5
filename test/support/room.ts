/** A log room in the same thread, for tests of the service that need no worker. */
import type { FromRoom } from '../../engine/logs/protocol.ts'
import { LogRoom } from '../../engine/logs/room.ts'
import type { RoomPort } from '../../engine/logs/room-client.ts'
import { createMatcher } from '../../engine/logs/match.ts'

/** Messages are delivered in a later turn and their bytes really transferred, as between threads. */
export function roomInThread(): RoomPort {
  let deliver: (message: FromRoom) => void = () => {}
  const room = new LogRoom({
    post: (message, transfer = []) => {
      const copy = structuredClone(message, { transfer: [...transfer] })
      setImmediate(() => deliver(copy))
    },
    scanner: (query) => ({ scan: async (chunk) => createMatcher(query)(chunk), close: () => {} }),
  })
  return {
    post: (message, transfer = []) => {
      const copy = structuredClone(message, { transfer: [...transfer] })
      setImmediate(() => room.handle(copy))
    },
    listen: (onMessage) => {
      deliver = onMessage
    },
    close: async () => room.close(),
  }
}
