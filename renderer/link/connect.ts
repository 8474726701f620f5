/** Opens the one link of this page: over a port inside Electron, over a WebSocket in the web shell. */
import { NaruError } from '../../engine/contract/errors.ts'
import { PORT_MESSAGE } from '../../engine/contract/shell.ts'
import type { ShellBridge } from '../../engine/contract/shell.ts'
import { connectLink } from '../../engine/link/client.ts'
import type { Link } from '../../engine/link/client.ts'
import { portTransport } from '../../engine/link/port.ts'
import type { Transport } from '../../engine/link/transport.ts'
import { websocketTransport } from '../../engine/link/websocket.ts'
import { takeSocket } from './socket.ts'

export type { Link } from '../../engine/link/client.ts'

declare global {
  interface Window {
    readonly naru?: ShellBridge
  }
}

/** Time the shell may take to hand over a pipe to the engine room. */
const OPEN_LIMIT_MS = 10_000

/** A link that is open. Rejects with `timeout` or `internal` (both retryable) when the engine room cannot be reached. */
export async function openLink(signal: AbortSignal): Promise<Link> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(OPEN_LIMIT_MS)])
  const transport = window.naru ? await openPort(window.naru, limit) : await openSocket(limit)
  return connectLink(transport)
}

const unreachable = (message: string): NaruError =>
  new NaruError('timeout', message, { hint: 'engine-room', retryable: true })

/** Runs `begin` until it resolves, rejects or `signal` aborts; `undo` cleans up in every case. */
function within<T>(
  signal: AbortSignal,
  begin: (resolve: (value: T) => void, reject: (error: Error) => void) => () => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let undo: () => void = () => undefined
    const settle = (act: () => void): void => {
      signal.removeEventListener('abort', aborted)
      undo()
      act()
    }
    const aborted = (): void => settle(() => reject(unreachable('the engine room did not answer')))
    signal.addEventListener('abort', aborted)
    undo = begin(
      (value) => settle(() => resolve(value)),
      (error) => settle(() => reject(error)),
    )
    if (signal.aborted) aborted()
  })
}

/** True for what the preload sends: a port, or none when the engine room behind the last one has died. */
function isPortMessage({ data, source }: MessageEvent<unknown>): boolean {
  return source === window && typeof data === 'object' && data !== null && 'type' in data && data.type === PORT_MESSAGE
}

/** Closes the transport when the shell says that its other end is gone; the port itself does not tell. */
function closeWhenLost(transport: Transport): Transport {
  const receive = (event: MessageEvent): void => {
    if (isPortMessage(event) && event.ports.length === 0) transport.close()
  }
  window.addEventListener('message', receive)
  transport.onClose(() => window.removeEventListener('message', receive))
  return transport
}

function openPort(bridge: ShellBridge, signal: AbortSignal): Promise<Transport> {
  return within<Transport>(signal, (resolve) => {
    const receive = (event: MessageEvent): void => {
      const [port] = event.ports
      if (isPortMessage(event) && port) resolve(closeWhenLost(portTransport(port)))
    }
    window.addEventListener('message', receive)
    bridge.connect()
    return () => window.removeEventListener('message', receive)
  })
}

function openSocket(signal: AbortSignal): Promise<Transport> {
  const socket = takeSocket()
  const transport = websocketTransport(socket)
  if (socket.readyState === WebSocket.OPEN) return Promise.resolve(transport)
  return within<Transport>(signal, (resolve, reject) => {
    const opened = (): void => resolve(transport)
    const closed = (): void => reject(unreachable('the connection to the engine room was refused'))
    socket.addEventListener('open', opened)
    socket.addEventListener('close', closed)
    return () => {
      socket.removeEventListener('open', opened)
      socket.removeEventListener('close', closed)
      if (socket.readyState === WebSocket.CONNECTING) socket.close()
    }
  })
}

/** Opens one of Naru's own routes (see ROUTES_WITH_WINDOW) in a window of its own. */
export function openWindow(route: string): void {
  if (window.naru) window.naru.openWindow(route)
  else window.open(`#${route}`, '_blank', 'popup,width=900,height=600')
}

/** Where a dropped file or folder lies; empty where the shell is not told, as in a browser. */
export function pathOfFile(file: File): string {
  return window.naru?.pathOfFile(file) ?? ''
}
