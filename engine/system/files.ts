/** Files that are never half written, and a lock that a crash cannot leave behind. */
import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NaruError } from '../contract/errors.ts'
import { isAlive, readProcess } from './processes.ts'
import type { ProcessRef } from './processes.ts'

/** Writes through a temporary file that is synced and renamed: readers see the old or the new content, never a part. */
export async function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`
  await mkdir(dirname(path), { recursive: true })
  const file = await open(temporary, 'wx', mode)
  try {
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** The value in a JSON file as `accept` sees it; null when the file is missing, damaged or refused. */
export async function readJson<T>(path: string, accept: (value: unknown) => T | null): Promise<T | null> {
  try {
    return accept(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return null
  }
}

/** Reads a {@link ProcessRef} out of any value. */
export function asProcessRef(value: unknown): ProcessRef | null {
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('startTime' in value)) return null
  const { pid, startTime } = value
  return typeof pid === 'number' && typeof startTime === 'number' ? { pid, startTime } : null
}

export interface FileLock {
  readonly release: () => Promise<void>
}

/**
 * Takes the lock at `path` or throws `conflict` with the holder's number in `params.holder`. The lock names its holder
 * by pid and start time; one whose holder is gone is taken over.
 */
export async function takeLock(path: string): Promise<FileLock> {
  await mkdir(dirname(path), { recursive: true })
  const self = await readProcess(process.pid)
  const token = randomBytes(8).toString('hex')
  const mine = JSON.stringify({ pid: process.pid, startTime: self?.startTime ?? 0, token })
  // Linked into place whole: nobody can ever read a lock that does not yet name its holder.
  const draft = `${path}.${token}`
  await writeFile(draft, mine, { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      if (await link(draft, path).then(() => true, isTaken)) return { release: () => releaseLock(path, mine) }
      const text = await readFile(path, 'utf8').catch(() => '')
      const holder = asProcessRef(safeParse(text))
      if (holder && (await isAlive(holder))) {
        throw new NaruError('conflict', `another process (${holder.pid}) holds ${path}`, {
          params: { path, holder: holder.pid },
          hint: 'already-running',
          retryable: true,
        })
      }
      await releaseLock(path, text)
    }
    throw new NaruError('conflict', `the lock ${path} is fought over`, { params: { path }, retryable: true })
  } finally {
    await rm(draft, { force: true })
  }
}

function isTaken(error: unknown): boolean {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
  throw error
}

function safeParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Removes the lock only while it still says what was seen, so a lock taken meanwhile by another one stays. */
async function releaseLock(path: string, seen: string): Promise<void> {
  const now = await readFile(path, 'utf8').catch(() => null)
  if (now === seen) await rm(path, { force: true })
}
