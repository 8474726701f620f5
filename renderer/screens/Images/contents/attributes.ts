/** Attributes of files as `ls -l` writes them, and bytes as text or hex. Pure. */
import type { FileKind, FileType } from '../../../../engine/contract/models.ts'

const TYPE_SIGN: Readonly<Record<FileType | FileKind, string>> = { socket: 's', unknown: '?', file: '-', hardlink: '-', directory: 'd', symlink: 'l', 'char-device': 'c', 'block-device': 'b', fifo: 'p' }

/** `drwxr-xr-x`, with set-uid, set-gid and sticky as `ls` shows them. @param mode permission bits, `mode & 0o7777` */
export function modeText(type: FileType | FileKind, mode: number): string {
  const triple = (shift: number, special: number, sign: string): string => {
    const bits = (mode >> shift) & 7
    const run = (bits & 1) !== 0
    const last = (mode & special) !== 0 ? (run ? sign : sign.toUpperCase()) : run ? 'x' : '-'
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${last}`
  }
  return `${TYPE_SIGN[type]}${triple(6, 0o4000, 's')}${triple(3, 0o2000, 's')}${triple(0, 0o1000, 't')}`
}

/** Bytes at the beginning that are looked at to tell text from other files. */
const SNIFF_BYTES = 8_192

/** As git tells: a file with a zero byte near its beginning is no text. */
export function looksBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, SNIFF_BYTES).includes(0)
}

export interface TextWindow {
  readonly lines: readonly string[]
  /** Bytes of the window that the lines hold; the next window begins after them. */
  readonly usedBytes: number
}

/**
 * A window of a file as lines. The last line that the window cuts is left for the next one, unless it is the only one;
 * then the cut is at a whole character.
 * @param last the window reaches the file's end
 */
export function textWindow(bytes: Uint8Array, last: boolean): TextWindow {
  const newline = bytes.lastIndexOf(10)
  const end = last ? bytes.length : newline >= 0 ? newline + 1 : wholeCharacters(bytes)
  const text = new TextDecoder().decode(bytes.subarray(0, end))
  const lines = text.split(/\r?\n/)
  if (lines.length > 1 && lines.at(-1) === '') lines.pop()
  return { lines, usedBytes: end }
}

/** Length without a UTF-8 character that the end cuts. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return bytes.length
    if (byte >= 0xc0) {
      const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return back < needs ? Math.max(1, bytes.length - back) : bytes.length
    }
  }
  return bytes.length
}

/** Bytes in a line of a hex view. */
export const HEX_BYTES = 16

export interface HexLine {
  readonly offset: string
  readonly hex: string
  readonly text: string
}

/** @param offset of the first byte in the file */
export function hexLines(bytes: Uint8Array, offset: number): HexLine[] {
  return Array.from({ length: Math.ceil(bytes.length / HEX_BYTES) }, (_, line) => {
    const part = bytes.subarray(line * HEX_BYTES, (line + 1) * HEX_BYTES)
    const pairs = Array.from(part, (byte) => byte.toString(16).padStart(2, '0'))
    return {
      offset: (offset + line * HEX_BYTES).toString(16).padStart(8, '0'),
      hex: [pairs.slice(0, 8).join(' '), pairs.slice(8).join(' ')].filter(Boolean).join('  ').padEnd(48),
      text: Array.from(part, (byte) => (byte >= 32 && byte < 127 ? String.fromCodePoint(byte) : '·')).join(''),
    }
  })
}

/** Name a saved file or folder gets: a folder comes as a tar archive. */
export function saveName(path: string, type: FileType | FileKind): string {
  const name = (path.split('/').at(-1) ?? '').replace(/[^\p{L}\p{N}._+-]+/gu, '-').slice(0, 120) || 'root'
  return type === 'directory' ? `${name}.tar` : name
}

interface Placed {
  readonly diffId: string
}

/**
 * Place of an instruction in the analysis: the two may not agree about settings, but layers with files are in the same
 * order. For a setting the layer it lies on; -1 below the lowest.
 */
export function analysedIndex(layers: readonly Placed[], analysed: readonly Placed[], index: number): number {
  const position = layers.slice(0, index + 1).filter(({ diffId }) => diffId !== '').length
  if (position === 0) return -1
  let seen = 0
  return analysed.findIndex(({ diffId }) => diffId !== '' && (seen += 1) === position)
}
