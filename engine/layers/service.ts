/** Layers for the engine room: exports go through the worker into analyses; files are read from a second export. */
import { NaruError } from '../contract/errors.ts'
import type { FileWindow, LayerSummary, OperationProgress } from '../contract/models.ts'
import type { OfAnalysis, OfFile } from '../contract/parts/layers.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { createSlots } from '../operations/slots.ts'
import { withAny } from '../system/signals.ts'
import { readContent } from './content.ts'
import { tarOfMembers } from './extract.ts'
import { FileCache } from './file-cache.ts'
import type { FilePlan } from './plan.ts'
import type { RoomCalls } from './protocol.ts'
import { createRate } from './rate.ts'
import { RoomClient, workerPort } from './room-client.ts'
import type { RoomPort } from './room-client.ts'

export interface LayerServiceOptions {
  /** Bundle of engine/layers/worker.ts. */
  readonly workerPath: string
  /** The connected engine; throws while it is not. Its signal is aborted when the connection is lost. */
  readonly connection: (engineId: string) => { readonly client: EngineClient; readonly signal: AbortSignal }
  /** Where the room runs; a worker thread unless told otherwise. */
  readonly port?: () => RoomPort
}

export interface AnalyseContext {
  readonly signal: AbortSignal
  readonly report: (progress: OperationProgress) => void
}

/** Exports under way at a time: each makes the engine write the whole image. */
const EXPORTS = 2
/** Bytes between two reports of progress. */
const REPORT_BYTES = 256 * 1024
/** The room ends an analysis with the score: about a second for a million paths. */
const FINISH_LIMIT_MS = 300_000

const keyOf = ({ engineId, imageId }: OfAnalysis): string => `${engineId}\n${imageId}`

export class LayerService {
  readonly #options: LayerServiceOptions
  readonly #slots = createSlots(EXPORTS)
  readonly #files = new FileCache()
  /** Analyses of each image wait for each other: the second finds what the first made. */
  readonly #running = new Map<string, Promise<boolean>>()
  #room: RoomClient | null = null

  constructor(options: LayerServiceOptions) {
    this.#options = options
  }

  /**
   * Reads the image's export into an analysis, unless there is one.
   * @throws NaruError `archive-broken`, `image-not-found`, `unsupported`, `cancelled`, and what a connection throws
   */
  async analyse(of: OfAnalysis, context: AnalyseContext): Promise<{ imageId: string; reused: boolean }> {
    const key = keyOf(of)
    for (let other = this.#running.get(key); other; other = this.#running.get(key)) await settled(other, context.signal)
    const running = this.#unlessKept(of, context)
    this.#running.set(key, running)
    try {
      return { imageId: of.imageId, reused: await running }
    } finally {
      this.#running.delete(key)
    }
  }

  /** True when it was there already. */
  async #unlessKept(of: OfAnalysis, context: AnalyseContext): Promise<boolean> {
    if ((await this.summary(of)).state === 'ready') return true
    await this.#analyse(of, context)
    return false
  }

  async summary(of: OfAnalysis): Promise<LayerSummary> {
    // Nothing was analysed while there is no worker.
    const found = this.#room && !this.#room.ended ? await this.#room.call('summary', { key: keyOf(of) }) : null
    return found ? { state: 'ready', ...found } : { state: 'absent' }
  }

  /** What the room answers from an analysis; `key` comes from `keyOf`. */
  ask<N extends 'list' | 'stat' | 'find' | 'compare'>(name: N, arg: RoomCalls[N]['arg']): Promise<RoomCalls[N]['result']> {
    return this.#worker().call(name, arg)
  }

  #worker(): RoomClient {
    if (!this.#room || this.#room.ended) this.#room = new RoomClient(this.#options.port?.() ?? workerPort(this.#options.workerPath))
    return this.#room
  }

  readonly keyOf = keyOf

