/** Is a host port free, who holds it, and which one near it would do? */
import { NaruError } from '../contract/errors.ts'
import type { ContainerRow, PortCheck, PortHolder } from '../contract/models.ts'
import { isIpAddress } from './address.ts'
import { hostPorts } from './host-ports.ts'
import type { HostPorts } from './host-ports.ts'
import { inContainer } from './holders.ts'
import { findPublisher } from './overlap.ts'
import type { PortQuestion } from './overlap.ts'

export interface PortContext {
  /** Containers of the engine that is to publish the port: what they hold is taken, whatever the host says. */
  readonly rows: readonly ContainerRow[]
  /** Last known containers of other engines: they only name the holder of a port found taken. */
  readonly otherRows?: readonly ContainerRow[]
  /** The engine has no root: ports below 1024 are refused to it. */
  readonly rootless?: boolean
  readonly host?: HostPorts
}

/** Ports tried above the one asked for. */
const NEAR = 200
const LAST_PORT = 65_535
const FIRST_UNPRIVILEGED = 1_024

/** More ports of one range than anybody publishes by hand. */
const MOST_OF_RANGE = 100

/** One port, or a range of them. */
export interface RangeQuestion extends PortQuestion {
  readonly lastPort?: number
  /** One free port among them is enough. */
  readonly anyOne?: boolean
}

/**
 * @throws NaruError `invalid-request` when the address is none (hint `port.ip`) or none of this machine's (`port.ip-not-here`)
 */
export async function checkPort({ lastPort, anyOne, ...question }: RangeQuestion, context: PortContext, signal: AbortSignal): Promise<PortCheck> {
  if (question.hostIp !== '' && !isIpAddress(question.hostIp)) {
    // Binding would look a name up: half an address, typed, is no question for the network.
    throw new NaruError('invalid-request', `not an IP address: ${question.hostIp}`, { params: { hostIp: question.hostIp, field: 'ports' }, hint: 'port.ip' })
  }
  const last = Math.min(lastPort ?? question.hostPort, question.hostPort + MOST_OF_RANGE - 1)
  const asked = Array.from({ length: Math.max(1, last - question.hostPort + 1) }, (_, offset) => ({ ...question, hostPort: question.hostPort + offset }))
  const taken = await firstTaken(asked, anyOne === true, context, signal)
  const privileged = context.rootless === true && question.hostPort < FIRST_UNPRIVILEGED
  if (!taken && !privileged) return { free: true }
  const from = anyOne ? (lastPort ?? question.hostPort) + 1 : question.hostPort + 1
  const nearestFree = await findFreePort({ ...question, hostPort: from }, context, signal, anyOne ? 1 : asked.length)
  return {
    free: !taken,
    ...(taken && { holder: taken.holder }),
    ...(taken && asked.length > 1 && { port: taken.port }),
    ...(nearestFree !== undefined && { nearestFree }),
    ...(privileged && { privileged }),
  }
}

/** The first that is taken; when one free port is enough, only if all are. */
async function firstTaken(asked: readonly PortQuestion[], anyOne: boolean, context: PortContext, signal: AbortSignal): Promise<{ readonly port: number; readonly holder: PortHolder } | undefined> {
  let first: { readonly port: number; readonly holder: PortHolder } | undefined
  for (const question of asked) {
    const holder = await findHolder(question, context, signal)
    if (holder) first ??= { port: question.hostPort, holder }
    if ((holder !== undefined) !== anyOne) return anyOne ? undefined : first
  }
  return first
}

/** Who holds the port, or undefined when it is free. */
export async function findHolder(
  question: PortQuestion,
  context: PortContext,
  signal: AbortSignal,
): Promise<PortHolder | undefined> {
  const own = findPublisher(context.rows, question)
  if (own) return asHolder(own)
  const host = context.host ?? hostPorts
  const answer = await host.tryBind(question)
  if (answer === 'free') return undefined
  if (answer === 'not-here') {
    throw new NaruError('invalid-request', `${question.hostIp} is no address of this machine`, {
      params: { hostIp: question.hostIp, port: question.hostPort },
      hint: 'port.ip-not-here',
    })
  }
  const [listener] = await host.listeners(question)
  if (!listener && answer === 'unknown') return undefined
  const other = findPublisher(context.otherRows ?? [], question)
  if (other) return asHolder(other)
  if (!listener) return { kind: 'unknown', name: '' }
  const holder = await host.processOf(listener, signal)
  return inContainer(holder, [...context.rows, ...(context.otherRows ?? [])])
}

/** First of `length` free ports in a row from `question.hostPort` up, begun among the next 200; undefined when there are none. */
export async function findFreePort(
  question: PortQuestion,
  context: PortContext,
  signal: AbortSignal,
  length = 1,
): Promise<number | undefined> {
  const host = context.host ?? hostPorts
  const first = context.rootless ? Math.max(question.hostPort, FIRST_UNPRIVILEGED) : question.hostPort
  let free = 0
  for (let hostPort = first; hostPort < first + NEAR + length - 1 && hostPort <= LAST_PORT; hostPort++) {
    signal.throwIfAborted()
    const candidate = { ...question, hostPort }
    const isFree = !findPublisher(context.rows, candidate) && (await host.tryBind(candidate)) === 'free'
    free = isFree ? free + 1 : 0
    if (free === length) return hostPort - length + 1
  }
  return undefined
}

function asHolder(row: ContainerRow): PortHolder {
  return { kind: 'container', containerId: row.id, name: row.name }
}
