/**
 * The engine's processes, found by what they run and the folders they were told, never by a number in a file: such
 * numbers are stale after a crash and may name anybody.
 */
import { readFile, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { executableOf, findProcesses } from '../../system/processes.ts'
import type { ProcessInfo } from '../../system/processes.ts'
import type { NativePaths } from './paths.ts'

async function ours(program: string, match: (args: readonly string[]) => boolean): Promise<readonly ProcessInfo[]> {
  const found = await findProcesses(match)
  const right = await Promise.all(found.map(async (info) => basename((await executableOf(info.pid)) ?? '') === program))
  return found.filter((_, index) => right[index])
}

/** Argument that tells our dockerd from any other. */
export const dataRootArgument = (paths: NativePaths): string => `--data-root=${paths.data}`

/** Our dockerd, when it runs. */
export async function findDaemon(paths: NativePaths): Promise<ProcessInfo | null> {
  return (await ours('dockerd', (args) => args.includes(dataRootArgument(paths))))[0] ?? null
}

/** Our containerd, when it runs: the one we started or one that an older dockerd of ours started. */
export async function findContainerd(paths: NativePaths): Promise<ProcessInfo | null> {
  return (await ours('containerd', (args) => args.includes(paths.containerdConfig)))[0] ?? null
}

/** One shim per living container. */
export function findShims(paths: NativePaths): Promise<readonly ProcessInfo[]> {
  return ours('containerd-shim-runc-v2', (args) => args.includes(paths.containerdSocket))
}

/** Proxies that outlived their daemon, known by the wrapper's mark in their environment. */
export async function findProxies(paths: NativePaths): Promise<readonly ProcessInfo[]> {
  const proxies = await ours('docker-proxy', (args) => basename(args[0] ?? '') === 'docker-proxy')
  const mine = await Promise.all(
    proxies.map(async ({ pid }) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      return environment.split('\0').includes(`NARU_HOST_NET=${paths.hostNet}`)
    }),
  )
  return proxies.filter((_, index) => mine[index])
}

export interface Survey {
  readonly daemon: ProcessInfo | null
  readonly containerd: ProcessInfo | null
  readonly shims: readonly ProcessInfo[]
}

/** Everything of this engine that lives, in one look at the machine's processes. */
export async function survey(paths: NativePaths): Promise<Survey> {
  const marks = [dataRootArgument(paths), paths.containerdConfig, paths.containerdSocket]
  const found = await findProcesses((args) => args.some((arg) => marks.includes(arg)))
  const named = await Promise.all(found.map(async (info) => ({ info, program: basename((await executableOf(info.pid)) ?? '') })))
  const of = (program: string): readonly ProcessInfo[] => named.filter((each) => each.program === program).map((each) => each.info)
  return { daemon: of('dockerd')[0] ?? null, containerd: of('containerd')[0] ?? null, shims: of('containerd-shim-runc-v2') }
}

/** Sockets of shims, which lie outside our folders (`/run/containerd/s`) and stay when a shim is killed. */
export async function shimSockets(paths: NativePaths): Promise<readonly string[]> {
  const tasks = join(paths.execRoot, 'containerd', 'daemon', 'io.containerd.runtime.v2.task')
  const sockets: string[] = []
  for (const namespace of await readdir(tasks).catch(() => [])) {
    for (const id of await readdir(join(tasks, namespace)).catch(() => [])) {
      const text = await readFile(join(tasks, namespace, id, 'address'), 'utf8').catch(() => '')
      if (text.startsWith('unix:///')) sockets.push(text.slice('unix://'.length).trim())
    }
  }
  return sockets
}
