/**
 * One Naru per state folder: a unix socket in it tells a second start that one is running, and lets that start ask
 * for its window or for a fresh address. Only the owner can reach it (0600 in a 0700 folder). One JSON line each way.
 */
import { chmodSync, closeSync, openSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { join } from 'node:path'

/** Longest path the system takes for a unix socket, bytes, end mark excluded. */
const PATH_LIMIT = 107
const LINE_LIMIT = 1024
const ANSWER_LIMIT_MS = 3_000
/** How long a start that came first may take until it answers, and how often it is asked, ms. */
const START_LIMIT_MS = 15_000
const ASK_AGAIN_MS = 200
export const CONTROL_SOCKET = 'control.sock'

/** What a running instance answers to `show`: how the person reaches it now. */
export interface ControlAnswer {
  readonly pid: number
  readonly shell: 'electron' | 'web'
  /** One-time address to open in a browser, when no window could be shown. */
  readonly address?: string
}

export interface Control {
  readonly close: () => void
}

/** A path the system accepts, and what frees it: folders too deep are named through an open descriptor. */
function reachable(stateFolder: string): { path: string; release: () => void } {
  const path = join(stateFolder, CONTROL_SOCKET)
  if (Buffer.byteLength(path) <= PATH_LIMIT || process.platform !== 'linux') return { path, release: () => undefined }
  const folder = openSync(stateFolder, 'r')
  return { path: `/proc/self/fd/${folder}/${CONTROL_SOCKET}`, release: () => closeSync(folder) }
}

function onLine(socket: Socket, handle: (line: string) => void): void {
  let text = ''
  socket.setEncoding('utf8')
  socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('data', (part: string) => {
    text += part
    const end = text.indexOf('\n')
    if (end >= 0) handle(text.slice(0, end))
    else if (text.length > LINE_LIMIT) socket.destroy()
  })
}

/** `dead`: nobody listens there; `silent`: somebody does, but has no answer (it may be starting). */
type Asked = ControlAnswer | 'dead' | 'silent'

function ask(path: string): Promise<Asked> {
  return new Promise((resolve) => {
    let listens = false
    const socket = connect(path, () => {
      listens = true
      socket.write('show\n')
    })
    onLine(socket, (line) => {
      socket.destroy()
      try {
        resolve(JSON.parse(line) as ControlAnswer)
      } catch {
        resolve('silent')
      }
    })
    socket.once('close', () => resolve(listens ? 'silent' : 'dead'))
  })
}

/** Asks the instance that runs on `stateFolder` to show itself; undefined when none answers. */
export async function askRunning(stateFolder: string): Promise<ControlAnswer | undefined> {
  const { path, release } = reachable(stateFolder)
  try {
    const answer = await ask(path)
    return typeof answer === 'string' ? undefined : answer
  } catch {
    return undefined
  } finally {
    release()
  }
}

/** Asks again while somebody listens who has no answer yet. */
async function askPatiently(path: string, patienceMs: number): Promise<Asked> {
  const until = performance.now() + patienceMs
  for (;;) {
    const answer = await ask(path)
    if (answer !== 'silent' || performance.now() >= until) return answer
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      // Later ones are of single connections (no descriptor left): no reason to end.
      server.on('error', () => undefined)
      resolve()
    })
  })
}

/**
 * Takes the state folder for this process. Resolves to the running instance's answer when there is one already; a
 * socket left by one that died is replaced, never that of one that lives: two on one folder would spoil it. Throws when
 * the socket cannot be made or who holds it does not answer for `patienceMs`.
 */
export async function takeControl(
  stateFolder: string,
  show: () => Promise<ControlAnswer>,
  patienceMs = START_LIMIT_MS,
): Promise<{ readonly control: Control } | { readonly running: ControlAnswer }> {
  const server = createServer((socket) => {
    onLine(socket, (line) => {
      if (line !== 'show') return void socket.destroy()
      // It may throw at once while the first start is under way.
      Promise.resolve().then(show).then(
        (answer) => socket.end(`${JSON.stringify(answer)}\n`),
        () => socket.destroy(),
      )
    })
  })
  server.maxConnections = 8
  const { path, release } = reachable(stateFolder)
  for (let attempt = 0; ; attempt += 1) {
    try {
      await listen(server, path)
      break
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      const holder = taken ? await askPatiently(path, patienceMs) : 'dead'
      if (taken && holder === 'dead' && attempt === 0) {
        rmSync(path, { force: true })
        continue
      }
      release()
      if (typeof holder !== 'string') return { running: holder }
      throw holder === 'silent' ? new Error(`another Naru uses ${stateFolder} and does not answer`) : error
    }
  }
  chmodSync(path, 0o600)
  server.unref()
  return {
    control: {
      close: () => {
        server.close()
        release()
      },
    },
  }
}
