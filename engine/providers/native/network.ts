/**
 * The engine's own network namespace: a link to the machine, routes, rules. Everything is found again by its name, so
 * setting up twice repairs, and taking down works whatever is left.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { exec } from '../../system/exec.ts'
import { NaruError } from '../../contract/errors.ts'
import { chooseSlot, routedRanges, SLOT_COUNT } from './addresses.ts'
import type { Slot } from './addresses.ts'
import { ensureDaemonCgroup, removeDaemonCgroup } from './daemon-cgroup.ts'
import { isMounted } from './mounts.ts'
import { ENGINE_LINK } from './paths.ts'
import type { NativePaths } from './paths.ts'
import { restoreRules } from './restore.ts'
import { engineRules, hasGuard, hostRules, NO_RULES, removalOf, transaction } from './rules.ts'
import type { DaemonMark } from './rules.ts'
import { resolverPlan } from './resolver.ts'
import { networkTools } from './tools.ts'
import type { NetworkTools } from './tools.ts'

export interface NetworkOptions {
  readonly paths: NativePaths
  readonly bundleFolder: string
  readonly signal: AbortSignal
  readonly log: (line: string) => void
  /** The slot of the last time, kept while containers live in it. */
  readonly lastSlot?: number
}

/** Seconds to wait for another program that changes the firewall. */
const FORWARD = '/proc/sys/net/ipv4/ip_forward'

/** Runs a program inside the namespace. */
export const inEngineNet = (paths: NativePaths, program: string, args: readonly string[]): [string, string[]] => [
  'nsenter',
  [`--net=${paths.engineNet}`, program, ...args],
]

/** Makes the two namespace handles if they are not there; true when the engine's namespace is new. */
export async function ensureNamespace(paths: NativePaths, signal: AbortSignal): Promise<boolean> {
  const [hasHost, hasEngine] = await Promise.all([isMounted(paths.hostNet), isMounted(paths.engineNet)])
  const host = async (): Promise<void> => {
    await writeFile(paths.hostNet, '')
    await exec('mount', ['--bind', '/proc/self/ns/net', paths.hostNet], { signal })
  }
  const engine = async (): Promise<void> => {
    await writeFile(paths.engineNet, '')
    await exec('unshare', [`--net=${paths.engineNet}`, 'true'], { signal })
  }
  const made = await Promise.allSettled([...(hasHost ? [] : [host()]), ...(hasEngine ? [] : [engine()])])
  for (const part of made) {
    if (part.status === 'rejected') throw signal.aborted ? part.reason : networkError('cannot make a network namespace', 'namespace-refused', part.reason)
  }
  return !hasEngine
}

/** Link, routes and rules for the namespace; repairs what is missing. Gives the slot in use. */
export async function ensureNetwork(options: NetworkOptions, isNew: boolean): Promise<Slot> {
  const { paths, signal } = options
  const tools = await networkTools(options.bundleFolder)
  const linked = !isNew && (await interfaceExists(paths.hostLink))
  const slot = await pickSlot(options, tools)
  const link = async (): Promise<void> => {
    if (!linked) await createLink(paths, slot, tools, signal)
    await sysctls(paths, signal)
  }
  try {
    // Rules name the link but do not need it; all three take about as long.
    const parts = [link(), installEngineRules(options, slot, tools, isNew), installHostRules(options, slot, tools)]
    for (const part of await Promise.allSettled(parts)) if (part.status === 'rejected') throw part.reason
  } catch (error) {
    if (signal.aborted) throw error
    throw networkError('cannot set up the engine’s network', 'network-setup', error)
  }
  return slot
}

/** Removes link, routes and rules. Namespace handles are mounts and go with the run folder's mounts. */
export async function removeNetwork(paths: NativePaths, bundleFolder: string): Promise<void> {
  const tools = await networkTools(bundleFolder)
  const saved = await exec(tools.iptablesSave, [], { env: tools.env })
  const removal = removalOf(saved.stdout, paths.tag)
  const input = transaction(removal, NO_RULES)
  if (input !== '') await restoreRules([tools.iptablesRestore, []], input, { env: tools.env })
  await deleteLink(paths, tools)
  await removeDaemonCgroup(paths)
  // The guard rule says that forwarding was ours alone; whoever came after us put rules of their own before it.
  if (hasGuard(removal) && !/^:DOCKER(-USER)? |--comment "?naru-/m.test(withoutTag(saved.stdout, paths.tag))) {
    await writeFile(FORWARD, '0').catch(() => undefined)
  }
}

const withoutTag = (saved: string, tag: string): string =>
  saved.split('\n').filter((line) => !line.includes(tag)).join('\n')

async function interfaceExists(name: string): Promise<boolean> {
  return (await readFile(`/sys/class/net/${name}/ifindex`, 'utf8').catch(() => '')) !== ''
}

/** The link also goes by itself, a moment after its namespace: that it is gone is what counts. */
async function deleteLink({ hostLink }: NativePaths, tools: NetworkTools): Promise<void> {
  if (!(await interfaceExists(hostLink))) return
  await exec(tools.ip, ['link', 'delete', hostLink]).catch(async (error: unknown) => {
    if (await interfaceExists(hostLink)) throw error
  })
}

