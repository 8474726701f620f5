/** For tests of the embedded engine: its bundle, a home of its own, and what a machine holds before and after. */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createNativeProvider } from '../../engine/providers/native/native-provider.ts'
import { daemonCgroup } from '../../engine/providers/native/daemon-cgroup.ts'
import { nativePaths } from '../../engine/providers/native/paths.ts'
import type { NativePaths } from '../../engine/providers/native/paths.ts'
import { endDaemons, removeTraces } from '../../engine/providers/native/cleanup.ts'
import { findShims } from '../../engine/providers/native/find.ts'
import { mountsBelow, unmountBelow } from '../../engine/providers/native/mounts.ts'
import { bundleEnv, networkTools } from '../../engine/providers/native/tools.ts'
import type { EngineHandle, EngineProvider } from '../../engine/providers/provider.ts'
import { exec } from '../../engine/system/exec.ts'
import { argumentsOf, endProcess, listProcesses, readProcess } from '../../engine/system/processes.ts'

export { fetchPage } from './page.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CACHE = process.env.NARU_TEST_CACHE ?? join(ROOT, '.naru/cache')

/** Engines the tests run against: the newest that fits, and Debian 12's own. */
export const BUNDLES = { newest: join(CACHE, 'engine'), bookworm: join(CACHE, 'engine-bookworm') } as const
export const WELCOME = join(CACHE, 'welcome.tar')
export const WELCOME_IMAGE = 'naru/welcome:latest'

/** Why the embedded engine cannot be tested here; null when it can. */
export function whyNoNative(): string | null {
  if (process.platform !== 'linux') return 'not Linux'
  if (process.getuid?.() !== 0) return 'not root'
  return existsSync('/usr/bin/apt-get') || existsSync(BUNDLES.newest) ? null : 'no apt-get'
}

/** Builds (or finds) the bundle and the welcome image. Takes a minute the first time. */
export async function prepareNative(which: keyof typeof BUNDLES): Promise<string> {
  const node = (script: string, args: readonly string[]) =>
    exec(process.execPath, [join(ROOT, script), ...args, '--cache', join(CACHE, 'packages'), '--quiet'], { timeoutMs: 300_000 })
  const suite = which === 'bookworm' ? ['--suite', 'bookworm'] : []
  await node('engine/providers/native/bundle/build-bundle.mjs', ['--out', BUNDLES[which], ...suite])
  await node('assets/welcome/build-welcome.mjs', ['--out', WELCOME])
  return BUNDLES[which]
}

export interface NativeHome {
  readonly paths: NativePaths
  readonly provider: EngineProvider
  /** Starts (or adopts) and remembers the handle. */
  readonly start: () => Promise<EngineHandle>
  /** The docker CLI of the bundle against this engine; its output, trimmed. */
  readonly docker: (...args: string[]) => Promise<string>
  /** Ends everything of this home whatever its condition, and removes it. */
  readonly destroy: () => Promise<void>
}

/**
 * Kills every container of an engine without a daemon: its shim first, which would otherwise report, then what the shim
 * had started. Ended with the shim alone, a container's process lives on for ever.
 */
export async function endContainers(paths: NativePaths): Promise<void> {
  const kill = [{ signal: 'SIGKILL', waitMs: 3_000 }] as const
  for (const shim of await findShims(paths)) {
    const all = await Promise.all((await listProcesses()).map(readProcess))
    const started = all.filter((each) => each !== null).filter(({ parent }) => parent === shim.pid)
    await endProcess(shim, kill)
    for (const each of started) await endProcess(each, kill)
  }
}

/** A fresh home for an embedded engine in a temporary folder. */
export async function makeNativeHome(bundleFolder: string, name = 'home'): Promise<NativeHome> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'naru-n-')))
  const stateFolder = join(folder, name)
  const paths = nativePaths(stateFolder)
  const lines: string[] = []
  const provider = createNativeProvider({ stateFolder, bundleFolder, log: (line) => lines.push(line) })
  const handles: EngineHandle[] = []
  return {
    paths,
    provider,
    start: async () => {
      const handle = await provider.start({ signal: AbortSignal.timeout(90_000), report: () => undefined, log: () => undefined, now: Date.now })
      handles.push(handle)
      return handle
    },
    docker: async (...args) => {
      const env = { ...bundleEnv(bundleFolder), DOCKER_CONFIG: join(folder, 'cli') }
      return (await exec(join(bundleFolder, 'bin/docker'), ['-H', `unix://${paths.socket}`, ...args], { env, timeoutMs: 60_000 })).stdout.trim()
    },
    destroy: async () => {
      handles.forEach((handle) => handle.release())
      await endDaemons(paths, 5_000)
      await endContainers(paths)
      await removeTraces(paths, bundleFolder)
      await unmountBelow(folder)
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    },
  }
}

/** True for a rule, link or route of another embedded engine, which may come and go on a developer's machine meanwhile. */
export const isForeign = (line: string, tag: string): boolean => {
  const names = line.match(/\bnaru-?[0-9a-f]{8}\b/g) ?? []
  return names.length > 0 && !names.some((name) => name.replace('-', '') === tag.replace('-', ''))
}

/** Firewall rules, links, routes and namespaces of the machine, and processes and mounts that name `folder`. */
export async function traces(bundleFolder: string, folder: string): Promise<readonly string[]> {
  const tools = await networkTools(bundleFolder)
  const out = async (file: string, args: readonly string[]): Promise<readonly string[]> =>
    (await exec(file, args, { env: tools.env })).stdout.split('\n')
  const rules = (await out(tools.iptablesSave, [])).filter((line) => /^(-A|:)/.test(line)).map((line) => line.replace(/ \[\d+:\d+\]$/, ''))
  const processes: string[] = []
  for (const pid of await listProcesses()) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
    const args = (await argumentsOf(pid)).join(' ')
    if (pid !== process.pid && `${environment}${args}`.includes(folder)) processes.push(`process ${args}`)
  }
  const { tag } = nativePaths(folder)
  const links = await readdir('/sys/class/net')
  // Another engine keeps forwarding on.
  const alone = !links.some((link) => isForeign(link, tag))
  const all = [
    ...rules.filter((line) => line.startsWith('-A')).map((line) => `rule ${line}`),
    ...links.map((link) => `link ${link}`),
    ...(await out(tools.ip, ['-4', 'route'])).map((line) => `route ${line}`),
    // `netns-…` are Podman's, of whatever else runs.
    ...(await readdir('/run/netns').catch(() => [])).filter((name) => !name.startsWith('netns-')).map((each) => `namespace ${each}`),
    ...(await mountsBelow(folder)).map((path) => `mount ${path}`),
    ...(existsSync((await daemonCgroup(nativePaths(folder))) ?? '') ? ['control group'] : []),
    ...processes,
    ...(alone ? [`forwarding ${(await readFile('/proc/sys/net/ipv4/ip_forward', 'utf8')).trim()}`] : []),
  ]
  return all.filter((line) => !isForeign(line, tag)).sort()
}
