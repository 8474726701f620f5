/** What stands at paths of this machine. */
import { stat } from 'node:fs/promises'
import type { PathKind } from '../contract/models.ts'

/** In the order asked. A path that does not answer (a mount that hangs) costs its own answer only. */
export async function pathKinds(paths: readonly string[], signal: AbortSignal): Promise<PathKind[]> {
  return Promise.all(paths.map((path) => kindWithin(path, signal)))
}

/** Milliseconds one path may take. */
const LIMIT_MS = 3_000

function kindWithin(path: string, signal: AbortSignal): Promise<PathKind> {
  return new Promise((resolve) => {
    const give = (kind: PathKind): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve(kind)
    }
    const stop = (): void => give('unknown')
    const timer = setTimeout(stop, LIMIT_MS)
    signal.addEventListener('abort', stop, { once: true })
    void kindOf(path).then(give)
  })
}

async function kindOf(path: string): Promise<PathKind> {
  try {
    const found = await stat(path)
    return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'other'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unknown'
  }
}
