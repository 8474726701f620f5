/** Firewall rules around the engine's namespace, as input for iptables-restore. Pure: text in, text out. */
import { ENGINE_LINK } from './paths.ts'
import type { Slot } from './addresses.ts'

/**
 * Supplementary group that marks the daemon's own traffic. No file is ever given to it; containers do not inherit it,
 * because the runtime sets their groups anew.
 */
export const DAEMON_GROUP = 913_213

export interface HostRuleOptions {
  readonly link: string
  readonly slot: Slot
  readonly tag: string
  /** `DOCKER-USER` where a system dockerd owns FORWARD (its rules come first there), else `FORWARD`. */
  readonly chain: 'DOCKER-USER' | 'FORWARD'
  /** Loopback name server of the machine (systemd-resolved, dnsmasq), when its resolv.conf names only such. */
  readonly stubResolver?: string
  /** Forwarding was off before: nothing else of the machine may be forwarded because of us. */
  readonly guard: boolean
}

/** Lines of iptables-restore by table. */
export interface RuleSet {
  readonly nat: readonly string[]
  readonly filter: readonly string[]
}

export const NO_RULES: RuleSet = { nat: [], filter: [] }

/**
 * Rules in the machine's namespace. Containers reach out; nobody from outside reaches into the namespace except through
 * a published port (a proxy on the machine); only the daemon (by its source address) reaches the machine's loopback.
 * `-I` puts a rule first, so each list reads from the last to the first.
 */
export function hostRules(options: HostRuleOptions): RuleSet {
  const { link, slot, tag, chain, stubResolver, guard } = options
  const mark = `-m comment --comment ${tag}`
  const toLoopback = (protocol: string): string =>
    `-I PREROUTING -i ${link} -s ${slot.loopbackSource}/32 -d ${slot.hostAddress}/32 -p ${protocol} ${mark} -j DNAT --to-destination 127.0.0.1`
  const toResolver = (protocol: string): string =>
    `-I PREROUTING -i ${link} -d ${slot.hostAddress}/32 -p ${protocol} --dport 53 ${mark} -j DNAT --to-destination ${stubResolver}:53`
  return {
    nat: [
      `-I POSTROUTING -s ${slot.network} ! -o ${link} ${mark} -j MASQUERADE`,
      ...['tcp', 'udp'].map(toLoopback),
      ...(stubResolver ? ['tcp', 'udp'].map(toResolver) : []),
    ],
    filter: [
      `-I ${chain} -o ${link} ${mark} -j DROP`,
      `-I ${chain} -o ${link} -m conntrack --ctstate RELATED,ESTABLISHED ${mark} -j ACCEPT`,
      `-I ${chain} -i ${link} ${mark} -j ACCEPT`,
      `-I INPUT -i ${link} -d 127.0.0.0/8 ${mark} -j DROP`,
      `-I INPUT -i ${link} -m conntrack --ctstate DNAT ${mark} -j ACCEPT`,
      ...(guard ? [`-A FORWARD ${mark} -j DROP`] : []),
    ],
  }
}

/** How the daemon's own traffic is told: by its control group and its supplementary group, by the latter alone, or not at all. */
export type DaemonMark = 'cgroup' | 'group' | 'none'

/**
 * Rules inside the engine's namespace. What the daemon sends to 127.0.0.1 goes to the machine's loopback, so registries,
 * proxies and resolvers there work as they do for a dockerd without a namespace. It leaves with a source address that
 * lets it in there (see {@link hostRules}); whoever else in this namespace, a container in host networking, binds to
 * that address or to a loopback one and sends over the link itself is dropped. `told` keeps the way to the daemon:
 * `group` (no control groups of the second version) gives it to containers that take the group, `none` to all in host networking.
 */
export function engineRules(slot: Slot, tag: string, told: DaemonMark): RuleSet {
  const mark = `-m comment --comment ${tag}`
  const group = told === 'none' ? '' : `-m owner --gid-owner ${DAEMON_GROUP} --suppl-groups `
  const who = told === 'cgroup' ? `-m cgroup --path ${tag} ${group}` : group
  // Before translation what the daemon sends has a loopback address, and was on its way to one.
  const led = '-m conntrack --ctstate DNAT --ctorigdst 127.0.0.0/8'
  return {
    nat: [
      ...['tcp', 'udp'].map((protocol) => `-I OUTPUT -d 127.0.0.0/8 -p ${protocol} ${who}${mark} -j DNAT --to-destination ${slot.hostAddress}`),
      `-I POSTROUTING -o ${ENGINE_LINK} -s 127.0.0.0/8 ${led} ${mark} -j SNAT --to-source ${slot.loopbackSource}`,
    ],
    filter: [
      // Declaring a chain makes it or empties it; the daemon finds its own RETURN there and adds nothing.
      ':DOCKER-USER - [0:0]',
      `-I DOCKER-USER -i ${ENGINE_LINK} ${mark} -j ACCEPT`,
      '-A DOCKER-USER -j RETURN',
      `-I OUTPUT -o ${ENGINE_LINK} -s 127.0.0.0/8 ${mark} -j DROP`,
      `-I OUTPUT -o ${ENGINE_LINK} -s 127.0.0.0/8 ${led} ${mark} -j ACCEPT`,
      `-I OUTPUT -o ${ENGINE_LINK} -s ${slot.loopbackSource}/32 ${mark} -j DROP`,
    ],
  }
}

/** Our rules of each table in the output of iptables-save, as `-D` lines. */
export function removalOf(saved: string, tag: string): RuleSet {
  const ours = new RegExp(`--comment "?${tag}"?(\\s|$)`)
  const of = (name: string): readonly string[] => {
    const lines = new RegExp(`^\\*${name}\\n([\\s\\S]*?)^COMMIT`, 'm').exec(saved)?.[1]?.split('\n') ?? []
    return lines.filter((line) => line.startsWith('-A ') && ours.test(line)).map((line) => `-D${line.slice(2)}`)
  }
  return { nat: of('nat'), filter: of('filter') }
}

/** True when a removal holds the guard rule (see {@link HostRuleOptions.guard}): forwarding is on because of us. */
export const hasGuard = (removal: RuleSet): boolean =>
  removal.filter.some((line) => line.startsWith('-D FORWARD') && !/ -[io] /.test(line))

/** Input for `iptables-restore --noflush`: one transaction per table that removes and adds. Empty when there is nothing to do. */
export function transaction(removal: RuleSet, rules: RuleSet): string {
  const part = (name: 'nat' | 'filter'): string => {
    // A chain must be declared before the first rule of a table.
    const lines = [...rules[name].filter((line) => line.startsWith(':')), ...removal[name], ...rules[name].filter((line) => !line.startsWith(':'))]
    return lines.length === 0 ? '' : `*${name}\n${lines.join('\n')}\nCOMMIT\n`
  }
  return part('nat') + part('filter')
}
