/** What stands at paths of this machine, asked once each while they are wanted. */
import { onScopeDispose, reactive, watch } from 'vue'
import { isCancelled } from '../../engine/contract/errors.ts'
import type { PathKind } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'

/** Milliseconds of typing pause before paths are asked about. */
const PAUSE_MS = 300
/** Most paths of one question. */
const MOST = 100

/** Call it in `setup`. Answers go with the scope, and are asked anew when the list changes: a folder may just have been made. */
export function useHostPaths(wanted: () => readonly string[]): { readonly kindOf: (path: string) => PathKind | undefined } {
  const connection = useConnection()
  const kinds = reactive(new Map<string, PathKind>())
  let asking = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(paths: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      const answer = await connection.call('host.paths', { paths }, { signal })
      if (signal.aborted) return
      kinds.clear()
      answer.kinds.forEach((kind, index) => kinds.set(paths[index] ?? '', kind))
    } catch (reason) {
      // Not knowing is no problem of the form: the engine will tell.
      if (!isCancelled(reason)) kinds.clear()
    }
  }

  watch(
    () => [...new Set(wanted())].slice(0, MOST).join('\0'),
    (joined) => {
      asking.abort()
      clearTimeout(timer)
      if (joined === '') return
      const mine = (asking = new AbortController())
      timer = setTimeout(() => void ask(joined.split('\0'), mine.signal), PAUSE_MS)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    asking.abort()
    clearTimeout(timer)
  })
  return { kindOf: (path) => kinds.get(path) }
}
