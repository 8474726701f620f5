/** A running embedded engine: dialling it, noticing its end, keeping its containerd, stopping it. */
import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { NaruError, toEnvelope } from '../../contract/errors.ts'
import { rotateInPlace, tailOfFile } from '../../system/log.ts'
import { isAlive } from '../../system/processes.ts'
import type { ProcessRef } from '../../system/processes.ts'
import type { EndReason, EngineHandle } from '../provider.ts'
import { DIAL_TIMEOUT_MS, openUnixSocket } from '../socket/dial.ts'
import { socketError } from '../socket/access.ts'
import type { NativePaths } from './paths.ts'
import { LOG_ROTATION } from './start.ts'

export interface HandleOptions {
  readonly paths: NativePaths
  readonly daemon: ProcessRef
  readonly adopted: boolean
  readonly log: (line: string) => void
  /** Called now and then while the engine lives: repairs what it can. */
  readonly keep: () => Promise<void>
  /** Ends the engine and removes what it leaves. */
  readonly end: (graceMs: number) => Promise<void>
}

/** Milliseconds between two looks when nothing tells of an end. */
const LOOK_EVERY_MS = 2_000
/** Looks between two rounds of keeping house (log rotation, containerd). */
const KEEP_EVERY_LOOKS = 5

/**
 * Calls `onEnd` once when the process is gone. An idle connection tells at once (the kernel closes it), the timer is
 * for a connection the daemon itself closed. Costs two system calls every two seconds.
 */
function watchProcess(paths: NativePaths, daemon: ProcessRef, keep: () => void, onEnd: () => void): () => void {
  let stopped = false
  let looks = 0
  let probe: Socket | undefined
  const look = async (): Promise<void> => {
    if (stopped || (await isAlive(daemon))) return
    if (stopped) return
    cancel()
    onEnd()
  }
  const connect = (): void => {
    if (stopped) return
    probe = createConnection({ path: paths.socket })
    probe.unref()
    probe.on('error', () => undefined)
    // One question makes it an idle connection, which a stopping daemon closes at once; a silent new one it would wait for.
    probe.write('GET /_ping HTTP/1.1\r\nHost: engine\r\n\r\n')
    probe.resume()
    // A process that closed its sockets may be in its last milliseconds still.
    probe.once('close', () => {
      probe = undefined
      setTimeout(() => void look(), 20).unref()
    })
  }
  const timer = setInterval(() => {
    looks += 1
    if (!probe) connect()
    if (looks % KEEP_EVERY_LOOKS === 0) keep()
    void look()
  }, LOOK_EVERY_MS)
  timer.unref()
  const cancel = (): void => {
    stopped = true
    clearInterval(timer)
    probe?.destroy()
  }
  connect()
  return cancel
}

/** The handle of a daemon that answered. */
export function createHandle({ paths, daemon, adopted, log, keep, end }: HandleOptions): EngineHandle {
  let finish: (reason: EndReason) => void = () => undefined
  const ended = new Promise<EndReason>((resolve) => {
    finish = resolve
  })
  const keepHouse = (): void => {
    rotateInPlace(paths.daemonLog, LOG_ROTATION)
    rotateInPlace(paths.containerdLog, LOG_ROTATION)
    keep().catch((error: unknown) => log(`keeping house: ${String(error)}`))
  }
  let over = false
  const cancel = watchProcess(paths, daemon, keepHouse, () => {
    over = true
    // The end must be told even when the log cannot be read: self-healing hangs on it.
    void tailOfFile(paths.daemonLog, 3).catch((): string[] => []).then((lines) => {
      const detail = lines.join('\n')
      const error = new NaruError('provider.exited', 'dockerd ended by itself', { params: { path: paths.daemonLog }, detail })
      finish({ kind: 'exited', error: toEnvelope(error) })
    })
  })
  let stopping: Promise<void> | undefined
  return {
    dial: async (signal) => {
      // A dying process may still accept for a moment what nobody will answer.
      if (over) throw new NaruError('engine.unreachable', 'dockerd ended by itself', { params: { path: paths.socket } })
      try {
        return await openUnixSocket(paths.socket, signal, DIAL_TIMEOUT_MS)
      } catch (error) {
        throw socketError(paths.socket, error)
      }
    },
    dockerHost: `unix://${paths.socket}`,
    adopted,
    ended,
    stop: ({ graceMs }) => {
      cancel()
      stopping ??= end(graceMs).finally(() => finish({ kind: 'stopped' }))
      return stopping
    },
    release: () => {
      cancel()
      finish({ kind: 'stopped' })
    },
  }
}
