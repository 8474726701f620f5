/** Files and folders of the page as a tar, made while it is sent: nothing is read before its turn. Pure but for the files. */
import { PIECE_BYTES } from '../../engine/contract/parts/transfers.ts'

/** One file, or a folder (`file` null). */
export interface UploadItem {
  /** Below the folder that is uploaded to, parts with slashes between them, none of them empty or dots. */
  readonly path: string
  readonly file: File | null
  /** What the file in its place has; absent: as its content suggests. */
  readonly mode?: number
}

const BLOCK = 512
const encoder = new TextEncoder()
const FILE_MODE = 0o644
const PROGRAM_MODE = 0o755
/** Largest size the header's octal digits hold. */
const MOST_OCTAL = 8 ** 11

function write(block: Uint8Array, at: number, text: string): void {
  block.set(encoder.encode(text), at)
}

function header(name: Uint8Array, { size, mode, modified, type }: { size: number; mode: number; modified: number; type: '0' | '5' | 'x' }): Uint8Array {
  const block = new Uint8Array(BLOCK)
  block.set(name.subarray(0, 100))
  write(block, 100, `${mode.toString(8).padStart(7, '0')}\0`)
  write(block, 108, '0000000\0')
  write(block, 116, '0000000\0')
  write(block, 124, `${(size < MOST_OCTAL ? size : 0).toString(8).padStart(11, '0')}\0`)
  write(block, 136, `${Math.max(0, Math.floor(modified / 1000)).toString(8).padStart(11, '0')}\0`)
  write(block, 148, '        ')
  write(block, 156, type)
  write(block, 257, 'ustar\x0000')
  const sum = block.reduce((all, byte) => all + byte, 0)
  write(block, 148, `${sum.toString(8).padStart(6, '0')}\0 `)
  return block
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself. */
function record(key: string, value: Uint8Array): Uint8Array {
  const rest = encoder.encode(` ${key}=`)
  const bare = rest.length + value.length + 1
  let length = bare + String(bare).length
  if (String(length).length > String(bare).length) length = bare + String(length).length
  const bytes = new Uint8Array(length)
  const digits = encoder.encode(String(length))
  bytes.set(digits)
  bytes.set(rest, digits.length)
  bytes.set(value, digits.length + rest.length)
  bytes[length - 1] = 10
  return bytes
}

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK

function heads({ path, file }: UploadItem, mode: number): Uint8Array[] {
  const name = encoder.encode(file ? path : `${path}/`)
  const size = file?.size ?? 0
  const facts = { size, mode, modified: file?.lastModified ?? Date.now(), type: file ? ('0' as const) : ('5' as const) }
  const records = [...(name.length > 100 ? [record('path', name)] : []), ...(size >= MOST_OCTAL ? [record('size', encoder.encode(String(size)))] : [])]
  if (records.length === 0) return [header(name, facts)]
  const length = records.reduce((all, { length: one }) => all + one, 0)
  return [header(encoder.encode('record'), { size: length, mode: 0, modified: 0, type: 'x' }), ...records, new Uint8Array(padding(length)), header(name, facts)]
}

/** Bytes of the whole tar. */
export function tarSize(items: readonly UploadItem[]): number {
  const sizes = items.map((item) => heads(item, 0).reduce((all, { length }) => all + length, 0) + (item.file ? item.file.size + padding(item.file.size) : 0))
  return sizes.reduce((all, one) => all + one, 2 * BLOCK)
}

/** A script or a program of Linux can be run where it arrives: a browser does not tell modes. */
async function modeOf({ file, mode }: UploadItem): Promise<number> {
  if (!file) return PROGRAM_MODE
  if (mode !== undefined) return mode
  const [a, b, c, d] = new Uint8Array(await file.slice(0, 4).arrayBuffer())
  const script = a === 0x23 && b === 0x21
  const program = a === 0x7f && b === 0x45 && c === 0x4c && d === 0x46
  return script || program ? PROGRAM_MODE : FILE_MODE
}

/**
 * The tar in pieces of at most 1 MiB. A file that changes while it is sent throws.
 * @throws DOMException when a file cannot be read any more
 */
export async function* tarPieces(items: readonly UploadItem[]): AsyncGenerator<Uint8Array, void, undefined> {
  let piece = new Uint8Array(PIECE_BYTES)
  let filled = 0
  function* put(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
    for (let at = 0; at < bytes.length; ) {
      const taken = Math.min(bytes.length - at, piece.length - filled)
      piece.set(bytes.subarray(at, at + taken), filled)
      at += taken
      filled += taken
      if (filled < piece.length) continue
      yield piece
      piece = new Uint8Array(PIECE_BYTES)
      filled = 0
    }
  }
  for (const item of items) {
    for (const head of heads(item, await modeOf(item))) yield* put(head)
    if (!item.file) continue
    for (let at = 0; at < item.file.size; at += PIECE_BYTES) yield* put(new Uint8Array(await item.file.slice(at, at + PIECE_BYTES).arrayBuffer()))
    yield* put(new Uint8Array(padding(item.file.size)))
  }
  yield* put(new Uint8Array(2 * BLOCK))
  if (filled > 0) yield piece.subarray(0, filled)
}
