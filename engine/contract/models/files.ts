/**
 * Files in a container. Names and paths are texts of `contract/file-path.ts`: absolute, normal, every byte kept.
 */
import type { FileMark } from './layers.ts'

export type FileKind = 'file' | 'directory' | 'symlink' | 'char-device' | 'block-device' | 'fifo' | 'socket' | 'unknown'

/** A mount of the container: what lies below it is not in the image and not in the container's own layer. */
export interface FileMount {
  /** `bind` | `volume` | `tmpfs` | what else an engine calls it */
  readonly type: string
  readonly destination: string
  /** Name of a volume, or the folder on the engine's machine. */
  readonly source: string
  readonly readOnly: boolean
}

/** One name in a folder. */
export interface FileEntry {
  readonly name: string
  /** `unknown` for what is `removed`. */
  readonly type: FileKind
  /** Bytes of a file; 0 for everything else. */
  readonly sizeBytes: number
  /** Permission bits with set-uid, set-gid and sticky: `mode & 0o7777`. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Milliseconds since 1970; 0 when not known. */
  readonly modifiedAt: number
  /** Symbolic links: where they lead, as written. */
  readonly linkTarget?: string
  /** Against the image. `removed`: the image has it, the container has not. */
  readonly mark: FileMark
  /** It is the root of a mount of this type. */
  readonly mount?: string
}

/**
 * How a folder was listed. `asked`: programs of the running container told, so it is as it was at that moment. `read`: out
 * of the container's archive, as `docker export` and `docker cp` give it, which is kept until the container changes.
 */
export type FolderSource = 'asked' | 'read'

/** Why names cannot be changed or deleted: that takes the container's own `mv` and `rm`, and a container that runs. */
export type ChangeRefusal = 'stopped' | 'paused' | 'no-tools'

export type FolderItem =
  | {
      readonly state: 'reading'
      readonly source: FolderSource
      /** Of the archive so far; 0 while asking. */
      readonly bytes: number
      /** Paths so far. */
      readonly found: number
    }
  | {
      readonly state: 'ready'
      /** Names the listing in `files.page`. */
      readonly listingId: string
      readonly path: string
      readonly source: FolderSource
      /** Milliseconds since 1970 at which it was so. */
      readonly readAt: number
      /** Names in it, removed ones not counted. */
      readonly total: number
      /** There are more than Naru lists. */
      readonly cut: boolean
      /** `none`: they cannot be known, or a mount has none. */
      readonly marks: 'reading' | 'ready' | 'none'
      /** The mount the folder lies in. */
      readonly mount?: FileMount
      /** Absent: names can be changed and deleted. */
      readonly refusal?: ChangeRefusal
    }

/** One page of a listing. */
export interface FolderPage {
  readonly entries: readonly FileEntry[]
  /** Names that pass the filters. */
  readonly total: number
}

/** What a path is, links followed inside the container. */
export interface FileStat {
  /** The path itself: for a link the one it leads to. */
  readonly path: string
  readonly type: FileKind
  readonly sizeBytes: number
  readonly mode: number
  readonly modifiedAt: number
}
