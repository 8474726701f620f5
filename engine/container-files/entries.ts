/** What tar headers, `stat` and engines say of a file, in one form. */
import { pathText } from '../contract/file-path.ts'
import type { FileEntry, FileKind, FileStat } from '../contract/models.ts'
import type { RawPathStat } from '../docker/container-files.ts'

/** An entry before it is marked. */
export type PlainEntry = Omit<FileEntry, 'mark' | 'mount'>

/** Type bits of `st_mode`. Source: inode(7) */
const KIND_OF_BITS: Readonly<Record<number, FileKind>> = {
  0o100000: 'file',
  0o040000: 'directory',
  0o120000: 'symlink',
  0o020000: 'char-device',
  0o060000: 'block-device',
  0o010000: 'fifo',
  0o140000: 'socket',
}

/** The kind in the bits of `st_mode`. */
export const kindOfBits = (bits: number): FileKind => KIND_OF_BITS[bits & 0o170000] ?? 'unknown'

// Bits of Go's os.FileMode. Source: go.dev/src/io/fs/fs.go
const GO = { directory: 2 ** 31, symlink: 2 ** 27, device: 2 ** 26, fifo: 2 ** 25, socket: 2 ** 24, setuid: 2 ** 23, setgid: 2 ** 22, charDevice: 2 ** 21, sticky: 2 ** 20 }

function hasBit(mode: number, bit: number): boolean {
  return Math.floor(mode / bit) % 2 === 1
}

export function kindOfGoMode(mode: number): FileKind {
  if (hasBit(mode, GO.directory)) return 'directory'
  if (hasBit(mode, GO.symlink)) return 'symlink'
  if (hasBit(mode, GO.device)) return hasBit(mode, GO.charDevice) ? 'char-device' : 'block-device'
  if (hasBit(mode, GO.fifo)) return 'fifo'
  return hasBit(mode, GO.socket) ? 'socket' : 'file'
}

export function bitsOfGoMode(mode: number): number {
  return (mode % 0o1000) | (hasBit(mode, GO.setuid) ? 0o4000 : 0) | (hasBit(mode, GO.setgid) ? 0o2000 : 0) | (hasBit(mode, GO.sticky) ? 0o1000 : 0)
}

/** What an engine says of a path, as the contract has it. */
export function statOf(path: string, { size = 0, mode = 0, mtime = '' }: RawPathStat): FileStat {
  const type = kindOfGoMode(mode)
  const modifiedAt = Date.parse(mtime)
  return { path, type, sizeBytes: type === 'file' ? size : 0, mode: bitsOfGoMode(mode), modifiedAt: Number.isNaN(modifiedAt) ? 0 : modifiedAt }
}

/** The text of a link's target. */
export const targetText = (bytes: Uint8Array): string => pathText(bytes)
