/** Two transports joined in memory, for tests: the same checks and the same cloning as a port. Pure. */
import { NaruError } from '../contract/errors.ts'
import { compactFrame } from './codec.ts'
import { createClosing } from './transport.ts'
import type { Closing, Frame, Transport } from './transport.ts'

interface End {
  readonly closing: Closing
  readonly inbox: Frame[]
  receiver: ((frame: Frame) => void) | null
  draining: boolean
}

const createEnd = (): End => ({ closing: createClosing(), inbox: [], receiver: null, draining: false })

/**
 * Delivered by a timer, never at once: code that works here must not rely on an answer within the same tick, and two
 * eager peers must not keep the event loop from its other work.
 */
function drainLater(end: End): void {
  if (end.draining || !end.receiver) return
  end.draining = true
  setTimeout(() => {
    end.draining = false
    for (const frame of end.inbox.splice(0)) if (!end.closing.closed) end.receiver?.(frame)
    if (end.inbox.length > 0) drainLater(end)
  }, 0)
}

function transportBetween(here: End, there: End): Transport {
  return {
    send(frame) {
      if (here.closing.closed || there.closing.closed) return
      there.inbox.push(structuredClone(compactFrame(frame)))
      drainLater(there)
    },
    onMessage(receive) {
      if (here.receiver) throw new NaruError('internal', 'a transport has one receiver')
      here.receiver = receive
      if (here.inbox.length > 0) drainLater(here)
    },
    onClose: here.closing.onClose,
    close() {
      here.closing.fire()
      // After what is under way: a real pipe delivers before it closes.
      setTimeout(() => there.closing.fire(), 0)
    },
  }
}

/** Both ends of a new pipe. */
export function memoryPair(): [Transport, Transport] {
  const left = createEnd()
  const right = createEnd()
  return [transportBetween(left, right), transportBetween(right, left)]
}
