/**
 * Who has which terminals. A window names itself by a key it keeps over a reload, so that its next peer finds what the
 * last one opened; a peer without a key has its terminals to itself, and they go with it.
 */
import { NaruError } from '../contract/errors.ts'
import type { TerminalEnd, TerminalRow } from '../contract/models.ts'
import type { TerminalSize } from '../contract/parts/terminals.ts'
import type { TerminalSession } from './session.ts'

export interface Held {
  readonly owner: string
  readonly row: Omit<TerminalRow, 'ended'>
  readonly session: TerminalSession
  readonly resize: (size: TerminalSize, signal: AbortSignal) => Promise<void>
  readonly write: (bytes: Uint8Array, signal: AbortSignal) => Promise<void>
  /** Leaves the main process of a container alone; absent for commands, which end with their terminal. */
  readonly detach?: () => void
  /** Ends it, each kind in its way; false when the command goes on in the container. Never rejects. */
  readonly end: () => Promise<boolean>
}

/** Terminals of one window, ended ones included. */
export const MOST_TERMINALS = 32
/** Milliseconds terminals outlive a window that went without closing them. */
export const ORPHAN_MS = 30 * 60_000

export class TerminalHolding {
  readonly #sessions = new Map<string, Held>()
  /** Owners of terminals that are just being opened. */
  readonly #opening = new Map<string, { readonly owner: string; gone: boolean }>()
  readonly #windows = new Map<string, string>()
  readonly #orphans = new Map<string, NodeJS.Timeout>()
  readonly #ending = new Set<Promise<unknown>>()
  readonly #orphanMs: number

  constructor(orphanMs = ORPHAN_MS) {
    this.#orphanMs = orphanMs
  }

  ownerOf = (peerId: string): string => this.#windows.get(peerId) ?? peerId
  hasWindow = (window: string): boolean => [...this.#windows.values()].includes(window)
  of = (owner: string): readonly Held[] => [...this.#sessions.values()].filter((held) => held.owner === owner)
  rows = (owner: string): TerminalRow[] => this.of(owner).map(({ row, session }) => ({ ...row, ended: session.ended }))

  claim(peerId: string, window: string): void {
    this.#windows.set(peerId, window)
    clearTimeout(this.#orphans.get(window))
    this.#orphans.delete(window)
  }

  /** @throws NaruError `not-found` */
  find(sessionId: string, peerId: string): Held {
    const held = this.#sessions.get(sessionId)
    if (held?.owner === this.ownerOf(peerId)) return held
    throw new NaruError('not-found', 'no such terminal', { params: { name: sessionId }, hint: 'terminal-gone' })
  }

  /**
   * Opens one more for `owner`; what was opened for one who went meanwhile is ended.
   * @throws NaruError `invalid-request` with hint `terminals-full`, `cancelled`, and what `open` throws
   */
  async open(sessionId: string, owner: string, signal: AbortSignal, open: (number: (containerId: string) => number) => Promise<Held>): Promise<Held> {
    const mine = this.of(owner).length + [...this.#opening.values()].filter((one) => one.owner === owner).length
    if (mine >= MOST_TERMINALS) throw new NaruError('invalid-request', `more than ${MOST_TERMINALS} terminals at once`, { hint: 'terminals-full', params: { most: MOST_TERMINALS } })
    const waiting = { owner, gone: false }
    this.#opening.set(sessionId, waiting)
    try {
      const held = await open((containerId) => this.#nextNumber(owner, containerId))
      if (waiting.gone || signal.aborted) {
        void this.#end(held)
        throw new NaruError('cancelled', 'the page is gone')
      }
      this.#sessions.set(sessionId, held)
      return held
    } finally {
      this.#opening.delete(sessionId)
    }
  }

  /** Forgets and ends it. False when its command goes on in the container. */
  async drop(sessionId: string, peerId: string): Promise<boolean> {
    const held = this.#sessions.get(sessionId)
    return held?.owner === this.ownerOf(peerId) ? this.forget(sessionId) : true
  }

  async forget(sessionId: string): Promise<boolean> {
    const held = this.#sessions.get(sessionId)
    this.#sessions.delete(sessionId)
    return held ? this.#end(held) : true
  }

  /** A window's terminals wait for it a while; those of a peer without one end now. */
  gone(peerId: string): void {
    const window = this.#windows.get(peerId)
    this.#windows.delete(peerId)
    if (window === undefined) return this.#dropOf((owner) => owner === peerId)
    if (this.hasWindow(window)) return
    clearTimeout(this.#orphans.get(window))
    const timer = setTimeout(() => {
      this.#orphans.delete(window)
      this.#dropOf((owner) => owner === window)
    }, this.#orphanMs)
    timer.unref()
    this.#orphans.set(window, timer)
  }

  /** Ends all; resolves when that is done, each within its limits. */
  async close(): Promise<void> {
    for (const timer of this.#orphans.values()) clearTimeout(timer)
    this.#orphans.clear()
    this.#dropOf(() => true)
    await Promise.allSettled([...this.#ending])
  }

  #nextNumber(owner: string, containerId: string): number {
    return Math.max(0, ...this.of(owner).filter(({ row }) => row.containerId === containerId).map(({ row }) => row.number)) + 1
  }

  #dropOf(fits: (owner: string) => boolean): void {
    for (const waiting of this.#opening.values()) waiting.gone ||= fits(waiting.owner)
    for (const [id, held] of this.#sessions) if (fits(held.owner)) void this.forget(id)
  }

  #end(held: Held): Promise<boolean> {
    const ending = held.end()
    this.#ending.add(ending)
    void ending.finally(() => this.#ending.delete(ending))
    return ending
  }
}

/** Whether a refused size is only that of something over. */
export function isOver(ended: TerminalEnd | null, error: unknown): boolean {
  return ended !== null || (error instanceof NaruError && (error.code === 'not-found' || error.code === 'conflict' || error.code === 'internal'))
}
