/** Terminals of every peer: opened, written to, read, closed; gone with their peer. */
import { randomUUID } from 'node:crypto'
import { NaruError } from '../contract/errors.ts'
import type { TerminalRow } from '../contract/models.ts'
import type { TerminalSize } from '../contract/parts/terminals.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import type { MethodHandlers, StreamHandlers } from '../link/handlers.ts'
import { createTerminalSession } from './session.ts'
import type { TerminalSession } from './session.ts'
import { findShells } from './shells.ts'
import { whyEnded } from './why-ended.ts'

export interface TerminalService {
  readonly shells: MethodHandlers['terminals.shells']
  readonly open: MethodHandlers['terminals.open']
  readonly write: MethodHandlers['terminals.write']
  readonly resize: MethodHandlers['terminals.resize']
  readonly close: MethodHandlers['terminals.close']
  readonly list: MethodHandlers['terminals.list']
  readonly output: StreamHandlers['terminals.output']
  /** Closes what a peer opened. */
  readonly closePeer: (peerId: string) => void
  readonly shutdown: () => void
}

/** What the service needs of an engine. */
export type TerminalClient = Pick<EngineClient, 'createExec' | 'startExec' | 'resizeExec' | 'inspectExec' | 'inspectContainer' | 'hasPath'>

export interface TerminalDeps {
  /** @throws NaruError when the engine is not connected */
  readonly connection: (engineId: string) => { readonly client: TerminalClient; readonly signal: AbortSignal }
}

/** Sessions of one peer, ended ones included. */
const MOST = 32
/** Milliseconds in which the engine must say why a terminal ended. */
const WHY_MS = 5_000
/** Full-screen programs and colours ask for it; engines set a plain `xterm`. */
const TERM = 'TERM=xterm-256color'
/** Interrupts what runs and ends the shell: engines leave a command running when its connection is closed. */
const HANG_UP = Buffer.from('\x03\x04')
/** Milliseconds a shell has to leave by itself. */
const LEAVE_MS = 500

interface Held {
  readonly peerId: string
  readonly row: Omit<TerminalRow, 'ended'>
  readonly session: TerminalSession
  readonly resize: (size: TerminalSize, signal: AbortSignal) => Promise<void>
}

export function createTerminalService({ connection }: TerminalDeps): TerminalService {
  const sessions = new Map<string, Held>()
  /** Peers that went while a session of theirs was being opened. */
  const opening = new Map<string, { readonly peerId: string; gone: boolean }>()

  function find(sessionId: string, peerId: string): Held {
    const held = sessions.get(sessionId)
    if (held?.peerId === peerId) return held
    throw new NaruError('not-found', 'no such terminal', { params: { name: sessionId }, hint: 'terminal-gone' })
  }

  function drop(sessionId: string, { session }: Held): void {
    sessions.delete(sessionId)
    if (session.ended) return
    const timer = setTimeout(() => session.close(), LEAVE_MS)
    session.write(HANG_UP, AbortSignal.timeout(LEAVE_MS)).catch(() => undefined)
    session.over.then(() => clearTimeout(timer), () => undefined)
  }

  const dropAll = (fits: (peerId: string) => boolean): void => {
    for (const waiting of opening.values()) waiting.gone ||= fits(waiting.peerId)
    for (const [id, held] of sessions) if (fits(held.peerId)) drop(id, held)
  }

  return {
    async shells({ engineId, id }, { signal }) {
      const { client, signal: lost } = connection(engineId)
      return { shells: await findShells(client, id, AbortSignal.any([signal, lost])) }
    },
    async open({ engineId, id, command, columns, rows, user, workdir, env = [] }, { peerId, signal }) {
      const mine = [...sessions.values(), ...opening.values()].filter((one) => one.peerId === peerId).length
      if (mine >= MOST) throw new NaruError('invalid-request', `more than ${MOST} terminals at once`, { hint: 'terminals-full', params: { most: MOST } })
      const { client, signal: lost } = connection(engineId)
      const sessionId = randomUUID()
      const waiting = { peerId, gone: false }
      opening.set(sessionId, waiting)
      try {
        const both = AbortSignal.any([signal, lost])
        const Env = env.some((line) => line.startsWith('TERM=')) ? env : [TERM, ...env]
        const execId = await client.createExec(id, { Cmd: command, Env, ...(user && { User: user }), ...(workdir && { WorkingDir: workdir }) }, { signal: both })
        const socket = await client.startExec(execId, { signal: both })
        const session = createTerminalSession(socket, () => whyEnded(client, id, execId, AbortSignal.any([lost, AbortSignal.timeout(WHY_MS)])))
        const held: Held = {
          peerId,
          session,
          row: { sessionId, engineId, containerId: id, command },
          resize: (size, of) => client.resizeExec(execId, size, { signal: of }),
        }
        if (waiting.gone || signal.aborted) {
          drop(sessionId, held)
          throw new NaruError('cancelled', 'the page is gone')
        }
        sessions.set(sessionId, held)
        // The command may be over already, and Podman may not have begun: the next change of size tells it again.
        await held.resize({ columns, rows }, both).catch(() => undefined)
        return { sessionId }
      } finally {
        opening.delete(sessionId)
      }
    },
    async write({ sessionId, bytes }, { peerId, signal }) {
      await find(sessionId, peerId).session.write(bytes, signal)
      return {}
    },
    async resize({ sessionId, columns, rows }, { peerId, signal }) {
      const { session, resize } = find(sessionId, peerId)
      if (!session.ended) await resize({ columns, rows }, signal).catch((error: unknown) => ignoreEnded(session, error))
      return {}
    },
    async close({ sessionId }, { peerId }) {
      const held = sessions.get(sessionId)
      if (held?.peerId === peerId) drop(sessionId, held)
      return {}
    },
    async list(_nothing, { peerId }) {
      const mine = [...sessions.values()].filter((held) => held.peerId === peerId)
      return { terminals: mine.map(({ row, session }) => ({ ...row, ended: session.ended })) }
    },
    async *output({ sessionId }, { peerId, signal }) {
      yield* find(sessionId, peerId).session.read(signal)
    },
    closePeer: (peerId) => dropAll((one) => one === peerId),
    shutdown() {
      dropAll(() => true)
    },
  }
}

/** A command that ends at this moment has no size any more. */
function ignoreEnded(session: TerminalSession, error: unknown): void {
  const gone = error instanceof NaruError && (error.code === 'not-found' || error.code === 'conflict' || error.code === 'internal')
  if (!session.ended && !gone) throw error
}
