/** What this machine says about a port: can it be bound, who listens, which process that is. Linux knows most. */
import { createSocket } from 'node:dgram'
import { readFile, readdir, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { PortHolder } from '../contract/models.ts'
import { addressesOverlap } from './overlap.ts'
import type { PortQuestion } from './overlap.ts'
import { parseSocketTable } from './proc-net.ts'
import type { Listener } from './proc-net.ts'

/** `unknown`: not allowed to try (privileged port) or no way to try (sctp). */
export type BindAnswer = 'free' | 'taken' | 'unknown' | 'not-here'

export interface HostPorts {
  /** Binds for an instant. The last word about a port. */
  readonly tryBind: (question: PortQuestion) => Promise<BindAnswer>
  /** Listeners on the port, any address. Empty where the system does not tell. */
  readonly listeners: (question: PortQuestion) => Promise<readonly Listener[]>
  /** The process behind a listener; `unknown` when it belongs to someone else and we may not look. */
  readonly processOf: (inode: number, signal: AbortSignal) => Promise<PortHolder>
}

/** Most processes looked into for the owner of a socket. */
const MOST_PROCESSES = 20_000

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
  if (protocol === 'sctp') return []
  const texts = await Promise.all(
    [protocol, `${protocol}6`].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  )
  return texts
    .flatMap((text) => parseSocketTable(text, protocol))
    .filter((listener) => listener.port === hostPort && addressesOverlap(listener.ip, hostIp))
}

async function processOf(inode: number, signal: AbortSignal): Promise<PortHolder> {
  const wanted = `socket:[${inode}]`
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).slice(0, MOST_PROCESSES)
  for (const pid of pids) {
    if (signal.aborted) break
    if (await holdsSocket(pid, wanted)) {
      const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim()
      return { kind: 'process', pid: Number(pid), name }
    }
  }
  return { kind: 'unknown', name: '' }
}

async function holdsSocket(pid: string, wanted: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  const names = await readdir(folder).catch(() => [])
  const links = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')))
  return links.includes(wanted)
}
