/** What goes into a support bundle. No log of a container, no variable, no name or label of one, nothing of images. */
import { readFile } from 'node:fs/promises'
import { arch, cpus, freemem, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { EngineSummary, OperationRow, Settings } from '../contract/models.ts'
import { vmPaths } from '../providers/vm/paths.ts'
import { nativePaths } from '../providers/native/paths.ts'
import { redactData } from '../redact/text.ts'
import { tailOfFile } from '../system/log.ts'
import type { SupportSource } from './bundle.ts'

export interface SupportFacts {
  /** The self-check as the person sees it. */
  readonly report: string
  readonly version: string
  readonly shell: string
  readonly stateFolder: string
  /** Real path of the embedded engine's state. */
  readonly nativeFolder: string
  readonly settings: Settings
  readonly engines: readonly EngineSummary[]
  readonly currentId: string | null
  readonly operations: readonly OperationRow[]
  /** Answer of the engine's `/info`; null when none is connected. */
  readonly info: () => Promise<Readonly<Record<string, unknown>> | null>
}

const LOG_LINES = 1_000
const LOG_BYTES = 256 * 1024
const json = (value: unknown): string => `${JSON.stringify(redactData(value), null, 2)}\n`

/** Fields of `docker info` that tell how the engine works; not its name, labels, proxies, registries or swarm. */
const INFO_FIELDS = [
  'ServerVersion', 'OperatingSystem', 'OSType', 'Architecture', 'KernelVersion', 'NCPU', 'MemTotal', 'Driver', 'DriverStatus', 'LoggingDriver', 'CgroupDriver', 'CgroupVersion',
  'DefaultRuntime', 'Containers', 'ContainersRunning', 'ContainersPaused', 'ContainersStopped', 'Images', 'MemoryLimit', 'SwapLimit', 'PidsLimit', 'CpuCfsQuota', 'OomKillDisable',
  'IPv4Forwarding', 'BridgeNfIptables', 'SecurityOptions', 'LiveRestoreEnabled', 'ExperimentalBuild', 'DockerRootDir', 'InitBinary', 'Warnings', 'FirewallBackend',
] as const

export function supportSources(facts: SupportFacts): readonly SupportSource[] {
  const { stateFolder } = facts
  const native = nativePaths(facts.nativeFolder)
  const vm = vmPaths(join(stateFolder, 'vm'))
  const log = (name: string, path: string): SupportSource => ({ name, read: async () => (await tailOfFile(path, LOG_LINES, LOG_BYTES)).map((line) => `${line}\n`).join('') })
  return [
    { name: 'self-check.txt', read: () => Promise.resolve(facts.report) },
    { name: 'naru.json', read: () => Promise.resolve(json({ version: facts.version, shell: facts.shell, versions: process.versions, root: process.getuid?.() === 0, uptimeSeconds: Math.round(process.uptime()), memory: process.memoryUsage() })) },
    { name: 'settings.json', read: () => Promise.resolve(json(facts.settings)) },
    { name: 'machine.json', read: async () => json(await machineFacts()) },
    { name: 'engines.json', read: async () => json({ currentId: facts.currentId, engines: facts.engines, info: pick(await facts.info(), INFO_FIELDS) }) },
    { name: 'operations.json', read: () => Promise.resolve(json(facts.operations.slice(-100).map(operationFacts))) },
    log('engine-room.log', join(stateFolder, 'logs', 'engine-room.log')),
    log('dockerd.log', native.daemonLog),
    log('containerd.log', native.containerdLog),
    log('vm-console.log', vm.console),
    log('vm-qemu.log', vm.errors),
  ]
}

function pick(record: Readonly<Record<string, unknown>> | null, fields: readonly string[]): Record<string, unknown> | null {
  return record && Object.fromEntries(fields.flatMap((field) => (field in record ? [[field, record[field]]] : [])))
}

/** What was done and why it failed; names of things are in the errors' own words only. */
function operationFacts({ name, status, startedAt, endedAt, error }: OperationRow): Record<string, unknown> {
  return { name, status, startedAt: new Date(startedAt).toISOString(), ...(endedAt !== undefined && { tookMs: endedAt - startedAt }), ...(error && { error: { code: error.code, hint: error.hint, message: error.message, detail: error.detail } }) }
}

async function machineFacts(): Promise<Record<string, unknown>> {
  const text = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
  const release_ = await text('/etc/os-release')
  const controllers = await text('/sys/fs/cgroup/cgroup.controllers')
  return {
    platform: platform(), arch: arch(), kernel: release(), system: /^PRETTY_NAME="?([^"\n]*)/m.exec(release_)?.[1] ?? '',
    cgroup: controllers === '' ? 'v1 or none' : `v2: ${controllers.trim()}`, processors: cpus().length, model: cpus()[0]?.model ?? '', memoryBytes: totalmem(), freeBytes: freemem(),
  }
}
