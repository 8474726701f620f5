/** Tells when a path may have come, gone or been replaced, from the kernel's own notices: no polling. */
import type { FSWatcher } from 'node:fs'
import { existsSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

interface Anchor {
  readonly folder: string
  /** Entry of the folder on the way to the path. */
  readonly entry: string
}

/** Nearest folder that exists above `path`. */
function anchorOf(path: string): Anchor {
  let entry = basename(path)
  let folder = dirname(path)
  while (!existsSync(folder) && dirname(folder) !== folder) {
    entry = basename(folder)
    folder = dirname(folder)
  }
  return { folder, entry }
}

/**
 * Calls `onChange` after something happened at `path` or to a missing folder above it. Notices may be spurious; a
 * caller that needs certainty looks for itself. Where the system cannot watch, nothing is ever told.
 * Returns the function that ends the watch.
 */
export function watchPath(path: string, onChange: () => void): () => void {
  let watcher: FSWatcher | null = null
  let ended = false

  const close = (): void => {
    watcher?.close()
    watcher = null
  }
  const arm = (): void => {
    close()
    if (ended) return
    const anchor = anchorOf(path)
    try {
      watcher = watch(anchor.folder, { persistent: false }, (_kind, name) => {
        const selfGone = name === basename(anchor.folder)
        if (name !== null && name !== anchor.entry && !selfGone) return
        if (selfGone || anchor.folder !== dirname(path)) arm()
        if (!ended) onChange()
      })
      watcher.on('error', close)
    } catch {
      // No watch left to give or the folder went between look and watch: the caller's backoff still finds out.
      close()
    }
  }
  arm()
  return () => {
    ended = true
    close()
  }
}
