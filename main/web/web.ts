/** Composition root of the web shell: the same app on 127.0.0.1, in a Chromium app window when there can be one. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { EngineHost } from '../../engine/index.ts'
import type { WebSocket } from 'ws'
import { createAssets } from '../assets.ts'
import { takeControl } from '../control.ts'
import type { ControlAnswer } from '../control.ts'
import { createAutostart } from '../login-item.ts'
import { findPlaces, prepareState } from '../places.ts'
import { readWebArguments } from './arguments.ts'
import type { WebArguments } from './arguments.ts'
import { BOOT_PATH, writeBootFile } from './boot.ts'
import { findBrowser, hasDisplay, openAppWindow } from './browser.ts'
import type { AppWindow } from './browser.ts'
import { startWebServer } from './server.ts'
import { createSession } from './session.ts'

/** How long everything but the engines may take to end, ms. */
const CLOSE_LIMIT = 8_000
/** A browser that ended may have handed its window to one that already ran: how long pages get to show up, ms. */
const HANDOVER_MS = 2_000

declare const NARU_VERSION: string

const built = join(__dirname, '..')
const places = findPlaces(process.env, built)
const bootFile = join(places.state, 'web/boot.html')

async function settled(server: { links: () => number }): Promise<void> {
  do {
    await new Promise((resolve) => setTimeout(resolve, HANDOVER_MS))
  } while (server.links() > 0)
}

async function run({ noOpen, background, port }: WebArguments): Promise<void> {
  prepareState(places.state)
  let show: () => Promise<ControlAnswer> = () => Promise.reject(new Error('still starting'))
  const taken = await takeControl(places.state, () => show())
  if ('running' in taken) {
    console.log(taken.running.address ?? 'Naru is already running; its window was brought forward.')
    return
  }
  let entered = false
  const session = createSession()
  const room: { host?: EngineHost; attach?: (socket: WebSocket) => void } = {}
  const waiting: WebSocket[] = []
  const server = await startWebServer({
    port,
    session,
    assets: createAssets(places.renderer),
    onLink: (socket) => {
      if (room.attach) return room.attach(socket)
      // A page that is faster than the engine room: what it says stays on the line.
      socket.pause()
      waiting.push(socket)
    },
    onEnter: () => {
      entered = true
      rmSync(bootFile, { force: true })
    },
  })

  const browser = !noOpen && hasDisplay(process.env) ? findBrowser(process.env) : undefined
  const windows = new Set<AppWindow>()
  let ending = false
  const end = (code: number): void => {
    if (ending) return
    ending = true
    const limit = (ms: number): NodeJS.Timeout => setTimeout(() => process.exit(1), ms).unref()
    const force = limit(CLOSE_LIMIT)
    // Engines that stop with Naru take their time.
    void room.host?.closeLimitMs().then((ms) => {
      clearTimeout(force)
      limit(ms + CLOSE_LIMIT)
    })
    for (const window of windows) window.close()
    rmSync(bootFile, { force: true })
    taken.control.close()
    void Promise.allSettled([server.close(), room.host?.close(), ...[...windows].map((window) => window.gone)]).then(() =>
      process.exit(code),
    )
  }
  const address = (): string => `${server.origin}${BOOT_PATH}?t=${session.issueToken()}`
  const tell = (before = ''): void =>
    console.log(`${before}Naru is at ${address()}\nThe address works once; Ctrl+C ends Naru, containers keep running.`)
  const open = (path: string): void => {
    writeBootFile(bootFile, server.origin, session.issueToken())
    const window = openAppWindow(path, bootFile, join(places.state, 'web/profile'))
    windows.add(window)
    void window.gone.then(async (code) => {
      windows.delete(window)
      if (ending || windows.size > 0) return
      if (code !== 0 && !entered) return tell(`The browser ${path} could not show a window.\n`)
      await settled(server)
      if (windows.size === 0) end(0)
    })
  }
  show = () => {
    if (browser) open(browser)
    return Promise.resolve({ pid: process.pid, shell: 'web', ...(browser ? {} : { address: address() }) })
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0))
  // One that came with the session shows itself when it is asked for.
  if (browser && !background) open(browser)
  else if (!browser) tell()

  // Behind the window's start, which takes longer: the browser needs no engine room before it is there.
  const engine = await import('../../engine/index.ts')
  if (ending) return
  const host = engine.createEngineHost({
    stateFolder: places.state,
    shell: 'web',
    version: NARU_VERSION,
    bundleFolder: places.bundle,
    vmImageFolder: places.vmImage,
    vmQemuFolder: places.vmQemu,
    ...(places.vmSetup && { vmSetup: places.vmSetup }),
    welcomeImage: places.welcomeImage,
    logWorkerPath: join(places.workers, 'log-worker.cjs'),
    layerWorkerPath: join(places.workers, 'layer-worker.cjs'),
    env: process.env,
    home: places.home,
    ...(process.platform === 'linux' && { loginItem: createAutostart({ env: process.env, home: places.home, command: [process.execPath, __filename] }) }),
  })
  room.host = host
  room.attach = (socket) => host.attach(engine.websocketTransport(socket))
  for (const socket of waiting.splice(0)) {
    room.attach(socket)
    socket.resume()
  }
}

process.on('unhandledRejection', (reason) => console.error('unhandled rejection:', reason))
try {
  const args = readWebArguments(process.argv.slice(2))
  run(args).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException
    console.error(code === 'EADDRINUSE' ? `port ${args.port} is taken by another program` : `Naru could not start: ${message}`)
    process.exit(1)
  })
} catch (error) {
  console.error((error as Error).message)
  process.exit(2)
}
