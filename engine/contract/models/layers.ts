/**
 * What lies in an image's layers. Paths have no leading slash (`etc/passwd`; the root directory is `''`), no `.` or `..`
 * and no empty part. A byte of a name that is no UTF-8 is written `\xHH`. Layers are counted base first from 0, as in
 * `ImageDetail.layers`: instructions that made no layer have their place and number too.
 */

/** What a layer does to a path, against all layers below it. */
export type FileMark = 'added' | 'changed' | 'removed' | 'unmodified'

/** `hardlink`: another name of the file `linkTarget`; it has that file's bytes and takes none itself. */
export type FileType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'char-device' | 'block-device' | 'fifo'

/**
 * Which tree is meant. `layer`: only what that layer carries (a path it carries again without a difference is
 * `unmodified`; whiteouts are `removed`). `stack`: everything as it is after that layer, with that layer's marks (what it
 * did not touch is `unmodified`; what it removed is listed once more, as `removed`).
 */
export interface LayerView {
  readonly kind: 'layer' | 'stack'
  /** Index into `LayerSummary.layers`. */
  readonly layer: number
}

/** Number of paths that are no directory, by mark. */
export interface MarkCounts {
  readonly added: number
  readonly changed: number
  readonly removed: number
  readonly unmodified: number
}

/** `absent`: start `layers.analyse` first. */
export type LayerSummary = { readonly state: 'absent' } | ({ readonly state: 'ready' } & LayerAnalysis)

export interface LayerAnalysis {
  readonly imageId: string
  /** Base first, empty ones in their place. */
  readonly layers: readonly AnalysedLayer[]
  /**
   * 0..1 by dive's formula: for each path the least bytes any layer stores for it, summed, divided by all bytes stored for
   * paths. 1 for an image without files.
   */
  readonly efficiency: number
  /** Bytes of all layers' files together: what the image takes, without tar headers. */
  readonly totalBytes: number
  /** Bytes in every copy of a path that more than one layer touches, removed ones included (dive's "wasted space"). */
  readonly wastedBytes: number
  /** At most 200, most bytes first. */
  readonly wasted: readonly WastedPath[]
  /** How many paths are wasteful in all. */
  readonly wastedCount: number
  /** How the analysis went; `exportBytes` per `milliseconds` is its speed. */
  readonly exportBytes: number
  readonly milliseconds: number
}

export interface AnalysedLayer {
  readonly index: number
  /** Digest of the layer's blob as the image archive names it (compressed or not); empty without a layer. */
  readonly digest: string
  /** Digest of the layer's plain tar, `sha256:…`; empty for an instruction that made no layer. */
  readonly diffId: string
  /** The instruction as the image's history tells it; empty when it does not. */
  readonly command: string
  /** True for an instruction that made no layer: it has no tree of its own, its stack is the one below. */
  readonly empty: boolean
  /** Bytes of that blob as the engine's export holds it: compressed unless `digest` equals `diffId`; 0 without a layer. */
  readonly blobBytes: number
  /** Bytes of the files the layer carries. */
  readonly sizeBytes: number
  /** What the layer carries and removes; a removed directory counts once for each path that it hid. */
  readonly counts: MarkCounts
}

export interface WastedPath {
  readonly path: string
  /** Layers that carry or remove it. */
  readonly count: number
  readonly bytes: number
}

/** One path of a view or of a comparison. */
export interface LayerEntry {
  readonly name: string
  readonly path: string
  readonly type: FileType
  readonly mark: FileMark
  /** Bytes of the file; of everything below it that is not removed for a directory; of what it was for a removed one. */
  readonly sizeBytes: number
  /** Permission bits with set-uid, set-gid and sticky: `mode & 0o7777`. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /** Symbolic links: as written. Hard links: the path of the file they name. */
  readonly linkTarget?: string
  /** The layer its content comes from, index into `LayerSummary.layers`. */
  readonly layer: number
  /** A directory that has children in this view (before any filter). */
  readonly hasChildren: boolean
  /** Directories: paths below it by mark, so that a closed one can tell what it hides. */
  readonly below?: MarkCounts
}

/** One page of a directory of a view. */
export interface LayerPage {
  readonly path: string
  readonly entries: readonly LayerEntry[]
  /** Entries of the directory that pass the filters. */
  readonly total: number
}

/** Paths found by a text, in path order. */
export interface LayerFound {
  readonly entries: readonly LayerEntry[]
  readonly total: number
}

/** One page of a directory of two images laid over each other, with what changed in all. */
export interface ComparePage {
  readonly path: string
  readonly entries: readonly CompareEntry[]
  readonly total: number
  readonly totals: CompareTotals
}

/** Attributes are those of the second image, or of the first for what is `removed`. */
export interface CompareEntry extends LayerEntry {
  /** Size in the first image, 0 when added; `sizeBytes` is the size in the second, 0 when removed. */
  readonly beforeBytes: number
}

export interface CompareTotals {
  readonly counts: MarkCounts
  readonly beforeBytes: number
  readonly afterBytes: number
}

/** A piece of a file. */
export interface FileWindow {
  readonly offset: number
  /** Fewer than asked for at the file's end. */
  readonly bytes: Uint8Array
  readonly totalBytes: number
}
