/** A running embedded engine: dialling it, noticing its end and that of its containerd, stopping it. */
import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { NaruError, toEnvelope } from '../../contract/errors.ts'
import { systemClock } from '../../system/clock.ts'
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
/** Looks between two rounds of keeping house (log rotation; containerd, should nothing have told of its end). */
const KEEP_EVERY_LOOKS = 5

/** A process in its last milliseconds has closed its sockets already, milliseconds. */
const LAST_BREATH_MS = 20
/** One of many threads may take longer to be gone whole: looks that far apart, a second long. */
const CLOSE_LOOKS = 1_000 / LAST_BREATH_MS

/** A connection that is held for nothing but its end, which the kernel tells at once. */
interface Line {
  /** Opens it unless it is open. */
  readonly open: () => void
  readonly close: () => void
}

/** @param hello what makes it a connection like others in the eyes of the other side */
function holdLine(path: string, hello: string, onLost: () => void): Line {
  let socket: Socket | undefined
  let closed = false
  const open = (): void => {
    if (closed || socket) return
    let connected = false
    const mine = createConnection({ path })
    socket = mine
    mine.unref()
    mine.on('error', () => undefined)
    mine.once('connect', () => (connected = true))
    if (hello) mine.write(hello)
    mine.resume()
    mine.once('close', () => {
      socket = undefined
      if (connected && !closed) setTimeout(onLost, LAST_BREATH_MS).unref()
    })
  }
  return {
    open,
    close: () => {
      closed = true
      socket?.destroy()
    },
  }
}

interface Watched {
  readonly paths: NativePaths
  readonly daemon: ProcessRef
  /** Now and then, and at once when a containerd of our own went. */
  readonly keep: () => void
  /** Once, when the daemon's process is gone. */
  readonly onEnd: () => void
}

/**
 * Watches the processes of an engine. Idle connections tell at once, the timer is for one that the other side closed by
 * itself. Costs a few system calls every two seconds.
 */
function watchProcesses({ paths, daemon, keep, onEnd }: Watched): () => void {
  let stopped = false
  let looks = 0
  const look = async (): Promise<void> => {
    if (stopped || (await isAlive(daemon))) return
    if (stopped) return
    cancel()
    onEnd()
  }
  const lookClosely = async (): Promise<void> => {
    for (let tries = 0; tries < CLOSE_LOOKS && !stopped; tries += 1) {
      await look()
      await systemClock.sleep(LAST_BREATH_MS)
    }
  }
  const lines = [
    // One question makes it an idle connection, which a stopping daemon closes at once; a silent new one it would wait for.
    holdLine(paths.socket, 'GET /_ping HTTP/1.1\r\nHost: engine\r\n\r\n', () => void lookClosely()),
    holdLine(paths.containerdSocket, '', () => !stopped && keep()),
  ]
  const openAll = (): void => lines.forEach((line) => line.open())
  const timer = setInterval(() => {
    looks += 1
    openAll()
    if (looks % KEEP_EVERY_LOOKS === 0) keep()
    void look()
  }, LOOK_EVERY_MS)
  timer.unref()
  const cancel = (): void => {
    stopped = true
    clearInterval(timer)
    lines.forEach((line) => line.close())
  }
  openAll()
  return cancel
}

/** The handle of a daemon that answered. */
export function createHandle({ paths, daemon, adopted, log, keep, end }: HandleOptions): EngineHandle {
  let finish: (reason: EndReason) => void = () => undefined
  const ended = new Promise<EndReason>((resolve) => {
    finish = resolve
  })
  let over = false
  let keeping = false
  let again = false
  const keepHouse = (): void => {
    // What happens while it is done may come too late for it: a containerd that goes just then.
    again = keeping
    if (keeping) return
    keeping = true
    rotateInPlace(paths.daemonLog, LOG_ROTATION)
    rotateInPlace(paths.containerdLog, LOG_ROTATION)
    void keep()
      .catch((error: unknown) => log(`keeping house: ${String(error)}`))
      .finally(() => {
        keeping = false
        if (again && !over) keepHouse()
      })
  }
  const onEnd = (): void => {
    over = true
    // The end must be told even when the log cannot be read: self-healing hangs on it.
    void tailOfFile(paths.daemonLog, 3).catch((): string[] => []).then((lines) => {
      const detail = lines.join('\n')
      const error = new NaruError('provider.exited', 'dockerd ended by itself', { params: { path: paths.daemonLog }, detail })
      finish({ kind: 'exited', error: toEnvelope(error) })
    })
  }
  const cancel = watchProcesses({ paths, daemon, keep: keepHouse, onEnd })
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