function networkError(message: string, hint: string, cause: unknown): NaruError {
  const detail = cause instanceof NaruError ? (cause.detail ?? cause.message) : String(cause)
  return new NaruError('provider.boot-failed', message, { hint, detail, cause })
}

async function pickSlot({ paths, lastSlot, signal }: NetworkOptions, tools: NetworkTools): Promise<Slot> {
  const routes = await exec(tools.ip, ['-4', 'route', 'show', 'table', 'all'], { signal })
  const preferred = lastSlot ?? Number.parseInt(paths.tag.slice(-4), 16) % SLOT_COUNT
  const slot = chooseSlot(preferred, routedRanges(routes.stdout, paths.hostLink))
  if (slot) return slot
  throw new NaruError('provider.boot-failed', 'no private address range is free for the engine', { hint: 'no-free-range' })
}

async function createLink(paths: NativePaths, slot: Slot, tools: NetworkTools, signal: AbortSignal): Promise<void> {
  await deleteLink(paths, tools)
  const peer = ['peer', 'name', ENGINE_LINK, 'netns', paths.engineNet]
  await exec(tools.ip, ['link', 'add', paths.hostLink, 'type', 'veth', ...peer], { signal })
  const outside = [
    `addr add ${slot.hostAddress}/${slot.linkPrefix} dev ${paths.hostLink}`,
    `link set ${paths.hostLink} up`,
    `route replace ${slot.network} via ${slot.engineAddress}`,
  ]
  const inside = [
    'link set lo up',
    `addr add ${slot.engineAddress}/${slot.linkPrefix} dev ${ENGINE_LINK}`,
    `addr add ${slot.loopbackSource}/32 dev ${ENGINE_LINK}`,
    `link set ${ENGINE_LINK} up`,
    `route replace default via ${slot.hostAddress} src ${slot.engineAddress}`,
  ]
  // Inside first: the route outside needs the other end to be up.
  const enter = inEngineNet(paths, tools.ip, ['-batch', '-'])
  await exec(enter[0], enter[1], { signal, input: inside.join('\n') })
  await exec(tools.ip, ['-batch', '-'], { signal, input: outside.join('\n') })
}

/** Forwarding inside, addresses of the machine may be bound inside, and loopback traffic may cross the link. */
async function sysctls(paths: NativePaths, signal: AbortSignal): Promise<void> {
  const ipv4 = '/proc/sys/net/ipv4'
  const files = [`${ipv4}/ip_forward`, `${ipv4}/ip_nonlocal_bind`, `${ipv4}/conf/${ENGINE_LINK}/route_localnet`]
  const enter = inEngineNet(paths, 'tee', files)
  await exec(enter[0], enter[1], { signal, input: '1' })
  await writeFile(`${ipv4}/conf/${paths.hostLink}/route_localnet`, '1')
}

async function installEngineRules({ paths, signal, log }: NetworkOptions, slot: Slot, tools: NetworkTools, isNew: boolean): Promise<void> {
  const save = inEngineNet(paths, tools.bundledSave, [])
  const saved = isNew ? '' : (await exec(save[0], save[1], { signal, env: tools.bundledEnv })).stdout
  const { nat, filter } = removalOf(saved, paths.tag)
  // The declaration of DOCKER-USER empties it, so nothing of ours is left there to remove.
  const removal = { nat, filter: filter.filter((line) => !line.startsWith('-D DOCKER-USER ')) }
  const apply = (told: DaemonMark) =>
    restoreRules(inEngineNet(paths, tools.bundledRestore, []), transaction(removal, engineRules(slot, paths.tag, told)), {
      env: tools.bundledEnv,
      signal,
    })
  const says: Record<DaemonMark, string> = {
    cgroup: '',
    group: 'loopback of the machine is open to host-network containers that take the engine’s group',
    none: 'loopback of the machine is open to host-network containers',
  }
  const ways: readonly DaemonMark[] = (await ensureDaemonCgroup(paths)) === null ? ['group', 'none'] : ['cgroup', 'group', 'none']
  for (const [index, told] of ways.entries()) {
    try {
      await apply(told)
      if (told !== 'cgroup') log(`the firewall tells the daemon by ${told}: ${says[told]}`)
      return
    } catch (error) {
      if (signal.aborted || index === ways.length - 1) throw error
      log(`the firewall cannot tell the daemon by ${told}: ${String(error)}`)
    }
  }
}

async function installHostRules(options: NetworkOptions, slot: Slot, tools: NetworkTools): Promise<void> {
  const { paths, signal } = options
  const saved = (await exec(tools.iptablesSave, [], { env: tools.env, signal })).stdout
  const removal = removalOf(saved, paths.tag)
  const hasDocker = /^:DOCKER-USER /m.test(saved)
  const guard = !hasDocker && (hasGuard(removal) || (await readFile(FORWARD, 'utf8')).trim() === '0')
  const { stubResolver } = await resolverPlan(slot)
  const rules = hostRules({
    link: paths.hostLink,
    slot,
    tag: paths.tag,
    chain: hasDocker ? 'DOCKER-USER' : 'FORWARD',
    guard,
    ...(stubResolver && { stubResolver }),
  })
  await restoreRules([tools.iptablesRestore, []], transaction(removal, rules), { env: tools.env, signal })
  await writeFile(FORWARD, '1')
}
