/** From an archive to an analysis: the trees of its layers, the score, and what each layer did. */
import { createReadStream } from 'node:fs'
import { NaruError } from '../contract/errors.ts'
import { ArchiveReader } from './archive-reader.ts'
import { BoundMeter, LAYER_BOUND } from './bound.ts'
import type { LayerBound } from './bound.ts'
import { EntryTable } from './entry-table.ts'
import { Fold, MARK } from './fold.ts'
import type { Mark } from './fold.ts'
import { LayerReader } from './layer-reader.ts'
import type { LayerBlob } from './layer-reader.ts'
import { planLayers } from './manifest.ts'
import type { PlannedLayer } from './manifest.ts'
import { PathTable } from './path-table.ts'
import { Scorer } from './score.ts'
import type { Score } from './score.ts'

export interface AnalysedTree {
  readonly paths: PathTable
  readonly entries: EntryTable
  readonly layers: readonly TreeLayer[]
  readonly score: Score
  /** Bytes of the archive. */
  readonly archiveBytes: number
  /** Bytes the analysis takes in memory. */
  readonly bytes: number
}

export interface TreeLayer extends PlannedLayer {
  readonly blob: LayerBlob | null
  /** Bytes of its blob as the archive holds it; 0 without a layer. */
  readonly blobBytes: number
  /** Bytes of the files it carries. */
  readonly sizeBytes: number
  /** Files and other things that are no directory, which it carries. */
  readonly files: number
  /** Paths that are no directory, indexed by mark. */
  readonly counts: readonly [unmodified: number, added: number, changed: number, removed: number]
}

export interface AnalyseOptions {
  /** `sha256:…`: which image, when the archive holds several. */
  readonly imageId?: string
  /** Another bound than LAYER_BOUND. */
  readonly bound?: LayerBound
  readonly signal?: AbortSignal
  /** Told after each piece: bytes of the archive so far. */
  readonly onProgress?: (bytes: number) => void
}

/** Paths in the list of the wasteful. */
export const MOST_WASTED = 200

/**
 * Takes the archive piece by piece; `write` in turn, then `finish`. Nothing of an archive that turns out broken is shown.
 */
export class Analyser {
  readonly #paths = new PathTable()
  readonly #entries = new EntryTable()
  readonly #blobs = new Map<string, LayerBlob & { readonly storedBytes: number }>()
  readonly #archive: ArchiveReader
  #scratch: Int32Array = new Int32Array(1024)

  constructor(bound = LAYER_BOUND) {
    const meter = new BoundMeter(bound)
    let reader: LayerReader | null = null
    this.#archive = new ArchiveReader({
      open: () => (reader = new LayerReader(this.#paths, this.#entries, meter, this.#scratch)),
      close: (name, storedBytes) => {
        if (!reader) return
        const { blob, scratch } = reader.finish()
        this.#blobs.set(name, { ...blob, storedBytes })
        this.#scratch = scratch
      },
    })
  }

  /** Bytes taken so far. */
  get position(): number {
    return this.#archive.position
  }

  write(chunk: Uint8Array): void | Promise<void> {
    return this.#archive.write(chunk)
  }

  /** @throws NaruError `archive-broken`, `unsupported` (also: more files than LAYER_BOUND) */
  async finish(imageId?: string): Promise<AnalysedTree> {
    const parts = await this.#archive.end()
    const planned = planLayers(parts, (file) => this.#blobs.has(file), this.position, imageId)
    const fold = new Fold(this.#paths, this.#entries)
    const scorer = new Scorer(this.#entries, this.#paths.count)
    const layers = planned.map((layer) => this.#lay(layer, fold, scorer))
    const bytes = this.#paths.bytes + this.#entries.bytes
    return { paths: this.#paths, entries: this.#entries, layers, score: scorer.result(MOST_WASTED, (path) => this.#paths.textOf(path)), archiveBytes: this.position, bytes }
  }

  destroy(): void {
    this.#archive.destroy()
  }

  #lay(layer: PlannedLayer, fold: Fold, scorer: Scorer): TreeLayer {
    const blob = layer.empty ? null : (this.#blobs.get(layer.file) ?? null)
    const counts: [number, number, number, number] = [0, 0, 0, 0]
    let sizeBytes = 0
    let files = 0
    fold.lay(blob, (path, mark: Mark, before, after) => {
      scorer.touch(path, mark, before, after)
      const shown = mark === MARK.removed ? before : after
      if (this.#entries.isDirectory(shown)) return
      counts[mark]++
      if (mark === MARK.removed) return
      files++
      sizeBytes += this.#entries.size[shown] ?? 0
    })
    return { ...layer, blob, blobBytes: blob?.storedBytes ?? 0, sizeBytes, files, counts }
  }
}

/** Reads a whole archive. @throws NaruError `archive-broken`, `unsupported`, `cancelled` */
export async function analyseTree(source: AsyncIterable<Uint8Array>, options: AnalyseOptions = {}): Promise<AnalysedTree> {
  const analyser = new Analyser(options.bound)
  try {
    for await (const chunk of source) {
      refuseAborted(options.signal)
      const wait = analyser.write(chunk)
      if (wait) await wait
      options.onProgress?.(analyser.position)
    }
    refuseAborted(options.signal)
    return await analyser.finish(options.imageId)
  } finally {
    analyser.destroy()
  }
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new NaruError('cancelled', 'the analysis was cancelled', { cause: signal.reason })
}

export interface ArchiveAnalysis {
  /** Base first; instructions that made no layer keep their place, with an empty digest. */
  readonly layers: readonly {
    readonly digest: string
    readonly diffId: string
    readonly command: string
    readonly empty: boolean
    readonly sizeBytes: number
    /** How many files (and links, devices: all but directories) the layer carries. */
    readonly files: number
    readonly added: number
    readonly changed: number
    readonly removed: number
    readonly unmodified: number
  }[]
  /** 0..1; see score.ts for the formula. */
  readonly efficiency: number
  readonly totalBytes: number
  readonly wastedBytes: number
  /** The worst 200, most bytes first. */
  readonly wasted: readonly { readonly path: string; readonly count: number; readonly bytes: number }[]
}

/**
 * Analyses the archive of an image (docker-archive, OCI, or both in one; layers plain, gzip or zstd): the path of a file or
 * a stream of its bytes, read once.
 * @throws NaruError `archive-broken` (params `position`: the byte), `unsupported`, `not-found` (no such file), `cancelled`
 */
export async function analyseArchive(
  pathOrStream: string | AsyncIterable<Uint8Array>,
  options: AnalyseOptions = {},
): Promise<ArchiveAnalysis> {
  const source = typeof pathOrStream === 'string' ? fileBytes(pathOrStream) : pathOrStream
  const { paths, layers, score } = await analyseTree(source, options)
  return {
    layers: layers.map(({ digest, diffId, command, empty, sizeBytes, files, counts }) => {
      const [unmodified, added, changed, removed] = counts
      return { digest, diffId, command, empty, sizeBytes, files, added, changed, removed, unmodified }
    }),
    efficiency: score.efficiency,
    totalBytes: score.totalBytes,
    wastedBytes: score.wastedBytes,
    wasted: score.wasted.map(({ path, count, bytes }) => ({ path: paths.textOf(path), count, bytes })),
  }
}

async function* fileBytes(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'not-found' : 'denied'
    throw new NaruError(code, `${path} cannot be read`, { params: { path, name: path }, cause: error })
  }
}
