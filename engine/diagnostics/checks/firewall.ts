/** Packet filter rules: the embedded engine (as root) stands on its own ones; whoever flushes the firewall takes them away. */
import { readFile } from 'node:fs/promises'
import { toEnvelope } from '../../contract/errors.ts'
import { removalOf } from '../../providers/native/rules.ts'
import { exec } from '../../system/exec.ts'
import { command, failed, passed, screen } from '../check.ts'
import type { Check } from '../check.ts'

export interface FirewallFacts {
  /** The embedded engine as root; null where there is none. */
  readonly native: { readonly engineId: string; readonly running: boolean; readonly tag: string } | null
  /** The program that prints the rules, as the engine's start chooses it. */
  readonly tools: () => Promise<{ readonly iptablesSave: string; readonly env: NodeJS.ProcessEnv }>
  /** For tests. */
  readonly forwarding?: string
}

const READ_MS = 10_000

export const firewallCheck = ({ native, tools, forwarding = '/proc/sys/net/ipv4/ip_forward' }: FirewallFacts): Check => ({
  id: 'firewall',
  // Others than root may not read the rules; a rootless engine has its own, in a namespace of its own.
  applicable: () => process.platform === 'linux' && process.getuid?.() === 0 && native !== null,
  check: async (signal) => {
    const { iptablesSave, env } = await tools()
    const saved = await exec(iptablesSave, [], { env, signal, timeoutMs: READ_MS }).then(({ stdout }) => stdout, toEnvelope)
    signal.throwIfAborted()
    if (typeof saved !== 'string') return failed('unreadable', {}, { error: saved })
    if (!native?.running) return passed('usable')
    const { engineId, tag } = native
    const { nat, filter } = removalOf(saved, tag)
    if (nat.length === 0 || filter.length === 0) return failed('rules-gone', { engineId }, { fixes: [screen('engines')] })
    if ((await readFile(forwarding, 'utf8')).trim() === '0') return failed('not-forwarding', { engineId }, { fixes: [command('sudo sysctl -w net.ipv4.ip_forward=1')] })
    return passed('rules', { engineId, count: nat.length + filter.length })
  },
})
