/** The pipe to the engine room: opened, watched, opened again. Every other store talks through this one. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { CONTRACT_VERSION } from '../../engine/contract/contract.ts'
import type { MethodName, Methods, StreamName, Streams } from '../../engine/contract/contract.ts'
import { NaruError, isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { AppInfo } from '../../engine/contract/models.ts'
import { openLink } from '../link/connect.ts'
import type { Link } from '../link/connect.ts'
import { pause, retryDelay } from '../link/backoff.ts'

/** `waiting` = lost, a new attempt follows; `mismatch` = page and engine room are of different versions. */
export type ConnectionStatus = 'connecting' | 'open' | 'waiting' | 'mismatch'

/** What a lasting subscription wants to be told. */
export interface Subscriber<Item> {
  item(item: Item): void
  /** The stream broke or was refused; it is opened again unless the subscription was ended. */
  broken?(error: ErrorEnvelope): void
}

export const useConnection = defineStore('connection', () => {
  const status = ref<ConnectionStatus>('connecting')
  const info = shallowRef<AppInfo | null>(null)
  const error = shallowRef<ErrorEnvelope | null>(null)
  const link = shallowRef<Link | null>(null)
  const subscriptions = new Set<(link: Link) => void>()
  const life = new AbortController()
  let wake: (() => void) | null = null

  /** Keeps a link open until the page goes. Started once. */
  async function start(): Promise<void> {
    for (let attempt = 0; !life.signal.aborted; attempt += 1) {
      try {
        const opened = await openLink(life.signal)
        await greet(opened)
        attempt = 0
        await opened.closed
      } catch (reason) {
        error.value = toEnvelope(reason)
        if (error.value.code === 'contract-mismatch') {
          status.value = 'mismatch'
          return
        }
      }
      link.value = null
      status.value = 'waiting'
      await pause(retryDelay(attempt), life.signal, (resume) => (wake = resume))
    }
  }

  async function greet(opened: Link): Promise<void> {
    const asked = opened.call('app.info', {}, { signal: life.signal })
    // Behind the question, not behind its answer: the first rows are on their way a turn earlier.
    link.value = opened
    for (const resubscribe of subscriptions) resubscribe(opened)
    const answer = await asked
    if (answer.contractVersion !== CONTRACT_VERSION) {
      link.value = null
      opened.close()
      throw new NaruError('contract-mismatch', `page ${CONTRACT_VERSION}, engine room ${answer.contractVersion}`)
    }
    info.value = answer
    status.value = 'open'
    error.value = null
  }

  /** Tries again now instead of when the wait is over. */
  function retryNow(): void {
    wake?.()
  }

  function current(): Link {
    if (link.value) return link.value
    throw new NaruError('timeout', 'no connection to the engine room', { hint: 'engine-room', retryable: true })
  }

  /** One request, one reply. Throws NaruError. */
  async function call<M extends MethodName>(
    name: M,
    arg: Methods[M]['arg'],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Methods[M]['result']> {
    return current().call(name, arg, options)
  }

  /** Items as they come, until `signal` or the link ends them. For short streams; lasting ones use `subscribe`. */
  function stream<S extends StreamName>(
    name: S,
    arg: Streams[S]['arg'],
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncIterable<Streams[S]['item']> {
    return current().stream(name, arg, options)
  }

  /** Follows a stream across lost connections until the returned function is called. */
  function subscribe<S extends StreamName>(
    name: S,
    arg: Streams[S]['arg'],
    subscriber: Subscriber<Streams[S]['item']>,
  ): () => void {
    const ended = new AbortController()
    const open = (opened: Link): void => void follow(opened, name, arg, subscriber, ended.signal)
    subscriptions.add(open)
    if (link.value) open(link.value)
    return () => {
      subscriptions.delete(open)
      ended.abort()
    }
  }

  async function follow<S extends StreamName>(
    opened: Link,
    name: S,
    arg: Streams[S]['arg'],
    subscriber: Subscriber<Streams[S]['item']>,
    signal: AbortSignal,
  ): Promise<void> {
    for (let attempt = 0; !signal.aborted && link.value === opened; attempt += 1) {
      try {
        for await (const item of opened.stream(name, arg, { signal })) {
          attempt = 0
          subscriber.item(item)
        }
      } catch (reason) {
        if (signal.aborted || isCancelled(reason)) return
        subscriber.broken?.(toEnvelope(reason))
      }
      await pause(retryDelay(attempt), signal)
    }
  }

  return {
    status,
    info,
    error,
    online: computed(() => status.value === 'open'),
    start,
    retryNow,
    call,
    stream,
    subscribe,
  }
})
