/** Opens a unix socket with a time limit and a way to give up. */
import { createConnection } from 'node:net'
import type { Duplex } from 'node:stream'
import { NaruError } from '../../contract/errors.ts'

/** Milliseconds a connect may take; a local socket answers in microseconds unless its queue is full. */
export const DIAL_TIMEOUT_MS = 5_000

export type OpenSocket = (path: string, signal: AbortSignal | undefined, timeoutMs: number) => Promise<Duplex>

/** A connected stream. Rejects with the system's error, with code ETIMEDOUT, or with `cancelled`. */
export const openUnixSocket: OpenSocket = (path, signal, timeoutMs) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new NaruError('cancelled', 'cancelled'))
      return
    }
    const socket = createConnection({ path })
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      socket.removeListener('connect', onConnect)
      socket.removeListener('error', onError)
      act()
    }
    const giveUp = (error: Error): void => {
      settle(() => {
        // A socket that is being closed may still report an error nobody waits for.
        socket.on('error', () => undefined)
        socket.destroy()
        reject(error)
      })
    }
    const onConnect = (): void => settle(() => resolve(socket))
    const onError = (error: Error): void => giveUp(error)
    const onAbort = (): void => giveUp(new NaruError('cancelled', 'cancelled'))
    const timer = setTimeout(
      () => giveUp(Object.assign(new Error(`connect ${path}: no answer in ${timeoutMs} ms`), { code: 'ETIMEDOUT' })),
      timeoutMs,
    )
    signal?.addEventListener('abort', onAbort, { once: true })
    socket.once('connect', onConnect)
    socket.once('error', onError)
  })
