/** How images lie in each other, what stands on them, and what everything takes on disk. */
import type { EngineClient } from '../../docker/engine-client.ts'
import { diskUsage } from '../../images/disk.ts'
import { createStackReader } from '../../images/stack-reader.ts'
import { imageStack, stackSums } from '../../images/stacks.ts'
import type { MethodHandlers } from '../../link/handlers.ts'
import { withAny } from '../../system/signals.ts'
import type { Services } from '../services.ts'

type StackHandlers = Pick<MethodHandlers, 'stacks.image' | 'stacks.sums' | 'stacks.writable' | 'system.disk'>

export function stackMethods({ engines }: Pick<Services, 'engines'>): StackHandlers {
  const reader = createStackReader()
  /** With the engine's client, and a signal that ends with the caller or the connection. */
  const withEngine = async <T>(engineId: string, caller: AbortSignal, work: (client: EngineClient, signal: AbortSignal) => Promise<T>): Promise<T> => {
    const { client, signal: lost } = engines.connection(engineId)
    return withAny([caller, lost], (signal) => work(client, signal))
  }
  return {
    'stacks.image': ({ engineId, id }, context) =>
      withEngine(engineId, context.signal, async (client, signal) => {
        const all = await reader.all(client, signal)
        return imageStack(await reader.one(client, id, signal), all)
      }),
    'stacks.sums': ({ engineId }, context) => withEngine(engineId, context.signal, async (client, signal) => stackSums(await reader.all(client, signal))),
    'system.disk': ({ engineId }, context) =>
      withEngine(engineId, context.signal, async (client, signal) => {
        const raw = await client.diskUsage({ signal })
        // Podman tells no sum of layers and knows sharing only between parent and child: counted here instead.
        return raw.LayersSize ? diskUsage(raw) : diskUsage(raw, stackSums(await reader.all(client, signal)))
      }),
    'stacks.writable': ({ engineId, ids }, context) =>
      withEngine(engineId, context.signal, async (client, signal) => {
        const rows = await client.listContainers({ all: true, ids, size: true }, { signal })
        // Nothing written is told by leaving the size out.
        return { layers: rows.map(({ Id, SizeRw = 0 }) => ({ id: Id, writableBytes: Math.max(0, SizeRw) })) }
      }),
  }
}
