/**
 * What a shell offers its page besides the link. Electron's preload exposes it as `window.naru`; in the web shell
 * `window.naru` is absent: the page then connects to the WebSocket `LINK_PATH` and opens windows with `window.open`.
 */

/** Address of the link's WebSocket in the web shell, relative to the page's folder. */
export const LINK_PATH = 'link'

/**
 * `data.type` of the window message that carries a MessagePort of the engine room in `event.ports[0]`; without a port
 * it says that the engine room behind the last one has died.
 */
export const PORT_MESSAGE = 'naru:port'

/** The frozen object at `window.naru`. */
export interface ShellBridge {
  readonly shell: 'electron'
  /** Node's name of the system: `linux`, `darwin`, `win32`. */
  readonly platform: string
  /**
   * Asks for a fresh connection. The answer is one window message of type `PORT_MESSAGE` from the window itself. While
   * the engine room restarts the answer waits. Call it again when the port closes.
   */
  readonly connect: () => void
  /** Opens a further window of Naru on one of its own routes (`ROUTES_WITH_WINDOW`); anything else is refused. */
  readonly openWindow: (route: string) => void
  /** Where a `File` that the person dropped or chose lies on this machine; empty for what lies nowhere. */
  readonly pathOfFile: (file: object) => string
}

/** Routes that may have a window of their own. The part after the prefix is an id the page made. */
export const ROUTES_WITH_WINDOW = ['/log-window/'] as const

/** True when `route` may have a window of its own: known prefix, plain id characters, no dot segments, bounded length. */
export function isWindowRoute(route: unknown): route is string {
  if (typeof route !== 'string' || route.length > 600) return false
  const prefix = ROUTES_WITH_WINDOW.find((known) => route.startsWith(known))
  if (prefix === undefined) return false
  const rest = route.slice(prefix.length)
  const plain = /^[\w.~%:@-]+(?:\/[\w.~%:@-]+)*(?:\?[\w.~%:@=&-]*)?$/
  return plain.test(rest) && !/(?:^|\/)(?:\.|%2e)+(?:[/?]|$)/i.test(rest)
}
