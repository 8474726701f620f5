/** What this machine says about a port: can it be bound, who listens, which process that is. Linux knows most. */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import type { PortHolder } from '../contract/models.ts'
import { addressesOverlap } from './overlap.ts'
import type { PortQuestion } from './overlap.ts'
import { ownerAsHolder, unknownHolder } from './holders.ts'
import type { Listener } from './proc-net.ts'
import { createSocketOwners } from './socket-owners.ts'
import { readListeners } from './socket-tables.ts'
import { userNames } from './users.ts'

/** `unknown`: not allowed to try (privileged port) or no way to try (sctp). */
export type BindAnswer = 'free' | 'taken' | 'unknown' | 'not-here'

export interface HostPorts {
  /** Binds for an instant. The last word about a port. */
  readonly tryBind: (question: PortQuestion) => Promise<BindAnswer>
  /** Listeners on the port, any address. Empty where the system does not tell. */
  readonly listeners: (question: PortQuestion) => Promise<readonly Listener[]>
  /** The process behind a listener; `unknown` when it belongs to someone else and we may not look. */
  readonly processOf: (listener: Listener, signal: AbortSignal) => Promise<PortHolder>
}

const PROC = '/proc'
/** One for all questions: what one found the next need not look for. */
export const socketOwners = createSocketOwners(PROC)

export const hostPorts: HostPorts = { tryBind, listeners, processOf }

async function tryBind(question: PortQuestion): Promise<BindAnswer> {
  if (question.protocol === 'sctp') return 'unknown'
  if (question.hostIp !== '') return bindOnce(question, question.hostIp)
  const ipv4 = await bindOnce(question, '0.0.0.0')
  if (ipv4 !== 'free') return ipv4
  const ipv6 = await bindOnce(question, '::')
  // No IPv6 on this machine is no obstacle: the engine then publishes on IPv4 alone.
  return ipv6 === 'not-here' || ipv6 === 'unknown' ? ipv4 : ipv6
}

function bindOnce({ hostPort, protocol }: PortQuestion, host: string): Promise<BindAnswer> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException) => resolve(answerOf(error))
    const ipv6Only = host.includes(':')
    if (protocol === 'tcp') {
      const server = createServer()
      server.once('error', onError)
      server.listen({ host, port: hostPort, exclusive: true, ipv6Only }, () => server.close(() => resolve('free')))
    } else {
      const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', ipv6Only })
      socket.once('error', (error) => {
        socket.close()
        onError(error)
      })
      socket.bind({ address: host, port: hostPort, exclusive: true }, () => socket.close(() => resolve('free')))
    }
  })
}

function answerOf(error: NodeJS.ErrnoException): BindAnswer {
  if (error.code === 'EADDRINUSE') return 'taken'
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') return 'not-here'
  return 'unknown'
}

async function listeners({ hostIp, hostPort, protocol }: PortQuestion): Promise<readonly Listener[]> {
  const all = (await readListeners(PROC, new AbortController().signal)) ?? []
  return all.filter((each) => each.protocol === protocol && each.port === hostPort && addressesOverlap(each.ip, hostIp))
}

async function processOf(listener: Listener, signal: AbortSignal): Promise<PortHolder> {
  const found = (await socketOwners.find([listener.inode], signal)).get(listener.inode)
  return found ? ownerAsHolder(found) : unknownHolder(listener, await userNames())
}
