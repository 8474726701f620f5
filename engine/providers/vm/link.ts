/** The connection to the guest's agent, made anew whenever it breaks (a VM that restarts, an agent that does). */
import type { Duplex } from 'node:stream'
import { NaruError } from '../../contract/errors.ts'
import { systemClock } from '../../system/clock.ts'
import { DIAL_TIMEOUT_MS, openUnixSocket } from '../socket/dial.ts'
import { Mux } from './mux.ts'
import type { MuxTarget } from './mux.ts'

export interface GuestLink {
  /** Resolves when it is in step for the first time. Errors: `timeout`, `cancelled`. */
  readonly ready: (timeoutMs: number, signal: AbortSignal) => Promise<void>
  /** @throws NaruError `engine.unreachable` while there is no connection */
  readonly open: (target: MuxTarget) => Duplex
  readonly ask: (text: string, timeoutMs?: number) => Promise<string>
  /** Gives the guest this machine's time, to some milliseconds. Never rejects: a clock that is off is only logged. */
  readonly setTime: () => Promise<void>
  /** While the machine is paused nothing may be asked: the guest would hear an old time when it goes on. */
  readonly rest: (paused: boolean) => void
  readonly close: () => void
}

const RETRY_MS = 200
/** A guest that boots in emulation may take its time between two of its answers. */
const ATTACH_MS = 10_000
/** Clocks of guests drift, and stand still while the machine sleeps. */
const TIME_EVERY_MS = 600_000
/** The time was right when it left: an answer that took longer came from a guest that was busy, and it is told again. */
const TIME_ROUND_MS = 30
const TIME_TRIES = 3
const TIME_ANSWER_MS = 2_000

export function createLink(apiSocket: string, log: (line: string) => void): GuestLink {
  const over = new AbortController()
  let mux: Mux | null = null
  const waiting = new Set<() => void>()

  let resting = false
  const setTime = async (): Promise<void> => {
    try {
      for (let tries = 0; tries < TIME_TRIES && mux && !resting; tries++) {
        const sent = performance.now()
        await mux.ask(`time ${Date.now()}`, TIME_ANSWER_MS)
        if (performance.now() - sent < TIME_ROUND_MS) return
      }
    } catch (error) {
      if (!over.signal.aborted) log(`guest clock: ${String(error)}`)
    }
  }
  const clockTimer = setInterval(() => void setTime(), TIME_EVERY_MS)
  clockTimer.unref()

  const keep = async (): Promise<void> => {
    while (!over.signal.aborted) {
      try {
        const line = await openUnixSocket(apiSocket, over.signal, DIAL_TIMEOUT_MS)
        const attached = await Mux.attach(line, { timeoutMs: ATTACH_MS, signal: over.signal })
        mux = attached
        void setTime()
        for (const wake of waiting) wake()
        const reason = await attached.closed
        mux = null
        if (!over.signal.aborted) log(`the guest's connection broke: ${reason}`)
      } catch (error) {
        if (over.signal.aborted) break
        // Nobody listens yet, or the agent is not up: the usual state of a guest that boots.
        if (error instanceof NaruError && error.code !== 'timeout') log(`the guest's agent: ${error.message}`)
      }
      await systemClock.sleep(RETRY_MS, over.signal).catch(() => undefined)
    }
  }
  void keep()

  const present = (): Mux => {
    if (mux) return mux
    throw new NaruError('engine.unreachable', 'the virtual machine is not connected', { retryable: true })
  }

  return {
    ready: (timeoutMs, signal) =>
      new Promise((resolve, reject) => {
        if (mux) return resolve()
        const settle = (act: () => void): void => {
          clearTimeout(timer)
          waiting.delete(wake)
          signal.removeEventListener('abort', onAbort)
          act()
        }
        const wake = (): void => settle(resolve)
        const onAbort = (): void => settle(() => reject(new NaruError('cancelled', 'cancelled')))
        const timer = setTimeout(() => settle(() => reject(new NaruError('timeout', `the guest's agent did not answer in ${timeoutMs} ms`))), timeoutMs)
        waiting.add(wake)
        if (signal.aborted) onAbort()
        signal.addEventListener('abort', onAbort, { once: true })
      }),
    open: (target) => present().open(target),
    ask: async (text, timeoutMs) => present().ask(text, timeoutMs),
    setTime,
    rest: (paused) => {
      resting = paused
    },
    close: () => {
      over.abort()
      clearInterval(clockTimer)
      mux?.close()
    },
  }
}
