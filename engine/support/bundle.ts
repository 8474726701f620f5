/** The support bundle: a handful of texts about this Naru, looked through for secrets, shown first and written only then. */
import { randomUUID } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import { createGzip } from 'node:zlib'
import { isAbsolute, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pack } from 'tar-stream'
import { NaruError } from '../contract/errors.ts'
import type { SupportBundle, SupportFile } from '../contract/models.ts'
import { fileError } from '../transfers/file-error.ts'

/** A text before it was looked through. */
export interface SupportSource {
  /** Its name in the archive; letters, digits, dots and dashes. */
  readonly name: string
  readonly read: () => Promise<string>
}

/** Of one file is kept at most this, characters; of a log the end. */
export const MOST_CHARS = 128 * 1024
/** Bundles that can still be saved; the oldest goes. */
const KEPT = 4

export interface SupportBundles {
  /** Never fails because of one source: its text then says why it is missing. */
  readonly gather: (sources: readonly SupportSource[], clean: (text: string) => string, now: Date) => Promise<SupportBundle>
  /**
   * Writes exactly the texts that `gather` gave, as a gzipped tar of 0600, never over another file. Gives the bytes written.
   * @throws NaruError `not-found` when it was gathered too long ago; `conflict`, `denied`, `no-space`, `invalid-request` {path}
   */
  readonly save: (id: string, path: string, home: string) => Promise<{ readonly path: string; readonly bytes: number }>
}

export function createSupportBundles(): SupportBundles {
  const kept = new Map<string, { readonly bundle: SupportBundle; readonly at: Date }>()
  return {
    async gather(sources, clean, now) {
      const files: SupportFile[] = []
      for (const { name, read } of sources) {
        const raw = await read().catch((error: unknown) => `not read: ${error instanceof Error ? error.message : String(error)}\n`)
        // Looked through before it is cut: half a secret is one as well.
        const text = toLines(clean(raw))
        files.push({ name, text, bytes: Buffer.byteLength(text) })
      }
      const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
      const bundle: SupportBundle = { id: randomUUID(), name: `naru-support-${stamp}`, files }
      kept.set(bundle.id, { bundle, at: now })
      for (const oldest of [...kept.keys()].slice(0, -KEPT)) kept.delete(oldest)
      return bundle
    },
    async save(id, path, home) {
      const found = kept.get(id)
      if (!found) throw new NaruError('not-found', 'the bundle was gathered too long ago', { hint: 'bundle-gone' })
      const full = path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path
      if (!isAbsolute(full)) throw new NaruError('invalid-request', `${path} is not a whole path`, { params: { path }, hint: 'path-not-absolute' })
      return { path: full, bytes: await write(full, found.bundle, found.at) }
    },
  }
}

/** The end of it, in whole lines and with no character that a terminal or page would act on. */
function toLines(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}]/gu, (mark) => (mark === '\n' || mark === '\t' ? mark : ''))
  if (plain.length <= MOST_CHARS) return plain
  const end = plain.slice(-MOST_CHARS)
  return `… (the last ${MOST_CHARS / 1024} KiB)\n${end.slice(end.indexOf('\n') + 1)}`
}

async function write(path: string, { name, files }: SupportBundle, at: Date): Promise<number> {
  // `wx`: a file that is there is somebody's, and a link is not followed.
  const handle = await open(path, 'wx', 0o600).catch((error: unknown) => {
    throw fileError(error, path)
  })
  try {
    const archive = pack()
    for (const file of files) archive.entry({ name: `${name}/${file.name}`, mode: 0o600, mtime: at, uid: 0, gid: 0 }, file.text)
    archive.finalize()
    const gzip = createGzip()
    const packing = pipeline(archive, gzip)
    for await (const piece of gzip) await handle.write(piece as Uint8Array)
    await packing
    await handle.sync()
    return (await handle.stat()).size
  } catch (error) {
    await unlink(path).catch(() => undefined)
    throw fileError(error, path)
  } finally {
    await handle.close().catch(() => undefined)
  }
}
