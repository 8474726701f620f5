/** Log files that cannot grow without bound. */
import { appendFileSync, copyFileSync, mkdirSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface RotationOptions {
  /** A file of this many bytes is rotated. */
  readonly maxBytes: number
  /** Old files kept as `path.1` (newest) … `path.N`. */
  readonly keep: number
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

function shift(path: string, keep: number): void {
  rmSync(`${path}.${keep}`, { force: true })
  for (let index = keep - 1; index >= 1; index -= 1) {
    if (sizeOf(`${path}.${index}`) > 0) renameSync(`${path}.${index}`, `${path}.${index + 1}`)
  }
}

/**
 * Rotates a file that another process keeps open for appending: its content is copied away and the file is emptied in
 * place. Lines written between the two calls are lost, which a daemon's log can bear. True when it rotated; false also
 * when the disk refuses, which is tried again next time.
 */
export function rotateInPlace(path: string, { maxBytes, keep }: RotationOptions): boolean {
  try {
    if (sizeOf(path) < maxBytes) return false
    shift(path, keep)
    if (keep > 0) copyFileSync(path, `${path}.1`)
    truncateSync(path, 0)
    return true
  } catch {
    return false
  }
}

export interface LogFile {
  /** Appends one line with the time in front; never throws, a full disk must not stop the program. */
  readonly write: (line: string) => void
}

/** A log of our own. Rotates by rename. */
export function createLogFile(path: string, options: RotationOptions, now: () => number = Date.now): LogFile {
  return {
    write: (line) => {
      try {
        mkdirSync(dirname(path), { recursive: true })
        if (sizeOf(path) >= options.maxBytes) {
          shift(path, options.keep)
          if (options.keep > 0) renameSync(path, `${path}.1`)
          else rmSync(path, { force: true })
        }
        appendFileSync(path, `${new Date(now()).toISOString()} ${line.replace(/\n+$/, '')}\n`, { mode: 0o600 })
      } catch {
        // Logging is never a reason to fail.
      }
    },
  }
}

/** The last non-empty lines of a file, read from its end only. */
export async function tailOfFile(path: string, lines: number, maxBytes = 16_384): Promise<readonly string[]> {
  const file = await open(path, 'r').catch(() => null)
  if (!file) return []
  try {
    const { size } = await file.stat()
    const length = Math.min(size, maxBytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.subarray(0, bytesRead).toString('utf8').split('\n').filter((line) => line.trim() !== '').slice(-lines)
  } finally {
    await file.close()
  }
}
