/** Is a host port free, who holds it, and which one near it would do? */
import { NaruError } from '../contract/errors.ts'
import type { ContainerRow, PortCheck, PortHolder } from '../contract/models.ts'
import { isIpAddress } from './address.ts'
import { hostPorts } from './host-ports.ts'
import type { HostPorts } from './host-ports.ts'
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

/**
 * @throws NaruError `invalid-request` when the address is none (hint `port.ip`) or none of this machine's (`port.ip-not-here`)
 */
export async function checkPort(question: PortQuestion, context: PortContext, signal: AbortSignal): Promise<PortCheck> {
  if (question.hostIp !== '' && !isIpAddress(question.hostIp)) {
    // Binding would look a name up: half an address, typed, is no question for the network.
    throw new NaruError('invalid-request', `not an IP address: ${question.hostIp}`, { params: { hostIp: question.hostIp, field: 'ports' }, hint: 'port.ip' })
  }
  const privileged = context.rootless === true && question.hostPort < FIRST_UNPRIVILEGED
  const holder = await findHolder(question, context, signal)
  if (!holder && !privileged) return { free: true }
  const nearestFree = await findFreePort({ ...question, hostPort: question.hostPort + 1 }, context, signal)
  return {
    free: !holder,
    ...(holder && { holder }),
    ...(nearestFree !== undefined && { nearestFree }),
    ...(privileged && { privileged }),
  }
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
  return listener ? host.processOf(listener.inode, signal) : { kind: 'unknown', name: '' }
}

/** First free port from `question.hostPort` up, among the next 200; undefined when there is none. */
export async function findFreePort(
  question: PortQuestion,
  context: PortContext,
  signal: AbortSignal,
): Promise<number | undefined> {
  const host = context.host ?? hostPorts
  const first = context.rootless ? Math.max(question.hostPort, FIRST_UNPRIVILEGED) : question.hostPort
  for (let hostPort = first; hostPort < first + NEAR && hostPort <= LAST_PORT; hostPort++) {
    signal.throwIfAborted()
    const candidate = { ...question, hostPort }
    if (findPublisher(context.rows, candidate)) continue
    if ((await host.tryBind(candidate)) === 'free') return hostPort
  }
  return undefined
}

function asHolder(row: ContainerRow): PortHolder {
  return { kind: 'container', containerId: row.id, name: row.name }
}
