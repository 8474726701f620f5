/** Bytes into and out of the guest, through the mux and through QEMU's own network, between the same two programs. */
import { createConnection } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLink } from '../../../engine/providers/vm/link.ts'
import type { GuestLink } from '../../../engine/providers/vm/link.ts'
import type { VmPaths } from '../../../engine/providers/vm/paths.ts'
import { openQmp } from '../../../engine/providers/vm/qmp.ts'
import type { Qmp } from '../../../engine/providers/vm/qmp.ts'
import { openUnixSocket } from '../../../engine/providers/socket/dial.ts'

export const PORTS = { sink: 9_000, source: 9_001 } as const
/** For a container in the guest's own network: takes all that comes, and gives `mib` MiB to everybody who asks. */
export const pipeScript = (mib: number): string => `
printf '#!/bin/sh\nexec busybox cat >/dev/null\n' >/sink
printf '#!/bin/sh\nexec busybox dd if=/dev/zero bs=64k count=${mib * 16} 2>/dev/null\n' >/source
busybox chmod +x /sink /source
busybox nc -ll -p ${PORTS.sink} -e /sink &
exec busybox nc -ll -p ${PORTS.source} -e /source`

export type Way = 'mux' | 'network'

export interface Pipes {
  /** MiB/s of `mib` MiB to the guest. */
  readonly toGuest: (way: Way, mib: number) => Promise<number>
  readonly fromGuest: (way: Way, mib: number) => Promise<number>
  readonly close: () => void
}

const LIMIT_MS = 300_000

/** Connects to a machine that nobody else is connected to. */
export async function openPipes(paths: VmPaths, hostPorts: { readonly sink: number; readonly source: number }): Promise<Pipes> {
  const signal = AbortSignal.timeout(LIMIT_MS)
  const link: GuestLink = createLink(paths.api, () => undefined)
  await link.ready(60_000, signal)
  const qmp: Qmp = await openQmp(await openUnixSocket(paths.qmp, signal, 10_000), { timeoutMs: 10_000, signal })
  for (const name of ['sink', 'source'] as const) {
    const answer = await qmp.execute('human-monitor-command', { 'command-line': `hostfwd_add n0 tcp:127.0.0.1:${hostPorts[name]}-10.0.2.15:${PORTS[name]}` })
    if (answer !== '') throw new Error(`hostfwd_add: ${String(answer)}`)
  }
  const open = (way: Way, name: keyof typeof PORTS): Duplex =>
    way === 'mux' ? link.open(`tcp:127.0.0.1:${PORTS[name]}`) : createConnection({ port: hostPorts[name], host: '127.0.0.1', allowHalfOpen: true })
  await listening(() => send(open('mux', 'sink'), 1, signal))
  return {
    toGuest: (way, mib) => rate(mib, (limit) => send(open(way, 'sink'), mib, limit)).catch(named(`${way}, into the guest`)),
    fromGuest: (way, mib) => rate(mib, (limit) => receive(open(way, 'source'), mib, limit)).catch(named(`${way}, out of the guest`)),
    close: () => {
      link.close()
      qmp.close()
    },
  }
}

const named = (what: string) => (cause: unknown): never => {
  throw new Error(`${what}: ${String(cause)}`, { cause })
}

/** The programs in the guest may not listen yet. */
async function listening(attempt: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries === 100) throw error
      await sleep(500)
    }
  }
}

async function rate(mib: number, move: (limit: AbortSignal) => Promise<void>): Promise<number> {
  const began = performance.now()
  await move(AbortSignal.timeout(LIMIT_MS))
  return mib / ((performance.now() - began) / 1000)
}

/** Until the other side has taken all of it and closed. */
async function send(stream: Duplex, mib: number, limit: AbortSignal): Promise<void> {
  const piece = Buffer.alloc(1 << 20, 'x')
  const ended = new Promise<void>((resolve, reject) => {
    stream.once('end', resolve).once('error', reject).resume()
    limit.addEventListener('abort', () => stream.destroy(new Error('sending took too long')))
  })
  ended.catch(() => undefined)
  for (let sent = 0; sent < mib; sent++) {
    const written = new Promise<boolean>((resolve, reject) => stream.write(piece, (error) => (error ? reject(error) : resolve(true))))
    // The other side's end says more than the write that fails of it.
    if (!(await Promise.race([ended.then(() => false), written]))) throw new Error(`the other side closed after ${sent} of ${mib} MiB`)
  }
  stream.end()
  await ended
}

async function receive(stream: Duplex, mib: number, limit: AbortSignal): Promise<void> {
  limit.addEventListener('abort', () => stream.destroy(new Error('receiving took too long')))
  let bytes = 0
  for await (const chunk of stream) bytes += (chunk as Buffer).length
  if (bytes !== mib * 2 ** 20) throw new Error(`${bytes} bytes came, not ${mib} MiB`)
}
