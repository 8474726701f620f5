/** Provider for an engine that is already there: any Docker- or Podman-compatible unix socket. */
import { stat } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import { NaruError, isCancelled, toEnvelope } from '../../contract/errors.ts'
import type { Detection, EndReason, EngineHandle, EngineProvider } from '../provider.ts'
import { deniedError, SOCKET_PATH_MAX, socketError, systemCode } from './access.ts'
import type { Identity } from './access.ts'
import { DIAL_TIMEOUT_MS, openUnixSocket } from './dial.ts'
import type { OpenSocket } from './dial.ts'
import { watchPath } from './watch-path.ts'

export interface SocketProviderOptions {
  /** Absolute path, as the docker CLI would be told. */
  readonly path: string
  /** Engine id; `socket:` and the real path. */
  readonly id: string
  readonly name: string
  readonly origin: string
  readonly identity: Identity
  readonly dialTimeoutMs?: number
  readonly open?: OpenSocket
}

/** Engine id of a socket. `realPath` has its links resolved, so one socket has one id whatever names it. */
export const socketId = (realPath: string): string => `socket:${realPath}`

/** True for errors that mean "may not", not "is not". */
const isDenied = (error: unknown): boolean => ['EACCES', 'EPERM'].includes(systemCode(error))

function checkLength(path: string): void {
  if (Buffer.byteLength(path) <= SOCKET_PATH_MAX) return
  throw new NaruError('invalid-request', `socket path is longer than ${SOCKET_PATH_MAX} bytes`, {
    params: { path, limit: SOCKET_PATH_MAX },
    hint: 'socket-path-long',
  })
}

const notASocket = (path: string): Error => Object.assign(new Error(`${path} is not a socket`), { code: 'ENOTSOCK' })

/** Linux refuses a connection to a plain file just as to a socket nobody listens on; this tells them apart. */
async function moreExact(path: string, error: unknown): Promise<unknown> {
  if (systemCode(error) !== 'ECONNREFUSED') return error
  const found = await stat(path).catch(() => null)
  return found && !found.isSocket() ? notASocket(path) : error
}

async function dialSocket(options: SocketProviderOptions, signal?: AbortSignal): Promise<Duplex> {
  const { path } = options
  checkLength(path)
  try {
    return await (options.open ?? openUnixSocket)(path, signal, options.dialTimeoutMs ?? DIAL_TIMEOUT_MS)
  } catch (error) {
    if (isCancelled(error)) throw error
    if (!isDenied(error)) throw socketError(path, await moreExact(path, error))
    const owner = await stat(path).catch(() => null)
    throw await deniedError(path, owner, options.identity, error instanceof Error ? error.message : undefined)
  }
}

async function detectSocket(options: SocketProviderOptions, signal: AbortSignal): Promise<Detection> {
  try {
    checkLength(options.path)
    const found = await stat(options.path).catch((error: unknown) => {
      if (isDenied(error)) return null
      throw error
    })
    if (found && !found.isSocket()) throw notASocket(options.path)
    const connection = await dialSocket(options, signal)
    connection.on('error', () => undefined)
    connection.destroy()
    return { state: 'running' }
  } catch (error) {
    if (isCancelled(error)) throw error
    return { state: 'absent', error: toEnvelope(socketError(options.path, error)) }
  }
}

/** Identity of the file behind a path: changes when another daemon takes the path over. Empty when there is none. */
const fileIdentity = (path: string): Promise<string> =>
  stat(path).then(
    (found) => `${found.dev}:${found.ino}`,
    () => '',
  )

interface EndWatch {
  readonly ended: Promise<EndReason>
  readonly release: () => void
  /** Dials with `open`; the first dial that succeeds decides which file is watched from then on. */
  readonly letIn: (open: () => Promise<Duplex>) => Promise<Duplex>
}

/**
 * `ended` resolves when the socket file that let somebody in goes or is replaced, or when the handle is let go. What lay
 * at the path before the first successful dial is nobody's loss: a daemon that comes while it is dialled is no
 * replacement.
 */
function watchEnd({ path }: SocketProviderOptions): EndWatch {
  let finish: (reason: EndReason) => void = () => undefined
  const ended = new Promise<EndReason>((resolve) => {
    finish = resolve
  })
  let watched: string | null = null
  const lose = (): void => {
    const gone = Object.assign(new Error(`${path} was removed or replaced`), { code: 'ENOENT' })
    end({ kind: 'lost', error: toEnvelope(socketError(path, gone)) })
  }
  const look = async (): Promise<void> => {
    const now = await fileIdentity(path)
    if (watched !== null && now !== watched) lose()
  }
  const unwatch = watchPath(path, () => void look())
  const end = (reason: EndReason): void => {
    unwatch()
    finish(reason)
  }
  const adopt = async (before: string): Promise<void> => {
    const now = await fileIdentity(path)
    if (watched !== null) return
    // Which of two answered is not known when one replaced the other meanwhile: a needless new start is the lesser evil,
    // for the notice of the change may have come before there was anything to miss.
    if (now === '' || (before !== '' && before !== now)) return lose()
    watched = now
    // What happened between that look and now was told to nobody.
    void look()
  }
  const letIn = async (open: () => Promise<Duplex>): Promise<Duplex> => {
    if (watched !== null) return open()
    const before = await fileIdentity(path)
    const stream = await open()
    // Not waited for: an end of the stream that came meanwhile would be heard by nobody.
    void adopt(before)
    return stream
  }
  return { ended, release: () => end({ kind: 'stopped' }), letIn }
}

/** A provider whose start() only lets in and whose stop() only lets go: the daemon is somebody else's. */
export function createSocketProvider(options: SocketProviderOptions): EngineProvider {
  const dockerHost = `unix://${options.path}`
  const start = async (): Promise<EngineHandle> => {
    const { ended, release, letIn } = watchEnd(options)
    return {
      dial: (signal) => letIn(() => dialSocket(options, signal)),
      dockerHost,
      adopted: true,
      ended,
      release,
      stop: async () => release(),
    }
  }
  return {
    id: options.id,
    kind: 'socket',
    name: options.name,
    origin: options.origin,
    managed: false,
    dockerHost,
    detect: (signal) => detectSocket(options, signal),
    start,
  }
}
