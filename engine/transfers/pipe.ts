/** A bounded pipe of bytes between one writer and one reader: whoever is faster waits for the other. */
import { NaruError } from '../contract/errors.ts'

export interface Pipe {
  /** Resolves once there is room for more. @throws the reason when the reader left or the pipe was closed */
  readonly write: (bytes: Uint8Array) => Promise<void>
  /** No more is written; with an error the reader gets it after what was written before. */
  readonly end: (error?: unknown) => void
  /** What was written, in order; one reader only. Leaving early fails the writer with `cancelled`. */
  readonly read: () => AsyncGenerator<Uint8Array, void, undefined>
  /** Fails both sides at once. */
  readonly close: (reason: unknown) => void
  /** Aborted when the reader has left early or the pipe was closed. */
  readonly broken: AbortSignal
}

/** Pieces that wait at most: one on its way, one being taken. */
const PIECES = 2

export function createPipe(): Pipe {
  const pieces: Uint8Array[] = []
  const broken = new AbortController()
  let ended: { readonly error?: unknown } | null = null
  let taken = false
  let wake: () => void = () => undefined

  /** One waiter on each side at most, so everyone looks again whenever something happened. */
  let changed = new Promise<void>((resolve) => (wake = resolve))
  const tell = (): void => {
    wake()
    changed = new Promise<void>((resolve) => (wake = resolve))
  }
  function close(reason: unknown): void {
    if (broken.signal.aborted) return
    broken.abort(reason)
    pieces.length = 0
    tell()
  }

  return {
    broken: broken.signal,
    close,
    async write(bytes) {
      broken.signal.throwIfAborted()
      if (ended) throw new NaruError('invalid-request', 'the transfer has ended')
      pieces.push(bytes)
      tell()
      while (pieces.length >= PIECES && !broken.signal.aborted) await changed
      broken.signal.throwIfAborted()
    },
    end(error) {
      ended ??= error === undefined ? {} : { error }
      tell()
    },
    async *read() {
      if (taken) throw new NaruError('conflict', 'the transfer is read already')
      taken = true
      let whole = false
      try {
        for (;;) {
          broken.signal.throwIfAborted()
          const piece = pieces.shift()
          if (piece) {
            tell()
            yield piece
          } else if (ended) {
            whole = true
            if (ended.error !== undefined) throw ended.error
            return
          } else await changed
        }
      } finally {
        if (!whole) close(new NaruError('cancelled', 'nobody reads the transfer any more'))
      }
    },
  }
}
