/** Archives on their way between this machine's files, the page and an engine. */

/** Where an archive is read from: a file the page sends piece by piece, or a file of the machine the engine room runs on. */
export type ArchiveSource =
  | { readonly kind: 'transfer'; readonly transferId: string; readonly name: string; readonly sizeBytes: number }
  | { readonly kind: 'path'; readonly path: string }

/** Where an archive is written to: the page saves it as `name`, or a file on the machine the engine room runs on. */
export type ArchiveTarget =
  | { readonly kind: 'transfer'; readonly transferId: string; readonly name: string }
  | { readonly kind: 'path'; readonly path: string; readonly overwrite: boolean }

/** What was written. */
export interface ArchiveWritten {
  readonly bytes: number
  /** Absent when the page saved it. */
  readonly path?: string
}
