/** Runs patterns in a thread of their own, which is ended when one does not come back. */
import { Worker } from 'node:worker_threads'
import { NaruError, fromEnvelope } from '../contract/errors.ts'
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { SearchQuery } from './match.ts'
import type { RegexScanner } from './search.ts'

/** A chunk of at most 4 096 lines that takes longer than this is a catastrophic pattern, milliseconds. */
export const REGEX_LIMIT_MS = 5_000

/** What the thread answers per chunk. */
export type RegexAnswer = { readonly lines: readonly number[] } | { readonly error: ErrorEnvelope }

/** The `workerData` that makes worker.ts run patterns instead of a log room. */
export interface RegexWorkerData {
  readonly role: 'regex'
  readonly query: SearchQuery
}

/** Makes scanners whose thread runs `workerPath` (the bundled engine/logs/worker.ts). One chunk at a time each. */
export function regexScanners(workerPath: string, limitMs = REGEX_LIMIT_MS): (query: SearchQuery) => RegexScanner {
  return (query) => {
    const workerData: RegexWorkerData = { role: 'regex', query }
    const worker = new Worker(workerPath, { workerData, name: 'naru-log-pattern' })
    let fail: ((error: NaruError) => void) | null = null
    let answer: ((lines: readonly number[]) => void) | null = null
    let ended: NaruError | null = null
    const end = (error: NaruError) => {
      ended ??= error
      fail?.(ended)
      void worker.terminate()
    }
    worker.on('message', (message: RegexAnswer) => {
      if ('error' in message) end(fromEnvelope(message.error))
      else answer?.(message.lines)
    })
    worker.on('error', (error) => end(new NaruError('internal', 'the pattern thread failed', { detail: String(error) })))
    worker.on('exit', () => end(new NaruError('cancelled', 'the pattern thread ended')))
    return {
      scan: async ({ text, ends }) => {
        if (ended) throw ended
        const copy = { text: text.slice(), ends: ends.slice() }
        const timer = setTimeout(() => {
          end(new NaruError('timeout', 'the pattern takes too long', { hint: 'pattern-slow', retryable: false }))
        }, limitMs)
        try {
          return await new Promise<readonly number[]>((resolve, reject) => {
            answer = resolve
            fail = reject
            worker.postMessage(copy, [copy.text.buffer, copy.ends.buffer])
          })
        } finally {
          clearTimeout(timer)
        }
      },
      close: () => end(new NaruError('cancelled', 'search ended')),
    }
  }
}
