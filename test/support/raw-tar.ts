/** A tar whose names are bytes, which the library cannot write. */

export interface RawEntry {
  readonly name: Uint8Array
  readonly content: Uint8Array
  /** What the header says; default the content's. */
  readonly size?: number
  readonly mode?: number
}

const BLOCK = 512

function header({ name, content, size = content.length, mode = 0o644 }: RawEntry): Buffer {
  const block = Buffer.alloc(BLOCK)
  block.set(name.subarray(0, 100), 0)
  block.write(`${mode.toString(8).padStart(7, '0')}\0`, 100)
  block.write('0000000\0' + '0000000\0', 108)
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  block.write('00000000000\0', 136)
  block.write('        ', 148)
  block.write('0', 156)
  block.write('ustar\x0000', 257)
  block.write(`${block.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** Files only; names of at most 100 bytes. */
export function rawTar(entries: readonly RawEntry[]): Buffer {
  const parts = entries.flatMap((entry) => [header(entry), entry.content, Buffer.alloc((BLOCK - (entry.content.length % BLOCK)) % BLOCK)])
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}
