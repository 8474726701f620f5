/** The bytes of one file out of the tar an engine makes of it. */
import { NaruError } from '../contract/errors.ts'
import { nameOf } from '../contract/file-path.ts'
import { notAFile } from '../layers/content.ts'
import { TarScanner } from '../layers/tar-scanner.ts'

/**
 * What a file holds, as it comes; the archive is read no faster than the bytes are taken.
 * @throws NaruError `invalid-request` (`not-a-file`), `archive-broken` when the archive ends early, and what the source throws
 */
export async function* fileBytes(source: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<Uint8Array, void, undefined> {
  let pieces: Uint8Array[] = []
  let seen = false
  const scanner = new TarScanner(
    {
      entry(entry) {
        if (seen) return false
        if (entry.kind !== 'file') throw notAFile(nameOf(path))
        seen = true
        return true
      },
      // Engines write no sparse files: what is stored is what the file holds.
      data: (piece) => void pieces.push(piece),
      end: () => undefined,
    },
    { strictEnd: true },
  )
  for await (const chunk of source) {
    const wait = scanner.write(chunk)
    if (wait) await wait
    const ready = pieces
    pieces = []
    yield* ready
  }
  scanner.close()
  if (!seen) throw new NaruError('not-found', 'the archive is empty', { params: { name: nameOf(path) }, hint: 'no-such-path' })
}

/** Bytes from `offset` on, at most `length`; ends the source as soon as it has them. */
export async function windowOf(source: AsyncIterable<Uint8Array>, offset: number, length: number): Promise<Uint8Array> {
  const window = Buffer.alloc(length)
  let at = 0
  let filled = 0
  for await (const piece of source) {
    const from = Math.max(0, offset - at)
    if (from < piece.length) filled += Buffer.from(piece.buffer, piece.byteOffset, piece.length).copy(window, filled, from)
    at += piece.length
    if (filled >= length) break
  }
  return new Uint8Array(window.subarray(0, filled))
}

/** All bytes, which are no more than `most`. */
export async function wholeOf(source: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of source) {
    length += piece.length
    // It grew since it was asked for.
    if (length > most) break
    pieces.push(piece.slice())
  }
  return new Uint8Array(Buffer.concat(pieces))
}
