/** What a container may do to the machine or cannot get from it: said before it is made. Pure. */
import { parseBytes } from '../../../engine/contract/units.ts'
import { parseCpus } from '../../../engine/containers/flag-values.ts'
import type { PathKind, RunSpec } from '../../../engine/contract/models.ts'
import { formatPortSpec } from '../../../engine/ports/spec.ts'
import { isEverywhere } from '../Ports/mapping.ts'

export const RISK_KEYS = [
  'privileged', 'socket', 'root', 'hostNetwork', 'hostPid', 'exposed', 'publishAll', 'capabilities', 'unconfined',
  'memory', 'cpus', 'pathMade', 'pathMissing', 'fileMissing', 'fileRelative',
] as const
export type RiskKey = (typeof RISK_KEYS)[number]

export interface Risk {
  readonly key: RiskKey
  /** `bad` is refused by the engine, `warn` is only to be known. */
  readonly tone: 'warn' | 'bad'
  readonly params: Readonly<Record<string, string>>
}

export interface Machine {
  readonly memoryBytes?: number
  readonly cpus?: number
  /** What stands at a path; undefined while it is not known. */
  kindOf(path: string): PathKind | undefined
  bytes(count: number): string
}

const STRONG = /^(?:CAP_)?(?:ALL|SYS_ADMIN|SYS_MODULE|SYS_PTRACE|SYS_RAWIO|DAC_READ_SEARCH|BPF|NET_ADMIN)$/i
const UNCONFINED = /^(?:seccomp|apparmor|systempaths)[=:]unconfined$|^label[=:]disable$/
const SOCKET = /(?:^|\/)(?:docker|podman|containerd|crio)\.sock$/

/** Folders and files of this machine that a spec names. */
export function hostPaths(spec: RunSpec): { readonly binds: string[]; readonly mounts: string[]; readonly files: string[] } {
  const isPath = (text: string | undefined): text is string => text?.startsWith('/') ?? false
  return {
    binds: spec.volumes.map(({ source }) => source).filter(isPath),
    mounts: (spec.mounts ?? []).filter(({ type }) => type === 'bind').map(({ source }) => source).filter(isPath),
    files: namedFiles(spec).filter(isPath),
  }
}

/** Files the engine room reads when the container is made. */
function namedFiles(spec: RunSpec): string[] {
  const profiles = (spec.securityOptions ?? []).flatMap((option) => /^seccomp[=:](.*)$/s.exec(option)?.[1] ?? [])
  return [...(spec.envFiles ?? []), ...(spec.labelFiles ?? []), ...profiles.filter((path) => !['unconfined', 'builtin'].includes(path) && !path.startsWith('{'))]
}

export function findRisks(spec: RunSpec, machine: Machine): Risk[] {
  const risks: Risk[] = []
  const add = (key: RiskKey, params: Record<string, string> = {}, tone: Risk['tone'] = 'warn'): void => void risks.push({ key, tone, params })
  const { binds, mounts, files } = hostPaths(spec)
  if (spec.privileged) add('privileged')
  for (const path of [...binds, ...mounts]) {
    if (SOCKET.test(path)) add('socket', { path })
    else if (/^\/+$/.test(path)) add('root')
  }
  if (spec.networks?.some(({ name }) => name === 'host')) add('hostNetwork')
  if (spec.pid === 'host') add('hostPid')
  const open = spec.networks?.[0]?.name === 'host' ? [] : spec.ports.filter((port) => isEverywhere(port.hostIp))
  if (open.length > 0) add('exposed', { ports: open.map((port) => formatPortSpec(port)).join(', ') })
  if (spec.publishAll) add('publishAll')
  const strong = (spec.capAdd ?? []).filter((name) => STRONG.test(name))
  if (strong.length > 0) add('capabilities', { names: strong.join(', ') })
  const loose = (spec.securityOptions ?? []).filter((option) => UNCONFINED.test(option))
  if (loose.length > 0) add('unconfined', { options: loose.join(', ') })
  addMissing(spec, machine, add)
  for (const path of new Set(binds)) if (machine.kindOf(path) === 'missing') add('pathMade', { path })
  for (const path of new Set(mounts)) if (machine.kindOf(path) === 'missing') add('pathMissing', { path }, 'bad')
  for (const path of namedFiles(spec).filter((each) => !each.startsWith('/'))) add('fileRelative', { path }, 'bad')
  for (const path of new Set(files)) if (['missing', 'folder'].includes(machine.kindOf(path) ?? '')) add('fileMissing', { path }, 'bad')
  return risks
}

/** More of the machine than there is. */
function addMissing(spec: RunSpec, machine: Machine, add: (key: RiskKey, params: Record<string, string>, tone?: Risk['tone']) => void): void {
  const asked = numberOf(() => (spec.memory ? parseBytes(spec.memory) : 0))
  if (machine.memoryBytes && asked > machine.memoryBytes) add('memory', { asked: machine.bytes(asked), has: machine.bytes(machine.memoryBytes) })
  const cpus = numberOf(() => (spec.cpus ? parseCpus(spec.cpus) / 1e9 : 0))
  if (machine.cpus && cpus > machine.cpus) add('cpus', { asked: String(cpus), has: String(machine.cpus) }, 'bad')
}

/** A value that cannot be read has its problem beside its field. */
function numberOf(read: () => number): number {
  try {
    return read()
  } catch {
    return 0
  }
}
