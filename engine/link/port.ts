/**
 * The link over a message port: the page's MessagePort, a worker's, and Electron's MessagePortMain, which differ only in
 * how they hand out events. Pure. Values travel by structured clone, so binary stays binary without any coding.
 */
import { NaruError } from '../contract/errors.ts'
import { compactFrame } from './codec.ts'
import { asFrame, createClosing } from './transport.ts'
import type { Transport } from './transport.ts'

type PortEvent = 'message' | 'messageerror' | 'close'

/** What the three kinds of port have in common; one of the two ways to listen must be there. */
export interface PortLike {
  postMessage(message: unknown): void
  close(): void
  start?(): void
  addEventListener?(type: PortEvent, listener: (event: object) => void): void
  on?(type: PortEvent, listener: (event: object) => void): unknown
}

/** Sent before closing: not every port tells its other end that it was closed. */
const GOODBYE = 'naru-link-closed'

/** A transport over `port`. The port is started when the first receiver is set, and closed with the transport. */
export function portTransport(port: PortLike): Transport {
  const closing = createClosing()
  const shut = (reason?: NaruError): void => {
    if (closing.closed) return
    try {
      port.postMessage(GOODBYE)
    } catch {
      // The other end is gone already; there is nobody to tell.
    }
    port.close()
    closing.fire(reason)
  }
  listen(port, 'close', () => closing.fire())
  listen(port, 'messageerror', () => shut(new NaruError('invalid-request', 'a message could not be read')))

  let receiving = false
  return {
    send(frame) {
      if (closing.closed) return
      const compact = compactFrame(frame)
      try {
        port.postMessage(compact)
      } catch (cause) {
        // Proxies (Vue's reactive objects) look plain and cannot be cloned.
        throw new NaruError('invalid-request', 'the value cannot be cloned; hand over a plain copy', { cause })
      }
    },
    onMessage(receive) {
      if (receiving) throw new NaruError('internal', 'a transport has one receiver')
      receiving = true
      listen(port, 'message', (event) => {
        if (closing.closed) return
        const { data } = event as { readonly data?: unknown }
        if (data === GOODBYE) return shut()
        const frame = asFrame(data)
        if (frame) receive(frame)
        else shut(new NaruError('invalid-request', 'not a known frame'))
      })
      port.start?.()
    },
    onClose: closing.onClose,
    close: () => shut(),
  }
}

/** Ports with addEventListener come first: a worker port's `on` hands out bare values instead of events. */
function listen(port: PortLike, type: PortEvent, listener: (event: object) => void): void {
  if (port.addEventListener) port.addEventListener(type, listener)
  else if (port.on) port.on(type, listener)
  else throw new NaruError('internal', 'this port has no way to listen')
}
