/**
 * Files that are being written in a person's folders, noted in the state folder: what a Naru that was killed left of them
 * is taken away by the next one.
 */
import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readFile, readdir, unlink, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'

export interface Parts {
  /** Notes a file before it is made; what it gives forgets it again. Without a note the file is written all the same. */
  readonly begin: (path: string) => Promise<() => Promise<void>>
}

/** What {@link partOf} makes; nothing else is ever deleted. */
const PART = /\.[0-9a-f]{8}\.part$/

/** The name a file has until it is whole. */
export const partOf = (path: string): string => `${path}.${randomUUID().slice(0, 8)}.part`

export function openParts(folder: string): Parts {
  return {
    async begin(path) {
      const note = join(folder, randomUUID())
      await mkdir(folder, { recursive: true, mode: 0o700 }).then(() => writeFile(note, path, { mode: 0o600, flag: 'wx' })).catch(() => undefined)
      return () => unlink(note).catch(() => undefined)
    },
  }
}

/** Takes away what notes of an earlier Naru name. Call it before anything is written. Gives the paths; never rejects. */
export async function sweepParts(folder: string): Promise<readonly string[]> {
  const taken: string[] = []
  for (const name of await readdir(folder).catch(() => [])) {
    const note = join(folder, name)
    const path = await readFile(note, 'utf8').catch(() => '')
    if (isAbsolute(path) && PART.test(path) && (await lstat(path).catch(() => null))?.isFile()) await unlink(path).then(() => taken.push(path), () => undefined)
    await unlink(note).catch(() => undefined)
  }
  return taken
}
