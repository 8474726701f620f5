/** How images lie in each other, what stands on them, and what everything takes on disk. */
import { diskUsage } from '../../images/disk.ts'
import { createStackReader } from '../../images/stack-reader.ts'
import { imageStack, stackSums } from '../../images/stacks.ts'
import type { MethodHandlers } from '../../link/handlers.ts'
import type { Services } from '../services.ts'

type StackHandlers = Pick<MethodHandlers, 'stacks.image' | 'stacks.sums' | 'stacks.writable' | 'system.disk'>

export function stackMethods({ engines }: Pick<Services, 'engines'>): StackHandlers {
  const reader = createStackReader()
  /** The engine's client, and a signal that ends with the caller or the connection. */
  const open = (engineId: string, signal: AbortSignal) => {
    const { client, signal: lost } = engines.connection(engineId)
    return { client, signal: AbortSignal.any([signal, lost]) }
  }
  return {
    'stacks.image': async ({ engineId, id }, context) => {
      const { client, signal } = open(engineId, context.signal)
      const all = await reader.all(client, signal)
      return imageStack(await reader.one(client, id, signal), all)
    },
    'stacks.sums': async ({ engineId }, context) => {
      const { client, signal } = open(engineId, context.signal)
      return stackSums(await reader.all(client, signal))
    },
    'system.disk': async ({ engineId }, context) => {
      const { client, signal } = open(engineId, context.signal)
      const raw = await client.diskUsage({ signal })
      // Podman tells no sum of layers and knows sharing only between parent and child: counted here instead.
      return raw.LayersSize ? diskUsage(raw) : diskUsage(raw, stackSums(await reader.all(client, signal)))
    },
    'stacks.writable': async ({ engineId, ids }, context) => {
      const { client, signal } = open(engineId, context.signal)
      const rows = await client.listContainers({ all: true, ids, size: true }, { signal })
      // Nothing written is told by leaving the size out.
      return { layers: rows.map(({ Id, SizeRw = 0 }) => ({ id: Id, writableBytes: Math.max(0, SizeRw) })) }
    },
  }
}
