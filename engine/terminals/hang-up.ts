/**
 * Ends what an exec left behind. Engines let a command run on when its connection is closed: it is typed to (Ctrl+C,
 * Ctrl+D), and when that does not help its first process gets the signal a closed window sends. That needs its number
 * inside the container, which only the kernel of the engine's machine tells: on another machine it stays unknown.
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { EngineClient } from '../docker/engine-client.ts'
import type { TerminalSession } from './session.ts'

/** Interrupts what runs and ends a shell. */
const KEYS = Buffer.from('\x03\x04')
/** Milliseconds a shell has to leave by itself, and a signal has to work. */
const LIMITS = { leaveMs: 500, signalMs: 3_000 }

export interface HangUpTarget {
  readonly client: Pick<EngineClient, 'inspectExec' | 'runExec'>
  readonly id: string
  readonly execId: string
  readonly command: readonly string[]
  readonly user: string | undefined
  /** Folder of process information of this machine. */
  readonly proc?: string
  readonly limits?: typeof LIMITS
}

const overWithin = (session: TerminalSession, ms: number): Promise<boolean> => {
  const limit = new AbortController()
  const late = wait(ms, false, { signal: limit.signal }).catch(() => false)
  return Promise.race([session.over.then(() => true), late]).finally(() => limit.abort())
}

/** Ends the command and its connection; false when it goes on in the container. Never rejects. */
export async function hangUp(session: TerminalSession, target: HangUpTarget): Promise<boolean> {
  const { leaveMs, signalMs } = target.limits ?? LIMITS
  if (session.ended) return true
  session.write(KEYS, AbortSignal.timeout(leaveMs)).catch(() => undefined)
  if (await overWithin(session, leaveMs)) return true
  const done = await signalled(target, AbortSignal.timeout(signalMs)).catch((): Signalled => 'not')
  const ended = done === 'over' || (done === 'sent' && (await overWithin(session, signalMs)))
  session.close()
  return ended
}

type Signalled = 'over' | 'sent' | 'not'

async function signalled({ client, id, execId, command, user, proc = '/proc' }: HangUpTarget, signal: AbortSignal): Promise<Signalled> {
  const { Running, Pid } = await client.inspectExec(execId, { signal })
  if (!Running || !Pid) return 'over'
  const inside = await pidInside(`${proc}/${Pid}`, id, command)
  if (inside === null) return 'not'
  // A shell has `kill` built in; where there is none, there is mostly no `kill` either.
  const User = user ? { User: user } : {}
  await client.runExec(id, { Cmd: ['/bin/sh', '-c', 'kill -HUP "$1"', 'sh', String(inside)], ...User }, { signal })
  return 'sent'
}

/**
 * The number a process of this machine has inside its container; null unless it is surely of that container: the engine
 * may run elsewhere, and its number then means another process here.
 */
async function pidInside(folder: string, id: string, command: readonly string[]): Promise<number | null> {
  const [status, groups, line] = await Promise.all(['status', 'cgroup', 'cmdline'].map((file) => readFile(`${folder}/${file}`, 'utf8').catch(() => '')))
  const numbers = /^NSpid:\s+(.+)$/m.exec(status ?? '')?.[1]?.split(/\s+/) ?? []
  const itsOwn = groups?.includes(id) || line === command.map((word) => `${word}\0`).join('')
  const inside = Number(numbers.at(-1))
  return itsOwn && numbers.length > 1 && Number.isInteger(inside) && inside > 1 ? inside : null
}
