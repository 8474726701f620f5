/** Terminals of every window: commands run in containers and main processes attached to. */
import { randomUUID } from 'node:crypto'
import { NaruError } from '../contract/errors.ts'
import type { TerminalPlace } from '../contract/models.ts'
import type { OnContainer } from '../contract/parts/rules.ts'
import type { TerminalSize } from '../contract/parts/terminals.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import type { MethodHandlers, StreamHandlers } from '../link/handlers.ts'
import { withAny } from '../system/signals.ts'
import { attachTo, tellSize } from './attach.ts'
import type { AttachClient } from './attach.ts'
import { endWithContainer } from './container-end.ts'
import { createDetachKeys } from './detach-keys.ts'
import { hangUp } from './hang-up.ts'
import { TerminalHolding, isOver } from './holding.ts'
import type { Held } from './holding.ts'
import { createTerminalSession } from './session.ts'
import { findShells } from './shells.ts'
import { whyEnded } from './why-ended.ts'

/** One that was attached to before its container was started. */
export interface Awaiting {
  readonly sessionId: string
  /** The container runs: its terminal can be told a size. */
  readonly started: (signal: AbortSignal) => Promise<void>
  /** It will not be started. */
  readonly drop: () => Promise<void>
}

export interface TerminalService {
  readonly shells: MethodHandlers['terminals.shells']
  readonly claim: MethodHandlers['terminals.claim']
  readonly open: MethodHandlers['terminals.open']
  readonly attach: MethodHandlers['terminals.attach']
  readonly write: MethodHandlers['terminals.write']
  readonly endInput: MethodHandlers['terminals.end-input']
  readonly resize: MethodHandlers['terminals.resize']
  readonly detach: MethodHandlers['terminals.detach']
  readonly close: MethodHandlers['terminals.close']
  readonly list: MethodHandlers['terminals.list']
  readonly output: StreamHandlers['terminals.output']
  /** Attaches to a container before its start, for the window of `place`; null when that window is not there any more. */
  readonly attachBefore: (on: OnContainer, place: TerminalPlace, signal: AbortSignal) => Promise<Awaiting | null>
  /** A peer went: its window may come back, what it had without one is closed. */
  readonly closePeer: (peerId: string) => void
  /** Ends all of them; resolves when that is done. */
  readonly shutdown: () => Promise<void>
}

/** What the service needs of an engine. */
export type TerminalClient = AttachClient & Pick<EngineClient, 'createExec' | 'startExec' | 'runExec' | 'resizeExec' | 'inspectExec' | 'inspectContainer' | 'hasPath'>

export interface TerminalDeps {
  /** @throws NaruError when the engine is not connected */
  readonly connection: (engineId: string) => { readonly client: TerminalClient; readonly signal: AbortSignal }
  /** Milliseconds terminals wait for a window that went. */
  readonly orphanMs?: number
  /** See container-end.ts. */
  readonly graceMs?: number
}

/** Milliseconds in which the engine must say why a terminal ended. */
const WHY_MS = 5_000
/** Full-screen programs and colours ask for it; engines set a plain `xterm`. */
const TERM = 'TERM=xterm-256color'

