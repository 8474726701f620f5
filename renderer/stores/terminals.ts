/**
 * Terminals of this window: they go on in the engine room while nobody looks, over a reload of the page and a broken
 * link, and end with their container, with Naru, or when they are closed.
 */
import { defineStore } from 'pinia'
import { ref, shallowRef, watch } from 'vue'
import { NaruError } from '../../engine/contract/errors.ts'
import type { FoundShell, TerminalEnd, TerminalPlace, TerminalRow } from '../../engine/contract/models.ts'
import { INPUT_BYTES } from '../../engine/contract/parts/terminals.ts'
import type { TerminalSize } from '../../engine/contract/parts/terminals.ts'
import { useConnection } from './connection.ts'
import { useOperations } from './operations.ts'
import { useState } from './state.ts'
import { windowKey } from './window-key.ts'

/** What a command is opened with. */
export type TerminalChoice = Pick<TerminalRow, 'command' | 'user' | 'workdir' | 'env'>

export interface Terminal extends Omit<TerminalRow, 'ended'> {
  /** What the program calls itself; empty until it does. */
  readonly title: string
  /** `page`: the engine room began anew, and knows it no more. */
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
/** A terminal's first size; the true one is told when it stands. */
export const FIRST_SIZE: TerminalSize = { columns: 80, rows: 24 }

export const useTerminals = defineStore('terminals', () => {
  const connection = useConnection()
  const operations = useOperations()
  const state = useState()
  const list = shallowRef<readonly Terminal[]>([])
  /** Containers for which a terminal is to be opened without asking anything more. */
  const wanted = shallowRef<ReadonlySet<string>>(new Set())
  /** The terminal an act elsewhere has just opened: its container's tab shows it. */
  const revealed = shallowRef<{ readonly containerId: string; readonly sessionId: string } | null>(null)
  /** Grows with every link: what is followed is followed anew. */
  const links = ref(0)
  const shown = new Map<string, string>()
  /** Of containers that may be gone before their row comes. */
  const names = new Map<string, string>()
  const input = new Map<string, { waiting: number; last: Promise<unknown> }>()
  let claimed: Promise<void> = Promise.resolve()

  const engine = (): string => state.engineId ?? ''
  const of = (containerId: string): readonly Terminal[] => list.value.filter((one) => one.containerId === containerId)
  const change = (sessionId: string, patch: Partial<Terminal>): void => {
    list.value = list.value.map((one) => (one.sessionId === sessionId ? { ...one, ...patch } : one))
  }
  /** The engine room's rows are what there is; titles are this page's. */
  function take(rows: readonly TerminalRow[]): void {
    const before = new Map(list.value.map((one) => [one.sessionId, one]))
    const now = rows.map((row): Terminal => ({ ...row, title: before.get(row.sessionId)?.title ?? '' }))
    const known = new Set(rows.map(({ sessionId }) => sessionId))
    const lost = list.value.filter((one) => !known.has(one.sessionId)).map((one): Terminal => ({ ...one, ended: one.ended ?? { reason: 'page', exitCode: null } }))
    list.value = [...lost, ...now]
  }

  async function claim(): Promise<void> {
    const { terminals } = await connection.call('terminals.claim', { window: windowKey() })
    const old = (row: TerminalRow): boolean => row.ended?.reason === 'container-removed' && !list.value.some((one) => one.sessionId === row.sessionId)
    take(terminals.filter((row) => !old(row)))
    links.value += 1
    // Nobody can come to see those: their containers are in no list.
    for (const { sessionId } of terminals.filter(old)) connection.call('terminals.close', { sessionId }).catch(() => undefined)
  }
  watch(
    () => connection.online,
    (online) => {
      if (!online) return
      claimed = claim()
      claimed.catch(() => undefined)
    },
    { immediate: true },
  )

  async function shells(containerId: string, signal: AbortSignal): Promise<readonly FoundShell[]> {
    return (await connection.call('terminals.shells', { engineId: engine(), id: containerId }, { signal })).shells
  }
  function add(row: TerminalRow): Terminal {
    const terminal: Terminal = { ...row, title: '' }
    list.value = [...list.value.filter((one) => one.sessionId !== row.sessionId), terminal]
    shown.set(row.containerId, row.sessionId)
    return terminal
  }
  async function open(containerId: string, choice: TerminalChoice): Promise<Terminal> {
    await claimed
    const { command, env, ...more } = choice
    return add(await connection.call('terminals.open', { engineId: engine(), id: containerId, ...FIRST_SIZE, ...more, command: [...command], ...(env && { env: [...env] }) }))
  }
  /** Attaches to the container's main process. */
  async function attach(containerId: string): Promise<Terminal> {
    await claimed
    return add(await connection.call('terminals.attach', { engineId: engine(), id: containerId, ...FIRST_SIZE }))
  }
  /** Where an operation is to attach what it starts. */
  async function place(): Promise<TerminalPlace> {
    await claimed
    return { window: windowKey(), ...FIRST_SIZE }
  }
  function reveal({ containerId, sessionId }: Pick<Terminal, 'containerId' | 'sessionId'>): void {
    shown.set(containerId, sessionId)
    revealed.value = { containerId, sessionId }
  }
  /** Shows the terminal an operation made. */
  async function adopt(containerId: string, sessionId: string, name: string): Promise<void> {
    names.set(containerId, name)
    take((await connection.call('terminals.list', {})).terminals)
    reveal({ containerId, sessionId })
  }
  /** `docker start -ai`. */
  async function startAttached(containerId: string): Promise<void> {
    const name = state.container(containerId)?.name ?? containerId.slice(0, 12)
    const { sessionId } = await operations.run('containers.start', { engineId: engine(), id: containerId, terminal: await place() })
    if (sessionId !== undefined) await adopt(containerId, sessionId, name)
  }

  function forget(sessionId: string): void {
    list.value = list.value.filter((one) => one.sessionId !== sessionId)
    input.delete(sessionId)
  }
  /** False when its command goes on in the container. */
  async function close(sessionId: string): Promise<boolean> {
    forget(sessionId)
    if (!connection.online) return true
    return connection.call('terminals.close', { sessionId }).then(({ ended }) => ended, () => true)
  }
  const detach = (sessionId: string): Promise<unknown> => connection.call('terminals.detach', { sessionId })

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
  /** The program reads the end of its input, behind what was written. */
  async function endInput(sessionId: string): Promise<void> {
    await input.get(sessionId)?.last
    await connection.call('terminals.end-input', { sessionId })
  }
  const resize = (sessionId: string, size: TerminalSize): Promise<unknown> => connection.call('terminals.resize', { sessionId, ...size })

  function want(containerId: string, on: boolean): void {
    const next = new Set(wanted.value)
    if (on) next.add(containerId)
    else next.delete(containerId)
    wanted.value = next
  }

  return {
    list, wanted, revealed, links, of, shells, open, attach, place, adopt, startAttached, reveal, close, detach, follow, write, endInput, resize, want,
    entitle: (sessionId: string, title: string) => change(sessionId, { title: title.slice(0, LONGEST_TITLE) }),
    /** The terminal last looked at, for coming back. */
    shownOf: (containerId: string): string | undefined => shown.get(containerId),
    show: (containerId: string, sessionId: string) => void shown.set(containerId, sessionId),
    nameOf: (containerId: string): string => names.get(containerId) ?? containerId.slice(0, 12),
  }
})