  async read(of: OfFile & { readonly offset: number; readonly length: number }, signal: AbortSignal): Promise<FileWindow> {
    const { view, path, offset, length } = of
    const plan = await this.#worker().call('planFile', { key: keyOf(of), view, path })
    const end = Math.min(plan.size, offset + length)
    const window = (bytes: Uint8Array): FileWindow => ({ offset, bytes, totalBytes: plan.size })
    if (offset >= end) return window(new Uint8Array(0))
    const name = `${keyOf(of)}\n${plan.place.file}\n${plan.place.ordinal}`
    const kept = this.#files.get(name)
    if (kept) return window(kept.slice(offset, end))
    const whole = this.#files.fits(plan.size)
    const bytes = await this.#slots.run(signal, () => this.#readRange(of, plan, whole ? 0 : offset, whole ? plan.size : end, signal))
    if (!whole) return window(bytes)
    this.#files.keep(name, bytes)
    return window(bytes.slice(offset, end))
  }

  async *extract(of: OfFile, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const plan = await this.#worker().call('planExtract', { key: keyOf(of), view: of.view, path: of.path })
    if (plan.kind === 'directory') yield* tarOfMembers(plan.members, () => this.#export(of, signal))
    else if (plan.file.size > 0) yield* readContent(this.#export(of, signal), plan.file.place)
  }

  async close(): Promise<void> {
    await this.#room?.close()
  }

  async #analyse(of: OfAnalysis, { signal, report }: AnalyseContext): Promise<void> {
    report(progressOf(0, 0))
    await this.#slots.run(signal, async () => {
      const total = await this.#expectedBytes(of, signal)
      report(progressOf(0, total))
      const room = this.#worker()
      const feed = await room.openFeed()
      let done = false
      try {
        const began = performance.now()
        const rate = createRate()
        let taken = 0
        let told = 0
        for await (const chunk of this.#export(of, signal)) {
          await feed.write(chunk)
          taken += chunk.length
          if (taken - told < REPORT_BYTES) continue
          told = taken
          report(progressOf(taken, total, rate(taken, performance.now())))
        }
        await feed.flush()
        report(progressOf(taken, total, rate(taken, performance.now())))
        if (signal.aborted) throw new NaruError('cancelled', 'the analysis was cancelled')
        const milliseconds = Math.round(performance.now() - began)
        await room.call('finish', { session: feed.session, key: keyOf(of), imageId: of.imageId, milliseconds }, FINISH_LIMIT_MS)
        done = true
      } finally {
        room.closeFeed(feed)
        if (!done && !room.ended) await room.call('abort', { session: feed.session }).catch(() => undefined)
      }
    })
  }

  /** About what the export will have; 0 when the engine does not tell. */
  async #expectedBytes({ engineId, imageId }: OfAnalysis, signal: AbortSignal): Promise<number> {
    const { client, signal: lost } = this.#options.connection(engineId)
    const { Size } = await withAny([signal, lost], (both) => client.inspectImage(imageId, { signal: both }))
    return Size ?? 0
  }

  async *#export({ engineId, imageId }: OfAnalysis, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const { client, signal: lost } = this.#options.connection(engineId)
    yield* client.saveImages([imageId], { signal: AbortSignal.any([signal, lost]) })
  }

  async #readRange(of: OfAnalysis, { place }: FilePlan, from: number, to: number, signal: AbortSignal): Promise<Uint8Array> {
    const bytes = new Uint8Array(to - from)
    let at = 0
    for await (const piece of readContent(this.#export(of, signal), place)) {
      const end = at + piece.length
      if (end > from) bytes.set(piece.subarray(Math.max(0, from - at), Math.min(piece.length, to - at)), Math.max(0, at - from))
      at = end
      if (at >= to) return bytes
    }
    throw new NaruError('internal', 'a file of the image is shorter than it was')
  }
}

/** `currentBytes` 0 = the engine gathers the archive. */
function progressOf(currentBytes: number, expected: number, bytesPerSecond?: number): OperationProgress {
  const totalBytes = Math.max(currentBytes, expected)
  const part = { id: 'export', state: currentBytes > 0 ? 'reading' : 'waiting', currentBytes, totalBytes } as const
  return { step: 'analysing', parts: [part], ...(bytesPerSecond !== undefined && { bytesPerSecond }) }
}

/** Waits for another's work, whatever comes of it. */
async function settled(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let onAbort: () => void = () => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(new NaruError('cancelled', 'cancelled'))
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    await Promise.race([work.catch(() => undefined), aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
