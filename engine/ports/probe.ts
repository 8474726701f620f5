/** Which published ports answer when tried from this machine. */
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { ContainerRow, PortMapping, PublishedPort, Reachability } from '../contract/models.ts'
import { heedAbort } from '../system/signals.ts'
import { holdsPorts } from './overlap.ts'

/** Connections tried at the same time. */
const AT_ONCE = 32
/** Most ports of one answer; a machine with more is not helped by a longer list. */
const MOST = 2_000
const CONNECT_MS = 1_000
/** A proxy in front of a port nobody listens on takes the connection and drops it at once. */
const DROPPED_AT_ONCE_MS = 120
const HTTP_ANSWER_MS = 600

interface Tried {
  readonly reachability: Reachability
  readonly http: boolean
}

/** Every published port of running containers, tried in parallel. Aborting leaves the untried ones `timeout`. */
export async function probePorts(rows: readonly ContainerRow[], signal: AbortSignal): Promise<PublishedPort[]> {
  const targets = rows
    .filter((row) => holdsPorts(row))
    .flatMap((row) => row.ports.filter(isPublished).map((mapping) => ({ row, mapping })))
    .slice(0, MOST)
  const results: PublishedPort[] = []
  let next = 0
  async function work(): Promise<void> {
    for (let at = next++; at < targets.length; at = next++) {
      const target = targets[at]
      if (!target) return
      const { row, mapping } = target
      const tried = await tryPort(row, mapping, signal)
      results[at] = { containerId: row.id, containerName: row.name, mapping, ...tried }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return results
}

function isPublished(mapping: PortMapping): mapping is Required<PortMapping> {
  return mapping.hostPort !== undefined && mapping.hostPort > 0 && mapping.hostIp !== undefined
}

async function tryPort(row: ContainerRow, mapping: Required<PortMapping>, signal: AbortSignal): Promise<Tried> {
  if (row.state !== 'running') return { reachability: 'not-running', http: false }
  if (mapping.protocol !== 'tcp') return { reachability: 'not-testable', http: false }
  const host = reachableAddress(mapping.hostIp)
  if (host === null) return { reachability: 'bound-elsewhere', http: false }
  if (signal.aborted) return { reachability: 'timeout', http: false }
  return tryTcp(host, mapping.hostPort, signal)
}

/** Address to dial for a bound one, or null when it is none of this machine's. */
function reachableAddress(hostIp: string): string | null {
  if (hostIp === '' || hostIp === '0.0.0.0') return '127.0.0.1'
  if (hostIp === '::') return '::1'
  if (/^127\./.test(hostIp)) return hostIp
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return own.some(({ address }) => address === hostIp) ? hostIp : null
}

/** Connects, sees whether the connection stays, then asks `HEAD /` and looks whether HTTP answers. */
export function tryTcp(host: string, port: number, signal: AbortSignal): Promise<Tried> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    let connected = false
    let asked = false
    let answer = ''
    let timer = setTimeout(() => finish({ reachability: 'timeout', http: false }), CONNECT_MS)
    const onAbort = () => finish({ reachability: connected ? 'reachable' : 'timeout', http: false })

    function finish(result: Tried): void {
      clearTimeout(timer)
      leave()
      socket.destroy()
      resolve(result)
    }
    function ask(): void {
      asked = true
      timer = setTimeout(() => finish({ reachability: 'reachable', http: false }), HTTP_ANSWER_MS)
      socket.write(`HEAD / HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n`)
    }

    const leave = heedAbort(signal, onAbort)
    socket.once('connect', () => {
      connected = true
      clearTimeout(timer)
      timer = setTimeout(ask, DROPPED_AT_ONCE_MS)
    })
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1', 0, 5)
      if (answer.length >= 5) finish({ reachability: 'reachable', http: answer.startsWith('HTTP/') })
    })
    const onEnd = () => finish({ reachability: connected && asked ? 'reachable' : 'refused', http: false })
    socket.once('error', onEnd)
    socket.once('close', onEnd)
    socket.once('end', onEnd)
  })
}
