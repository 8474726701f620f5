/**
 * Files in a container, running or stopped. Nothing is installed in it. Folders are listed by programs of the container
 * while it runs and has them, else out of its archive; bytes go through `docker cp`'s own calls.
 */
import type { ArchiveSource, ArchiveTarget, ArchiveWritten, FileEntry, FileMark, FileStat, FileWindow, FolderItem, FolderPage } from '../models.ts'
import type { MethodRule, OnContainer, StreamRule } from './rules.ts'

/** Largest piece of one `files.read`, bytes. */
export const READ_BYTES = 256 * 1024
/** Names one `files.existing` asks for at most. */
export const MOST_EXISTING = 500

interface OnPath extends OnContainer {
  readonly path: string
}

export interface PageQuery {
  /** Folders come first in every order. */
  readonly sort: 'name' | 'size' | 'modified'
  readonly descending: boolean
  /** Only names with this text, case ignored. */
  readonly text?: string
  readonly marks?: readonly FileMark[]
  readonly offset: number
  /** At most 1 000. */
  readonly limit: number
}

export interface FileMethods {
  /** A page of a listing that `files.open` made. `not-found` with hint `listing-gone` when it gave way to newer ones. */
  'files.page': { arg: { readonly listingId: string } & PageQuery; result: FolderPage }
  /** Follows links. `not-found` (`no-such-path`) also for a link that leads nowhere. */
  'files.stat': { arg: OnPath; result: FileStat }
  /**
   * Bytes of a file, links followed. What lies before `offset` is read and dropped, unless the file has at most 16 MiB.
   * `invalid-request` (`not-a-file`) for anything without bytes.
   */
  'files.read': { arg: OnPath & { readonly offset: number; readonly length: number }; result: FileWindow }
  /** Which of the names a folder has, links not followed; owners are not told (0). */
  'files.existing': { arg: OnPath & { readonly names: readonly string[] }; result: { readonly entries: readonly FileEntry[] } }
}

export interface FileStreams {
  /**
   * Lists a folder: how far it is, then the listing; once more when the marks are known. Leaving ends the reading.
   * `fresh`: what is kept of an earlier reading does not count.
   */
  'files.open': { arg: OnPath & { readonly fresh: boolean }; item: FolderItem }
}

export interface FileOperations {
  /** A file as it is, or a folder as a tar archive whose names begin with the folder's own. Links are followed. */
  'files.download': { arg: OnPath & { readonly target: ArchiveTarget }; result: ArchiveWritten }
  /**
   * Unpacks a tar archive of files and folders (nothing else, no name that leads out) in a folder. Files that are there
   * are written over. When it ends early, the file that was being written is deleted if the container runs and has `rm`;
   * otherwise the progress ends with step `incomplete` and that path as its one part.
   */
  'files.upload': { arg: OnPath & { readonly source: ArchiveSource & { readonly kind: 'transfer' }; readonly names: readonly string[] }; result: { readonly files: number; readonly bytes: number } }
  'files.make-folder': { arg: OnPath & { readonly name: string }; result: { readonly path: string } }
  /** `conflict` (`path-taken`) when the new name is there. Needs a running container with `mv`. */
  'files.rename': { arg: OnPath & { readonly newName: string }; result: { readonly path: string } }
  /** With all that is in folders; links themselves. Refuses mounts and what holds one. Needs a running container with `rm`. */
  'files.remove': { arg: OnContainer & { readonly paths: readonly string[] }; result: { readonly removed: number } }
}

export const FILE_METHOD_RULES = {
  'files.page': { mutates: false, limitMs: 15_000 },
  'files.stat': { mutates: false, limitMs: 30_000 },
  'files.read': { mutates: false, limitMs: 600_000 },
  'files.existing': { mutates: false, limitMs: 60_000 },
} as const satisfies { readonly [M in keyof FileMethods]: MethodRule }

export const FILE_STREAM_RULES = {
  'files.open': { noCredit: 'conflate', window: 8, unit: 'items' },
} as const satisfies { readonly [S in keyof FileStreams]: StreamRule }
