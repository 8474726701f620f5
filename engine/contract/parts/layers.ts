/**
 * Contents of layers. `layers.analyse` reads an image once; the other calls answer from that. They fail with `not-found`
 * (hint `layers-absent`) when the image was not analysed, or its analysis gave way to newer ones: analyse again.
 */
import type {
  ComparePage,
  FileMark,
  FileWindow,
  LayerEntry,
  LayerFound,
  LayerPage,
  LayerSummary,
  LayerView,
} from '../models.ts'
import type { MethodRule, OfEngine, StreamRule } from './rules.ts'

export interface OfAnalysis extends OfEngine {
  /** `sha256:…` */
  readonly imageId: string
}

/** How a directory is listed. */
export interface ListQuery {
  /** The directory, `''` for the root. */
  readonly path: string
  /** Only these; a directory stays while anything below it has one of them. Absent = all. */
  readonly marks?: readonly FileMark[]
  /** Only paths with this text, case ignored; a directory stays while anything below it fits. */
  readonly text?: string
  /** `name`: directories and files mixed, by code point. `size`: cumulative. */
  readonly sort: 'name' | 'size'
  readonly descending: boolean
  readonly offset: number
  /** At most 1 000. */
  readonly limit: number
}

export interface OfFile extends OfAnalysis {
  readonly view: LayerView
  readonly path: string
}

export interface LayerMethods {
  'layers.summary': { arg: OfAnalysis; result: LayerSummary }
  /** One level. `not-found` when the directory is not in the view. */
  'layers.list': { arg: OfAnalysis & { readonly view: LayerView } & ListQuery; result: LayerPage }
  /** Attributes of one path. */
  'layers.stat': { arg: OfFile; result: LayerEntry }
  /** Paths of a view whose name or path has the text, case ignored; at most 1 000. */
  'layers.find': {
    arg: OfAnalysis & {
      readonly view: LayerView
      readonly text: string
      readonly marks?: readonly FileMark[]
      readonly limit: number
    }
    result: LayerFound
  }
  /** One level of two analysed images (each whole) laid over each other: `other` is the second, "after". */
  'layers.compare': { arg: OfAnalysis & { readonly other: OfAnalysis } & ListQuery; result: ComparePage }
  /**
   * Bytes of a file, at most 256 KiB a call. Hard links give their file's bytes; of what is removed, the bytes it had.
   * The first read exports the image again (seconds for a large one); more of the same file comes from memory when the
   * file is at most 16 MiB. `invalid-request` (hint `not-a-file`) for directories and other files without bytes.
   */
  'layers.read': { arg: OfFile & { readonly offset: number; readonly length: number }; result: FileWindow }
}

export interface LayerStreams {
  /**
   * A file's bytes, or a directory with all that is in it as a tar archive whose names begin with the directory's own name
   * and never lead out of it. Pauses when the reader does.
   */
  'layers.extract': { arg: OfFile; item: Uint8Array }
}

export interface LayerOperations {
  /**
   * Reads the image's export once. Progress: step `analysing` with one part (bytes so far of about all) and bytes per
   * second. `reused` when the analysis was there already.
   */
  'layers.analyse': { arg: OfAnalysis; result: { readonly imageId: string; readonly reused: boolean } }
}

export const LAYER_METHOD_RULES = {
  'layers.summary': { mutates: false, limitMs: 15_000 },
  'layers.list': { mutates: false, limitMs: 15_000 },
  'layers.stat': { mutates: false, limitMs: 15_000 },
  'layers.find': { mutates: false, limitMs: 15_000 },
  'layers.compare': { mutates: false, limitMs: 30_000 },
  'layers.read': { mutates: false, limitMs: 600_000 },
} as const satisfies { readonly [M in keyof LayerMethods]: MethodRule }

export const LAYER_STREAM_RULES = {
  'layers.extract': { noCredit: 'pause', window: 4 * 1024 * 1024, unit: 'bytes' },
} as const satisfies { readonly [S in keyof LayerStreams]: StreamRule }
