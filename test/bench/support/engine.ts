/** A real dockerd with a small image, and the client the benches make its containers with. */
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import type { EngineClient } from '../../../engine/docker/engine-client.ts'
import { connectEngine } from '../../../engine/docker/connect.ts'
import { busyboxArchive, hasBusybox } from '../../support/busybox-image.ts'
import { canRunDockerd, startDockerd } from '../../support/real-engine.ts'

const IMAGE = 'localhost/naru-bench/busybox:latest'

/** Why nothing can be measured on a real engine here; null when it can. */
export const whyNoDockerd: string | null =
  canRunDockerd && hasBusybox ? null : 'needs root, the engine bundle and a static BusyBox'

export interface BenchEngine {
  readonly socketPath: string
  /** Everything of it lies below; its processes name it. */
  readonly folder: string
  readonly client: EngineClient
  /** Makes a container and gives its id; it is not started. */
  readonly create: (script: string, more?: { readonly name?: string; readonly network?: string }) => Promise<string>
  readonly close: () => Promise<void>
}

export async function startBenchEngine(): Promise<BenchEngine> {
  const engine = await startDockerd()
  const made: string[] = []
  const client = await connectEngine(async () => connect(engine.socketPath), { engineId: 'bench', signal: AbortSignal.timeout(30_000) })
  for await (const message of client.loadImage(Readable.from([await busyboxArchive(IMAGE)]))) void message
  return {
    socketPath: engine.socketPath,
    folder: dirname(engine.socketPath),
    client,
    create: async (script, { name, network = 'none' } = {}) => {
      const body = { Image: IMAGE, Cmd: ['/bin/sh', '-c', script], HostConfig: { NetworkMode: network } }
      const { Id } = await client.createContainer(body, name ? { name } : {})
      made.push(Id)
      return Id
    },
    close: async () => {
      // They would outlive the daemon.
      await inBatches(made, 8, (id) => client.removeContainer(id, { force: true, volumes: true }).catch(() => undefined))
      client.close()
      await engine.close()
    },
  }
}

/** Does `work` for every item, `width` at a time. */
export async function inBatches<Item>(items: readonly Item[], width: number, work: (item: Item) => Promise<unknown>): Promise<void> {
  const rest = [...items]
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item)
    }),
  )
}
