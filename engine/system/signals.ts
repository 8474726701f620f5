/** Listening to abort signals, and joining them, without leaving anything on those that live long. */
import { setMaxListeners } from 'node:events'

/**
 * Calls `act` when the signal aborts, until what is returned is called. Of calls that run beside each other as many may
 * listen as there are: Node warns of the eleventh, which is no leak here. What does leak is found by the soak, which counts.
 */
export function heedAbort(signal: AbortSignal, act: () => void): () => void {
  setMaxListeners(0, signal)
  signal.addEventListener('abort', act, { once: true })
  return () => signal.removeEventListener('abort', act)
}

/**
 * Runs `work` with a signal that aborts with the first of `signals`, for that one's reason. Once the work is over nothing of
 * it is left on them: `AbortSignal.any` leaves some hundred bytes on each that goes on living (an engine's connection, for
 * days), and never takes them away (seen in Node 20.20: one entry for each call).
 */
export async function withAny<T>(signals: readonly AbortSignal[], work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const first = new AbortController()
  const leave = signals.map((signal) => {
    const onAbort = (): void => first.abort(signal.reason)
    if (signal.aborted) onAbort()
    return heedAbort(signal, onAbort)
  })
  try {
    return await work(first.signal)
  } finally {
    leave.forEach((each) => each())
  }
}
