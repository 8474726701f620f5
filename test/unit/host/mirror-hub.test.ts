import { getEventListeners } from 'node:events'
import { expect, it, vi } from 'vitest'
import { createMirrorHub } from '../../../engine/host/mirror-hub.ts'
import type { MirrorHubOptions } from '../../../engine/host/mirror-hub.ts'
import type { EngineConnection } from '../../../engine/providers/manager.ts'
import { engineClient } from '../../support/engine-client.ts'

/** A connection that holds for ever, to an engine with nothing in it. */
function connectionOf(engineId: string): EngineConnection {
  const client = engineClient({
    listContainers: async () => [],
    listImages: async () => [],
    events: async function* ({ signal, onOpen }) {
      onOpen?.()
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
  })
  return { engineId, client, handle: {} as EngineConnection['handle'], signal: new AbortController().signal }
}

it('leaves nothing on a connection when another engine is shown: a mirror holds every row of its engine', async () => {
  const connections = new Map(['a', 'b'].map((id) => [id, connectionOf(id)]))
  let current = 'a'
  let switched: (engineId: string | null) => void = () => undefined
  const manager = {
    currentConnection: () => connections.get(current) ?? null,
    onConnection: () => () => undefined,
    onCurrent: (listener: (engineId: string | null) => void) => {
      switched = listener
      return () => undefined
    },
    connection: vi.fn(),
    snapshot: () => ({ engines: [], currentId: 'a', detecting: false }),
  } satisfies MirrorHubOptions['manager']
  const hub = createMirrorHub({ manager })
  const listeners = () => [...connections.values()].map(({ signal }) => getEventListeners(signal, 'abort').length)
  const first = listeners()
  for (let n = 0; n < 20; n++) {
    current = n % 2 === 0 ? 'b' : 'a'
    switched(current)
  }
  expect(listeners()).toEqual(first)
  await hub.close()
  expect(listeners()).toEqual([0, 0])
})
