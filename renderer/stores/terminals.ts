/** Terminals this page opened: they go on in the engine room while nobody looks, and end with their container or the link. */
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { NaruError } from '../../engine/contract/errors.ts'
import type { FoundShell, TerminalEnd } from '../../engine/contract/models.ts'
import { INPUT_BYTES } from '../../engine/contract/parts/terminals.ts'
import type { TerminalSize } from '../../engine/contract/parts/terminals.ts'
import { useConnection } from './connection.ts'
import { useState } from './state.ts'

/** What a terminal is opened with. */
export interface TerminalChoice {
  readonly command: readonly string[]
  readonly user?: string
  readonly workdir?: string
  readonly env?: readonly string[]
}

export interface Terminal {
  readonly sessionId: string
  readonly containerId: string
  readonly choice: TerminalChoice
  /** Counts the terminals of a container from 1. */
  readonly number: number
  /** What the program calls itself; empty until it does. */
  readonly title: string
  /** `page`: the link to the engine room broke, and the session with it. */
  readonly ended: TerminalEnd | { readonly reason: 'page'; readonly exitCode: null } | null
}

/** Takes what a terminal prints; each promise resolves when it was consumed, and only then more is asked for. */
export interface TerminalSink {
  replay(bytes: Uint8Array): Promise<void>
  output(bytes: Uint8Array): Promise<void>
}

/** Input that waits for the engine at most, bytes. */
const MOST_WAITING = 8 * 1024 * 1024
const LONGEST_TITLE = 80

export const useTerminals = defineStore('terminals', () => {
  const connection = useConnection()
  const state = useState()
  const list = shallowRef<readonly Terminal[]>([])
  /** Containers for which a terminal is to be opened without asking anything more. */
  const wanted = shallowRef<ReadonlySet<string>>(new Set())
  const shown = new Map<string, string>()
  const input = new Map<string, { waiting: number; last: Promise<unknown> }>()

  const engine = (): string => state.engineId ?? ''
  const of = (containerId: string): readonly Terminal[] => list.value.filter((one) => one.containerId === containerId)
  const change = (sessionId: string, patch: Partial<Terminal>): void => {
    list.value = list.value.map((one) => (one.sessionId === sessionId ? { ...one, ...patch } : one))
  }

  // What a page opened ends with its link.
  watch(
    () => connection.online,
    (online) => {
      if (!online) list.value = list.value.map((one) => ({ ...one, ended: one.ended ?? { reason: 'page', exitCode: null } }))
    },
  )

  async function shells(containerId: string, signal: AbortSignal): Promise<readonly FoundShell[]> {
    return (await connection.call('terminals.shells', { engineId: engine(), id: containerId }, { signal })).shells
  }

  async function open(containerId: string, choice: TerminalChoice, size: TerminalSize): Promise<Terminal> {
    const { command, env, ...more } = choice
    const arg = { engineId: engine(), id: containerId, ...size, ...more, command: [...command], ...(env && { env: [...env] }) }
    const { sessionId } = await connection.call('terminals.open', arg)
    const number = Math.max(0, ...of(containerId).map((one) => one.number)) + 1
    const terminal: Terminal = { sessionId, containerId, choice, number, title: '', ended: null }
    list.value = [...list.value, terminal]
    shown.set(containerId, sessionId)
    return terminal
  }

  function close(sessionId: string): void {
    list.value = list.value.filter((one) => one.sessionId !== sessionId)
    input.delete(sessionId)
    if (connection.online) connection.call('terminals.close', { sessionId }).catch(() => undefined)
  }

  /** Feeds `sink` until the session is over or `signal` aborts. */
  async function follow(sessionId: string, sink: TerminalSink, signal: AbortSignal): Promise<void> {
    let first = true
    for await (const bytes of connection.stream('terminals.output', { sessionId }, { signal })) {
      await (first ? sink.replay(bytes) : sink.output(bytes))
      first = false
    }
    const { terminals } = await connection.call('terminals.list', {}, { signal })
    const ended = terminals.find((one) => one.sessionId === sessionId)?.ended
    if (ended) change(sessionId, { ended })
  }

  /** Sends bytes in the order they were given. @throws NaruError when the terminal takes nothing, or too much waits */
  async function write(sessionId: string, bytes: Uint8Array): Promise<void> {
    const queue = input.get(sessionId) ?? { waiting: 0, last: Promise.resolve() }
    input.set(sessionId, queue)
    if (queue.waiting + bytes.length > MOST_WAITING) throw new NaruError('invalid-request', 'the terminal does not take so much at once', { hint: 'terminal-busy' })
    queue.waiting += bytes.length
    const send = async (): Promise<void> => {
      for (let at = 0; at < bytes.length; at += INPUT_BYTES) {
        await connection.call('terminals.write', { sessionId, bytes: bytes.slice(at, at + INPUT_BYTES) })
      }
    }
    const sent = queue.last.then(send, send).finally(() => (queue.waiting -= bytes.length))
    queue.last = sent.catch(() => undefined)
    await sent
  }

  const resize = (sessionId: string, size: TerminalSize): Promise<unknown> => connection.call('terminals.resize', { sessionId, ...size })

  function want(containerId: string, on: boolean): void {
    const next = new Set(wanted.value)
    if (on) next.add(containerId)
    else next.delete(containerId)
    wanted.value = next
  }

  return {
    list,
    wanted,
    of,
    shells,
    open,
    close,
    follow,
    write,
    resize,
    want,
    entitle: (sessionId: string, title: string) => change(sessionId, { title: title.slice(0, LONGEST_TITLE) }),
    /** The terminal last looked at, for coming back. */
    shownOf: (containerId: string): string | undefined => shown.get(containerId),
    show: (containerId: string, sessionId: string) => void shown.set(containerId, sessionId),
  }
})
