/** The whole engine room in this process, with one peer attached over memory, in a state folder of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Operations } from '../../engine/contract/contract.ts'
import type { EnginesSnapshot, OperationName, OperationRow, StatePatch } from '../../engine/contract/models.ts'
import { createEngineHost } from '../../engine/index.ts'
import type { EngineHostOptions } from '../../engine/index.ts'
import { connectLink } from '../../engine/link/client.ts'
import type { Link } from '../../engine/link/client.ts'
import { memoryPair } from '../../engine/link/memory.ts'

export interface EngineRoom {
  readonly folder: string
  readonly link: Link
  /** One more page. */
  readonly attach: () => Link
  readonly lines: readonly string[]
  /** Starts an operation and gives its row once it has ended. */
  readonly run: <N extends OperationName>(name: N, arg: Operations[N]['arg']) => Promise<OperationRow>
  readonly start: <N extends OperationName>(name: N, arg: Operations[N]['arg']) => Promise<string>
  readonly settled: (operationId: string) => Promise<OperationRow>
  /** First snapshot of the engines that fits. */
  readonly engines: (fits: (snapshot: EnginesSnapshot) => boolean) => Promise<EnginesSnapshot>
  readonly close: () => Promise<void>
}

/** No operation of a test takes as long, milliseconds: what does has hung, and says so before its test's own limit. */
const SETTLE_MS = 100_000

export async function startEngineRoom(more: Partial<EngineHostOptions> = {}): Promise<EngineRoom> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-room-'))
  const lines: string[] = []
  const host = createEngineHost({
    stateFolder: join(folder, 'state'),
    shell: 'headless',
    version: '0.0.0-test',
    bundleFolder: join(folder, 'no-bundle'),
    engines: { providers: [] },
    welcomeImage: join(folder, 'no-welcome.tar'),
    logWorkerPath: join(folder, 'no-worker.cjs'),
    layerWorkerPath: join(folder, 'no-worker.cjs'),
    env: {},
    home: folder,
    log: (line) => lines.push(line),
    ...more,
  })
  const attach = (): Link => {
    const [ours, theirs] = memoryPair()
    host.attach(theirs)
    return connectLink(ours)
  }
  const link = attach()

  const settled = async (operationId: string): Promise<OperationRow> => {
    const signal = AbortSignal.timeout(SETTLE_MS)
    let last: OperationRow | undefined
    try {
      for await (const { upsert } of link.stream('operations.watch', {}, { signal })) {
        last = upsert.find(({ id }) => id === operationId) ?? last
        if (last && last.status !== 'running') return last
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
    throw new Error(`the operation did not end: ${JSON.stringify(last)}`)
  }
  const start = async <N extends OperationName>(name: N, arg: Operations[N]['arg']): Promise<string> => {
    const request = { name, arg } as Parameters<typeof link.call<'operations.start'>>[1]
    return (await link.call('operations.start', request)).operationId
  }
  return {
    folder,
    link,
    attach,
    lines,
    start,
    settled,
    run: async (name, arg) => settled(await start(name, arg)),
    engines: async (fits) => {
      const signal = AbortSignal.timeout(SETTLE_MS)
      let last: EnginesSnapshot | undefined
      try {
        for await (const snapshot of link.stream('engines.watch', {}, { signal })) {
          last = snapshot
          if (fits(snapshot)) return snapshot
        }
      } catch (error) {
        if (!signal.aborted) throw error
      }
      throw new Error(`the engines never became what was waited for: ${JSON.stringify(last)}`)
    },
    close: async () => {
      await host.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** What a page would hold after these patches. */
export class Page {
  readonly containers = new Map<string, StatePatch['containers']['upsert'][number]>()
  readonly images = new Map<string, StatePatch['images']['upsert'][number]>()
  readonly seen: StatePatch[] = []
  readonly #stop = new AbortController()
  readonly #done: Promise<void>

  constructor(link: Link) {
    this.#done = this.#read(link)
  }

  get last(): StatePatch | undefined {
    return this.seen.at(-1)
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#done
  }

  async #read(link: Link): Promise<void> {
    try {
      for await (const patch of link.stream('state.watch', {}, { signal: this.#stop.signal })) {
        if (patch.reset) {
          this.containers.clear()
          this.images.clear()
        }
        for (const id of patch.containers.remove) this.containers.delete(id)
        for (const row of patch.containers.upsert) this.containers.set(row.id, row)
        for (const id of patch.images.remove) this.images.delete(id)
        for (const row of patch.images.upsert) this.images.set(row.id, row)
        this.seen.push(patch)
      }
    } catch {
      // The test closed it, or the room went.
    }
  }
}
