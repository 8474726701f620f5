/** Bytes of a layer as a plain tar, whatever it is packed with; told by its first bytes, never by a name. */
import { createGunzip } from 'node:zlib'
import type { Gunzip } from 'node:zlib'
import { Decompress, ZstdErrorCode } from 'fzstd'
import type { ZstdError } from 'fzstd'
import { NaruError } from '../contract/errors.ts'
import type { Wait } from './tar-scanner.ts'

export type Packing = 'plain' | 'gzip' | 'zstd' | 'xz' | 'bzip2'

/** Takes packed bytes, gives plain ones to `out`, one call at a time. */
export interface Unpacker {
  /** The next call waits for the promise of the one before. The bytes may be kept until it is settled. */
  readonly write: (chunk: Uint8Array) => Wait
  /** All bytes are in. Throws when the packed stream is cut. */
  readonly end: () => Wait
  /** Frees what it holds; after an error or when the rest is of no interest. */
  readonly destroy: () => void
}

/** Packed bytes handled at once: what they become is bounded with them (zstd: 128 KiB for each 4 bytes at worst). */
const GZIP_SLICE = 16 * 1024
const ZSTD_SLICE = 4 * 1024

const MAGIC: readonly (readonly [Packing, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['bzip2', [0x42, 0x5a, 0x68]],
]

/** Bytes that tell the packing. */
export const MAGIC_BYTES = 6

/** How bytes that begin so are packed; `plain` when no packing is known by that beginning. */
export function packingOf(head: Uint8Array): Packing {
  return MAGIC.find(([, magic]) => magic.every((byte, at) => head[at] === byte))?.[0] ?? 'plain'
}

/** @throws NaruError `unsupported` for packings that no container engine writes */
export function createUnpacker(packing: Packing, out: (piece: Uint8Array) => Wait): Unpacker {
  switch (packing) {
    case 'plain':
      return { write: out, end: () => undefined, destroy: () => undefined }
    case 'gzip':
      return new GzipUnpacker(out)
    case 'zstd':
      return new ZstdUnpacker(out)
    default:
      throw new NaruError('unsupported', `layers packed with ${packing} cannot be read`, { params: { name: packing }, hint: 'layer-packing' })
  }
}

class GzipUnpacker implements Unpacker {
  readonly #out: (piece: Uint8Array) => Wait
  readonly #gunzip: Gunzip
  #pieces: Uint8Array[] = []
  #failed: Error | null = null
  #onError: ((error: Error) => void) | null = null

  constructor(out: (piece: Uint8Array) => Wait) {
    this.#out = out
    this.#gunzip = createGunzip({ chunkSize: 256 * 1024 })
    this.#gunzip.on('data', (piece: Uint8Array) => this.#pieces.push(piece))
    this.#gunzip.on('error', (error) => {
      this.#failed = error
      this.#onError?.(error)
    })
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; at += GZIP_SLICE) {
      const slice = chunk.subarray(at, at + GZIP_SLICE)
      await this.#done((finished) => this.#gunzip.write(slice, finished))
      await this.#give()
    }
  }

  async end(): Promise<void> {
    await this.#done((finished) => {
      this.#gunzip.once('end', finished)
      this.#gunzip.end()
    })
    await this.#give()
  }

  destroy(): void {
    this.#gunzip.destroy()
  }

  #done(begin: (finished: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failed) return reject(this.#failed)
      this.#onError = reject
      begin((error) => (error ? reject(error) : resolve()))
    })
  }

  async #give(): Promise<void> {
    const pieces = this.#pieces
    this.#pieces = []
    for (const piece of pieces) {
      const wait = this.#out(piece)
      if (wait) await wait
    }
  }
}

class ZstdUnpacker implements Unpacker {
  readonly #out: (piece: Uint8Array) => Wait
  readonly #decompress: Decompress
  /** Of pieces that came while an earlier one was waited for. */
  #waiting: Uint8Array[] = []
  #wait: Wait = undefined

  constructor(out: (piece: Uint8Array) => Wait) {
    this.#out = out
    this.#decompress = new Decompress((piece) => {
      if (this.#wait) this.#waiting.push(piece)
      else if (piece.length > 0) this.#wait = this.#out(piece)
    })
  }

  write(chunk: Uint8Array): Wait {
    for (let at = 0; at < chunk.length; at += ZSTD_SLICE) {
      this.#push(chunk.slice(at, at + ZSTD_SLICE), false)
      if (this.#wait) return this.#settle().then(() => this.write(chunk.subarray(at + ZSTD_SLICE)))
    }
  }

  end(): Wait {
    this.#push(new Uint8Array(0), true)
    if (this.#wait) return this.#settle()
  }

  destroy(): void {
    this.#waiting = []
  }

  #push(bytes: Uint8Array, final: boolean): void {
    try {
      this.#decompress.push(bytes, final)
    } catch (error) {
      if ((error as Partial<ZstdError>).code !== ZstdErrorCode.WindowSizeTooLarge) throw error
      throw new NaruError('unsupported', 'a zstd layer with a window of more than 32 MiB cannot be read', {
        params: { name: 'zstd --ultra' },
        hint: 'layer-packing',
        cause: error,
      })
    }
  }

  async #settle(): Promise<void> {
    await this.#wait
    this.#wait = undefined
    const pieces = this.#waiting
    this.#waiting = []
    for (const piece of pieces) {
      const wait = this.#out(piece)
      if (wait) await wait
    }
  }
}