export function createTerminalService({ connection, orphanMs, graceMs }: TerminalDeps): TerminalService {
  const holding = new TerminalHolding(orphanMs)

  async function attach(sessionId: string, owner: string, { engineId, id }: OnContainer, signal: AbortSignal, must: 'run' | 'wait'): Promise<Held> {
    const { client, signal: lost } = connection(engineId)
    return holding.open(sessionId, owner, signal, async (number) => {
      if (must === 'run') await refuseStopped(client, id, signal)
      const { session, tty, input, resize, detach } = await attachTo(client, id, AbortSignal.any([signal, lost]), lost)
      const keys = createDetachKeys()
      return {
        owner,
        session,
        row: { sessionId, engineId, containerId: id, kind: 'attach', number: number(id), command: [], tty, input },
        resize,
        async write(bytes, of) {
          const { pass, detach: leave } = keys.take(bytes)
          if (pass.length > 0) await session.write(pass, of)
          if (leave) detach()
        },
        detach,
        async end() {
          detach()
          return true
        },
      }
    })
  }

  return {
    async shells({ engineId, id }, { signal }) {
      const { client, signal: lost } = connection(engineId)
      return { shells: await withAny([signal, lost], (both) => findShells(client, id, both)) }
    },
    async claim({ window }, { peerId }) {
      holding.claim(peerId, window)
      return { terminals: holding.rows(window) }
    },
    async open({ engineId, id, command, columns, rows, user, workdir, env }, { peerId, signal }) {
      const { client, signal: lost } = connection(engineId)
      const both = AbortSignal.any([signal, lost])
      const sessionId = randomUUID()
      const owner = holding.ownerOf(peerId)
      const held = await holding.open(sessionId, owner, signal, async (number) => {
        const given = env ?? []
        const Env = given.some((line) => line.startsWith('TERM=')) ? given : [TERM, ...given]
        const execId = await client.createExec(id, { Cmd: command, Env, ...(user && { User: user }), ...(workdir && { WorkingDir: workdir }) }, { signal: both })
        const socket = await client.startExec(execId, { signal: both })
        const session = createTerminalSession(socket, () => whyEnded(client, id, execId, AbortSignal.any([lost, AbortSignal.timeout(WHY_MS)])))
        endWithContainer(client, id, session, lost, graceMs)
        return {
          owner,
          session,
          row: { sessionId, engineId, containerId: id, kind: 'exec', number: number(id), command, ...(user && { user }), ...(workdir && { workdir }), ...(env && { env }), tty: true, input: true },
          resize: (size, of) => client.resizeExec(execId, size, { signal: of }),
          write: (bytes, of) => session.write(bytes, of),
          end: () => hangUp(session, { client, id, execId, command, user }),
        }
      })
      // The command may be over already, and Podman may not have begun: the next change of size tells it again.
      await held.resize({ columns, rows }, both).catch(() => undefined)
      return { ...held.row, ended: held.session.ended }
    },
    async attach({ engineId, id, columns, rows }, { peerId, signal }) {
      const held = await attach(randomUUID(), holding.ownerOf(peerId), { engineId, id }, signal, 'run')
      await tellSize(held, { columns, rows }, signal)
      return { ...held.row, ended: held.session.ended }
    },
    async attachBefore(on, { window, columns, rows }, signal) {
      if (!holding.hasWindow(window)) return null
      const sessionId = randomUUID()
      const held = await attach(sessionId, window, on, signal, 'wait')
      return {
        sessionId,
        started: (of) => tellSize(held, { columns, rows }, of),
        drop: async () => void (await holding.forget(sessionId)),
      }
    },
    async write({ sessionId, bytes }, { peerId, signal }) {
      await holding.find(sessionId, peerId).write(bytes, signal)
      return {}
    },
    async endInput({ sessionId }, { peerId }) {
      holding.find(sessionId, peerId).session.endInput()
      return {}
    },
    async resize({ sessionId, columns, rows }, { peerId, signal }) {
      const { session, resize } = holding.find(sessionId, peerId)
      if (session.ended) return {}
      await resize(size(columns, rows), signal).catch((error: unknown) => {
        // What ends at this moment has no size any more.
        if (!isOver(session.ended, error)) throw error
      })
      return {}
    },
    async detach({ sessionId }, { peerId }) {
      const { detach } = holding.find(sessionId, peerId)
      if (!detach) throw new NaruError('invalid-request', 'a command ends with its terminal')
      detach()
      return {}
    },
    close: async ({ sessionId }, { peerId }) => ({ ended: await holding.drop(sessionId, peerId) }),
    list: async (_nothing, { peerId }) => ({ terminals: holding.rows(holding.ownerOf(peerId)) }),
    async *output({ sessionId }, { peerId, signal }) {
      yield* holding.find(sessionId, peerId).session.read(signal)
    },
    closePeer: (peerId) => holding.gone(peerId),
    shutdown: () => holding.close(),
  }
}

const size = (columns: number, rows: number): TerminalSize => ({ columns, rows })

/** Engines let one attach to a stopped container and wait for its start: nobody would know what for. */
async function refuseStopped(client: TerminalClient, id: string, signal: AbortSignal): Promise<void> {
  const { State, Name } = await client.inspectContainer(id, { signal })
  if (State.Running) return
  const name = Name.replace(/^\//, '')
  throw new NaruError('conflict', `${name} is not running`, { params: { name, container: name }, hint: 'attach-stopped' })
}
