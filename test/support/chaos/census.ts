/** Everything that could leak, counted: processes, mounts, network, rules, descriptors, temporary files. */
import { readdir, readFile, readlink } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { NativePaths } from '../../../engine/providers/native/paths.ts'
import { networkTools } from '../../../engine/providers/native/tools.ts'
import { exec } from '../../../engine/system/exec.ts'
import { argumentsOf, listProcesses } from '../../../engine/system/processes.ts'
import { traces } from '../native.ts'

/** How often each line is there; ids of containers, layers and namespaces, which are new each time, are left out of it. */
export type Census = ReadonlyMap<string, number>

const nameless = (line: string): string =>
  line
    .replace(/\b[0-9a-f]{64}\b/g, '<id>')
    .replace(/\boverlay2\/[^/ ]+/g, 'overlay2/<layer>')
    .replace(/\bnetns\/[0-9a-f]{12}\b/g, 'netns/<id>')
    .replace(/\bveth[0-9a-f]{7}\b/g, 'veth<id>')
    .replace(/\bbr-[0-9a-f]{12}\b/g, 'br-<id>')
    .replace(/(-pid \d+|-container-ip [\d.]+|172\.\d+\.\d+\.\d+\/32|172\.\d+\.\d+\.\d+:\d+)/g, '<address>')

export function count(lines: readonly string[]): Census {
  const all = new Map<string, number>()
  for (const line of lines.map(nameless)) all.set(line, (all.get(line) ?? 0) + 1)
  return all
}

/** What is there more often than before. */
export const added = (before: Census, after: Census): readonly string[] =>
  [...after].filter(([line, times]) => times > (before.get(line) ?? 0)).map(([line, times]) => `${times} instead of ${before.get(line) ?? 0}: ${line}`)

/** Processes that run inside of containers of this engine: their root is a layer of it. */
async function insiders({ data }: NativePaths): Promise<string[]> {
  const found = await Promise.all(
    (await listProcesses()).map(async (pid) => {
      const [root = ''] = (await readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => '')).split('\n').filter((line) => line.split(' ')[4] === '/')
      const args = await argumentsOf(pid)
      // One without arguments is just ending.
      return args.length > 0 && root.includes(`${data}/overlay2/`) ? [`inside ${args.join(' ')}`] : []
    }),
  )
  return found.flat()
}

/** Links and rules inside the engine's own network namespace. */
async function insideNetwork({ engineNet }: NativePaths, bundle: string): Promise<string[]> {
  if (!existsSync(engineNet)) return []
  const tools = await networkTools(bundle)
  const out = async (file: string, ...args: string[]): Promise<string[]> => (await exec('nsenter', [`--net=${engineNet}`, file, ...args], { env: tools.env })).stdout.split('\n').filter((line) => line !== '')
  const rules = (await out(tools.iptablesSave)).filter((line) => line.startsWith('-A'))
  const links = (await out(tools.ip, '-o', 'link')).map((line) => line.split(' ')[1]?.split('@')[0] ?? '')
  // Ends of pairs that a killed dockerd had just made stay until its engine is stopped: Moby's own, see ADR 29.
  const lasting = links.filter((name) => !/^veth[0-9a-f]{7}$/.test(name))
  return [...rules.map((line) => `engine's rule ${line}`), ...lasting.map((line) => `engine's link ${line}`)]
}

/** Engine's data is not walked, but for what it calls temporary. */
async function files(root: string, below: string, skipped: readonly string[]): Promise<string[]> {
  if (skipped.includes(below)) return []
  const entries = await readdir(below, { withFileTypes: true }).catch(() => [])
  const all = await Promise.all(entries.map((entry) => (entry.isDirectory() ? files(root, join(below, entry.name), skipped) : [`file ${relative(root, join(below, entry.name))}`])))
  return all.flat()
}

/** The history of builds is the product's own, with a bound of its own; logs are rotated. */
const plainFiles = (lines: readonly string[]): string[] => lines.filter((line) => !/^file state\/builds\//.test(line)).map((line) => line.replace(/\.log\.\d+$/, '.log'))

/** Whether the machine forwards depends on every engine there is. */
export const machine = async ({ state }: NativePaths, bundle: string): Promise<string[]> => (await traces(bundle, state)).filter((line) => !line.startsWith('forwarding '))

export interface Place {
  readonly paths: NativePaths
  readonly bundle: string
  /** Holds the state and what is saved. */
  readonly base: string
}

export async function takeCensus({ paths, bundle, base }: Place): Promise<Census> {
  const skipped = [paths.data, paths.run, paths.logs]
  const found = await Promise.all([
    machine(paths, bundle),
    insiders(paths),
    insideNetwork(paths, bundle),
    files(base, base, skipped),
    files(base, join(paths.data, 'tmp'), []),
    readdir(paths.run).then((names) => names.map((name) => `run ${name}`), () => []),
  ])
  return count(plainFiles(found.flat()))
}

/** Open descriptors of a process by what they are. */
export async function descriptors(pid: number): Promise<Census> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const what = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')))
  return count(what.filter((one) => one !== '').map((one) => `descriptor ${one.replace(/:?\[.*\]$/, '')}`))
}
