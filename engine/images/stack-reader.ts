/** Reads the stacks of every image of an engine, a few at a time; what was read once is kept, for it never changes. */
import { NaruError } from '../contract/errors.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { imageIdOf } from '../state/normalise.ts'
import { storedStack } from './stacks.ts'
import type { StoredStack } from './stacks.ts'

export interface StackReader {
  /** Of every image now listed; one removed meanwhile is left out. */
  readonly all: (client: EngineClient, signal: AbortSignal) => Promise<readonly StoredStack[]>
  /** @throws NaruError `image-not-found` */
  readonly one: (client: EngineClient, id: string, signal: AbortSignal) => Promise<StoredStack>
}

/** Images asked about at the same time. */
const AT_ONCE = 4

export function createStackReader(): StackReader {
  // By client, so that what an engine told goes with the connection to it.
  const known = new WeakMap<EngineClient, Map<string, StoredStack>>()

  async function one(client: EngineClient, id: string, signal: AbortSignal): Promise<StoredStack> {
    const kept = known.get(client)?.get(id)
    if (kept) return kept
    const [image, history] = await Promise.all([client.inspectImage(id, { signal }), client.imageHistory(id, { signal })])
    const stack = storedStack(image, history)
    const mine = known.get(client) ?? new Map<string, StoredStack>()
    known.set(client, mine.set(stack.imageId, stack))
    return stack
  }

  async function all(client: EngineClient, signal: AbortSignal): Promise<readonly StoredStack[]> {
    const ids = [...new Set((await client.listImages({}, { signal })).map(({ Id }) => imageIdOf(Id)))]
    const stacks: StoredStack[] = []
    const waiting = ids.values()
    const work = async (): Promise<void> => {
      for (const id of waiting) {
        try {
          stacks.push(await one(client, id, signal))
        } catch (error) {
          if (!(error instanceof NaruError) || (error.code !== 'image-not-found' && error.code !== 'not-found')) throw error
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    forget(client, new Set(ids))
    return stacks
  }

  /** Drops what is no longer listed. */
  function forget(client: EngineClient, listed: ReadonlySet<string>): void {
    const mine = known.get(client)
    for (const id of mine?.keys() ?? []) if (!listed.has(id)) mine?.delete(id)
  }

  return { all, one }
}
