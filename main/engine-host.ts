/**
 * Keeps the engine room alive in a utility process and gives windows a direct line to it: one end of a channel goes
 * to the engine process, the other to the page, so no log byte crosses the main thread. When the process dies it is
 * started again with growing waits. A page is not told when the other end of its port dies, so it gets the port message
 * without a port; it then asks for a new one, and the question waits till there is a process.
 */
import { createBackoff } from './backoff.ts'
import { MessageChannelMain, app, utilityProcess } from './electron.ts'
import type { UtilityProcess, WebContents } from './electron.ts'
import { answerSecret } from './safe-storage.ts'
import { BACKGROUND } from './login-item.ts'
import type { EngineOptions, FromEngine, ToEngine } from './engine-messages.ts'

/** How long a closing engine process may take to say how long it takes, and to end after that, ms. */
const CLOSE_LIMIT = 8_000
/** Windows that may wait for a port at once; one more is ignored. */
const WAITING_LIMIT = 64

/** Channel on which a page's preload receives its port. */
export const PORT_CHANNEL = 'naru:port'

export interface EngineHost {
  /** Gives the page of `contents` a fresh port, as soon as there is an engine process. */
  readonly connect: (contents: WebContents) => void
  /** Lets go of the engines and ends the process; resolves when it is gone. Containers keep running. */
  readonly stop: () => Promise<void>
  /** Process id, while there is one. */
  readonly pid: () => number | undefined
}

interface Run {
  readonly process: UtilityProcess
  /** Milliseconds of `performance.now()`. */
  readonly startedAt: number
  /** Pages that were given a port to this process. */
  readonly pages: Set<WebContents>
  ready: boolean
}

/** Starts the engine process from the built script at `scriptPath`. */
export function createEngineHost(scriptPath: string, options: EngineOptions): EngineHost {
  const backoff = createBackoff()
  const waiting = new Set<WebContents>()
  let run: Run | undefined
  let restart: NodeJS.Timeout | undefined
  let stopping = false

  const tell = (target: UtilityProcess, message: ToEngine, ports: Electron.MessagePortMain[] = []): void =>
    target.postMessage(message, ports)

  const handPort = ({ process, pages }: Run, contents: WebContents): void => {
    if (contents.isDestroyed()) return
    const { port1, port2 } = new MessageChannelMain()
    pages.add(contents)
    tell(process, { kind: 'attach' }, [port1])
    contents.postMessage(PORT_CHANNEL, null, [port2])
  }

  const start = (): void => {
    restart = undefined
    const process = utilityProcess.fork(scriptPath, [], { serviceName: 'naru-engine', stdio: 'inherit' })
    const current: Run = { process, startedAt: performance.now(), pages: new Set(), ready: false }
    run = current
    process.on('message', (message: FromEngine) => {
      if (message.kind === 'secret') tell(process, answerSecret(message))
      if (message.kind === 'login-item') app.setLoginItemSettings({ openAtLogin: message.enabled, args: [BACKGROUND] })
      if (message.kind !== 'ready') return
      current.ready = true
      for (const contents of waiting) handPort(current, contents)
      waiting.clear()
    })
    process.once('exit', (code) => {
      if (run === current) run = undefined
      if (stopping) return
      for (const contents of current.pages) if (!contents.isDestroyed()) contents.postMessage(PORT_CHANNEL, null, [])
      const wait = backoff.next(performance.now() - current.startedAt)
      console.error(`engine process ended (code ${code}); starting it again in ${wait} ms`)
      restart = setTimeout(start, wait)
    })
    tell(process, { kind: 'start', options })
  }

  const stop = async (): Promise<void> => {
    stopping = true
    clearTimeout(restart)
    waiting.clear()
    const last = run?.process
    if (last === undefined) return
    await new Promise<void>((resolve) => {
      let force = setTimeout(() => last.kill(), CLOSE_LIMIT)
      last.on('message', (message: FromEngine) => {
        if (message.kind !== 'closing') return
        clearTimeout(force)
        force = setTimeout(() => last.kill(), message.limitMs + CLOSE_LIMIT)
      })
      last.once('exit', () => {
        clearTimeout(force)
        resolve()
      })
      tell(last, { kind: 'close' })
    })
  }

  start()
  return {
    connect: (contents) => {
      if (stopping) return
      if (run?.ready) handPort(run, contents)
      else if (waiting.size < WAITING_LIMIT) waiting.add(contents)
    },
    stop,
    pid: () => run?.process.pid,
  }
}
