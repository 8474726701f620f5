/** The web shell's socket to the engine room. Knows nothing of the rest of the page, so that it can be opened first. */
import { LINK_PATH } from '../../engine/contract/shell.ts'

let early: WebSocket | null = null

function open(): WebSocket {
  const address = new URL(LINK_PATH, location.href)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  return new WebSocket(address)
}

/** Begins to open the socket that `takeSocket` gives first. The other end says nothing before it is spoken to. */
export function openEarly(): void {
  early ??= open()
}

/** A socket that is open or about to be; for one caller. */
export function takeSocket(): WebSocket {
  const taken = early
  early = null
  return taken && taken.readyState <= WebSocket.OPEN ? taken : open()
}
