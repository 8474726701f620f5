/** Types an implementation of the contract must satisfy: forgetting a handler does not compile. */
import type { MethodName, Methods, StreamName, Streams } from '../contract/contract.ts'

export interface CallContext {
  /** Aborted when the caller cancels, its time is up, or the peer goes. */
  readonly signal: AbortSignal
  /** The peer that asks: things it opened are closed when it goes. */
  readonly peerId: string
}

export type MethodHandlers = {
  readonly [M in MethodName]: (arg: Methods[M]['arg'], context: CallContext) => Promise<Methods[M]['result']>
}

export type StreamHandlers = {
  readonly [S in StreamName]: (arg: Streams[S]['arg'], context: CallContext) => AsyncIterable<Streams[S]['item']>
}
