/** Registries on this machine's loopback, for engines that have a loopback of their own (the embedded one). */
import { isCancelled } from '../contract/errors.ts'

/** Makes a port of this machine's loopback reachable for an engine that has a loopback of its own. */
export type HostLoopback = (port: number, signal: AbortSignal) => Promise<{ close(): void }>

/** Runs `work` while the loopback ports that `domain` (of a registry) means are reachable for the engine. */
export async function withLoopback<T>(hostLoopback: HostLoopback | undefined, domain: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const forwards = await openLoopback(hostLoopback, domain, signal)
  try {
    return await work()
  } finally {
    for (const { close } of forwards) close()
  }
}

/** Ports of this machine's loopback that a registry domain means; none for any other domain. */
export function loopbackPorts(domain: string): number[] {
  const found = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::(\d{1,5}))?$/.exec(domain)
  if (!found) return []
  // Without a port the engine tries https, then http.
  return found[1] ? [Number(found[1])] : [443, 80]
}

async function openLoopback(hostLoopback: HostLoopback | undefined, domain: string, signal: AbortSignal): Promise<{ close(): void }[]> {
  if (!hostLoopback) return []
  const opened: { close(): void }[] = []
  for (const port of loopbackPorts(domain)) {
    try {
      const forward = await hostLoopback(port, signal)
      opened.push({ close: () => forward.close() })
    } catch (error) {
      // A port the engine's own loopback uses already (a registry in a container) needs no forward.
      if (isCancelled(error)) throw error
    }
  }
  return opened
}
