/** Who listens on this machine, and which containers that do not run could not be started because of it. */
import { networkInterfaces } from 'node:os'
import type { ContainerRow, HostListener, PlannedPort, PortSurvey } from '../contract/models.ts'
import { conflictsOf } from './conflicts.ts'
import type { Occupied } from './conflicts.ts'
import { hostPorts, socketOwners } from './host-ports.ts'
import type { BindAnswer } from './host-ports.ts'
import { attribute } from './holders.ts'
import type { EngineRows } from './holders.ts'
import type { PortQuestion } from './overlap.ts'
import { readListeners } from './socket-tables.ts'
import { userNames } from './users.ts'

export interface SurveyQuestion {
  /** Absent: the machine alone. */
  readonly engineId?: string
  readonly rows: readonly ContainerRow[]
  readonly others: readonly EngineRows[]
  readonly planned: readonly PlannedPort[]
}

/** Most listeners told. */
const MOST = 5_000
/** Ports tried by binding where the system tells no listeners. */
const MOST_TRIED = 200

export async function surveyPorts(question: SurveyQuestion, signal: AbortSignal, proc = '/proc'): Promise<PortSurvey> {
  const sockets = await readListeners(proc, signal)
  const [owners, users] = await Promise.all([socketOwners.find(sockets?.map(({ inode }) => inode) ?? [], signal), userNames()])
  const listeners = sockets && attribute(sockets, { ...question, owners, users })
  const occupied: Occupied = {
    rows: question.rows,
    listeners: listeners ?? [],
    addresses: new Set(Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address))),
  }
  const tried = await tryDoubtful(question.planned, listeners, signal)
  return {
    listeners: listeners && listeners.slice(0, MOST),
    total: listeners?.length ?? 0,
    planned: conflictsOf(question.planned, question.rows, occupied, tried),
  }
}

const keyOf = ({ protocol, hostIp, hostPort }: PortQuestion): string => `${protocol} ${hostIp} ${hostPort}`

/**
 * Binds for an instant only what the tables leave open: whether a listener on `::` is there for IPv4 too is not in them,
 * and other systems have no tables. What they say is free is not touched.
 */
async function tryDoubtful(
  planned: readonly PlannedPort[],
  listeners: readonly HostListener[] | null,
  signal: AbortSignal,
): Promise<(question: PortQuestion) => BindAnswer> {
  const answers = new Map<string, BindAnswer>()
  for (const { mapping } of planned) {
    if (answers.size >= MOST_TRIED) break
    const key = keyOf(mapping)
    if (answers.has(key) || (listeners && !isDoubtful(mapping, listeners))) continue
    signal.throwIfAborted()
    answers.set(key, await hostPorts.tryBind(mapping))
  }
  return (question) => answers.get(keyOf(question)) ?? 'unknown'
}

const isDoubtful = ({ hostPort, hostIp, protocol }: PortQuestion, listeners: readonly HostListener[]): boolean =>
  hostIp !== '' && !hostIp.includes(':') && listeners.some((each) => each.port === hostPort && each.protocol === protocol && each.ip === '::')
