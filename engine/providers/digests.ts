/** Files that come with Naru, held against the digests their manifest names. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { NaruError } from '../contract/errors.ts'

/** SHA-256, hex, by absolute path. */
export type Digests = Readonly<Record<string, string>>

export const MANIFEST_FORMAT = 1
const COMPARED_AT_ONCE = 4

/** Members of a manifest's text; none when it is no JSON. */
export function manifestIn(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>
  } catch {
    return {}
  }
}

/**
 * What a manifest of ours (vm/image/build-image.mjs, vm/qemu-bundle/build-qemu.mjs, native/bundle/build-bundle.mjs) says
 * of the files `wanted`: `files` is `{name: {size, sha256}}`. Null when it is none of this format, or one of them has no digest.
 */
export function digestsIn(text: string, folder: string, wanted: (name: string) => boolean): Digests | null {
  const { format, files } = manifestIn(text)
  if (format !== MANIFEST_FORMAT || typeof files !== 'object' || files === null) return null
  const named: [string, string][] = []
  for (const [name, entry] of Object.entries(files).filter(([name]) => wanted(name))) {
    const { sha256 } = Object(entry) as { sha256?: unknown }
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return null
    named.push([join(folder, name), sha256])
  }
  return Object.fromEntries(named)
}

/**
 * Reads every file and compares. About 0.1 s per 100 MB. The first that differs or cannot be read is thrown as `corrupt`
 * makes it of its path and what was found. @throws NaruError `cancelled`
 */
export async function compareFiles(digests: Digests, signal: AbortSignal, corrupt: (path: string, detail: string) => NaruError): Promise<void> {
  const left = Object.entries(digests).values()
  const lane = async (): Promise<void> => {
    for (const [path, wanted] of left) {
      const found = await digestOf(path, signal).catch((error: unknown) => {
        if (signal.aborted) throw new NaruError('cancelled', 'cancelled')
        throw corrupt(path, String(error))
      })
      if (found !== wanted) throw corrupt(path, `sha256 ${found}, not ${wanted}`)
    }
  }
  await Promise.all(Array.from({ length: COMPARED_AT_ONCE }, lane))
}

async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash, { signal })
  return hash.digest('hex')
}

/** True when every file is there; cheap, for a look. */
export async function areThere(digests: Digests): Promise<boolean> {
  const found = await Promise.all(Object.keys(digests).map((path) => stat(path).then(() => true, () => false)))
  return found.every(Boolean)
}
