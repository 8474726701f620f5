/** A page with a scripted engine room for store and component tests: pushes items into streams, answers calls. */
import { createPinia, setActivePinia } from 'pinia'
import { CONTRACT_VERSION } from '../../../engine/contract/contract.ts'
import type { StreamName, Streams } from '../../../engine/contract/contract.ts'
import { PORT_MESSAGE } from '../../../engine/contract/shell.ts'
import type { CallContext, MethodHandlers, StreamHandlers } from '../../../engine/link/handlers.ts'
import { memoryPair } from '../../../engine/link/memory.ts'
import { serveLink } from '../../../engine/link/server.ts'
import { connectLink } from '../../../engine/link/client.ts'
import type { Link } from '../../../engine/link/client.ts'
import { stubMethods, stubStreams } from '../../support/stub-handlers.ts'

export { PORT_MESSAGE }

export interface Room {
  /** Gives one item to every open reader of the stream. */
  push<S extends StreamName>(name: S, item: Streams[S]['item']): void
  /** How many readers the stream has. */
  readers(name: StreamName): number
  /** Cuts the link, as a crash of the engine room would. */
  cut(): void
  /**
   * A fresh link; hand it to a mock of `openLink` with the signal that got. A page stays with the room it first came to:
   * one that an earlier test left behind, and that tries again for ever, must not come to the next test's room.
   */
  open(page?: AbortSignal): Link
}

/** The room each page came to first, by the signal of the page's life. */
const firstRoom = new WeakMap<AbortSignal, () => Link>()

/** @param more streams a test scripts itself */
export function createRoom(methods: Partial<MethodHandlers> = {}, more: Partial<StreamHandlers> = {}): Room {
  setActivePinia(createPinia())
  const open = new Map<StreamName, Set<(item: unknown) => void>>()
  let close: () => void = () => undefined

  async function* source(name: StreamName, { signal }: CallContext): AsyncGenerator<unknown> {
    const items: unknown[] = []
    let wake: () => void = () => undefined
    const take = (item: unknown): void => {
      items.push(item)
      wake()
    }
    const readers = open.get(name) ?? new Set()
    open.set(name, readers.add(take))
    signal.addEventListener('abort', () => wake())
    try {
      while (!signal.aborted) {
        while (items.length > 0) yield items.shift()
        await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      readers.delete(take)
    }
  }
  const names: readonly StreamName[] = ['engines.watch', 'state.watch', 'operations.watch', 'settings.watch', 'events.watch', 'builds.watch']
  const streams = Object.fromEntries(names.map((name) => [name, (_arg: unknown, context: CallContext) => source(name, context)]))

  function openOwn(): Link {
    const [page, room] = memoryPair()
    const served = serveLink(room, {
      methods: stubMethods({
        'app.info': async () => ({ contractVersion: CONTRACT_VERSION, version: '0', shell: 'web', platform: 'linux', stateFolder: '/x', root: false, loginItem: true }),
        ...methods,
      }),
      streams: stubStreams({ ...(streams as Partial<StreamHandlers>), ...more }),
      peerId: 'test',
    })
    close = () => served.close()
    return connectLink(page)
  }

  return {
    push: (name, item) => open.get(name)?.forEach((take) => take(item)),
    readers: (name) => open.get(name)?.size ?? 0,
    cut: () => close(),
    open(page) {
      if (!page) return openOwn()
      const open = firstRoom.get(page) ?? openOwn
      firstRoom.set(page, open)
      return open()
    },
  }
}
