/** Pictures among files: told by their first bytes, read whole when they are small enough to draw. */
import type { FileWindow } from '../../../../engine/contract/models.ts'

export type ReadWindow = (offset: number, length: number, signal: AbortSignal) => Promise<FileWindow>

/** Largest picture that is drawn, bytes. */
export const MOST_PICTURE = 16 * 1024 * 1024
/** Bytes of one call. */
const PIECE = 256 * 1024

const text = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to))

/** MIME type of a picture browsers draw; null for anything else. SVG is drawn as a picture, where nothing in it can run. */
export function pictureType(head: Uint8Array, name: string): string | null {
  if (text(head, 0, 4) === '\x89PNG') return 'image/png'
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'image/jpeg'
  if (/^GIF8[79]a$/.test(text(head, 0, 6))) return 'image/gif'
  if (text(head, 0, 4) === 'RIFF' && text(head, 8, 12) === 'WEBP') return 'image/webp'
  if (/^ftypavi[fs]$/.test(text(head, 4, 12))) return 'image/avif'
  if (text(head, 0, 4) === '\0\0\x01\0') return 'image/x-icon'
  if (text(head, 0, 2) === 'BM' && /\.bmp$/i.test(name)) return 'image/bmp'
  return /\.svg$/i.test(name) && /<svg[\s>]/.test(text(head, 0, 2_000)) ? 'image/svg+xml' : null
}

/** The whole picture, as it was when its first byte was read. */
export async function readPicture(read: ReadWindow, totalBytes: number, type: string, signal: AbortSignal): Promise<Blob> {
  const parts: BlobPart[] = []
  for (let at = 0; at < totalBytes; ) {
    const { bytes } = await read(at, Math.min(PIECE, totalBytes - at), signal)
    if (bytes.length === 0) break
    parts.push(new Uint8Array(bytes))
    at += bytes.length
  }
  return new Blob(parts, { type })
}
