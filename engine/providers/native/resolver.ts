/**
 * Name resolution across the namespace. A resolver on the machine's loopback (systemd-resolved's 127.0.0.53, a local
 * dnsmasq) cannot be seen from the engine's namespace, so queries to it are carried over by firewall rules.
 */
import { readFile } from 'node:fs/promises'
import type { Slot } from './addresses.ts'

export interface ResolverPlan {
  /** The loopback resolver to carry queries to; absent when the machine's resolvers are real addresses. */
  readonly stubResolver?: string
  /** Name servers containers get; empty = as dockerd reads them from the machine. */
  readonly containerServers: readonly string[]
}

/** IPv4 and IPv6 addresses of the `nameserver` lines. */
export function nameServers(text: string): readonly string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1] ?? '')
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

/** Pure part of {@link resolverPlan}. */
export function planFor(resolvConf: string, hostAddress: string): ResolverPlan {
  const servers = nameServers(resolvConf)
  const stub = servers.find((address) => address.startsWith('127.'))
  if (stub === undefined) return { containerServers: [] }
  // A real server beside the stub is what containers should use; dockerd drops the loopback ones by itself.
  return { stubResolver: stub, containerServers: servers.every(isLoopback) ? [hostAddress] : [] }
}

/** What this machine's /etc/resolv.conf asks for. */
export async function resolverPlan(slot: Slot): Promise<ResolverPlan> {
  return planFor(await readFile('/etc/resolv.conf', 'utf8').catch(() => ''), slot.hostAddress)
}
