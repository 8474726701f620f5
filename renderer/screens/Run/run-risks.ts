/** What a container may do to the machine or cannot get from it: said before it is made. Pure. */
import { parseBytes } from '../../../engine/contract/units.ts'
import { parseCpus } from '../../../engine/containers/flag-values.ts'
import type { PathKind, RunSpec } from '../../../engine/contract/models.ts'
import { CGROUP_FLAGS } from './advanced.ts'
import { EXPOSURE_KEYS, MACHINE, findExposure, settingsOfSpec } from './exposure.ts'
import type { Place } from './exposure.ts'

export const RISK_KEYS = [...EXPOSURE_KEYS, 'memory', 'cpus', 'unlimited', 'pathMade', 'pathMissing', 'fileMissing', 'fileRelative'] as const
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
  /** The engine takes limits and does nothing about them. */
  readonly unlimited?: boolean
  /** Where the engine runs; as root on this machine unless told otherwise. */
  readonly place?: Place
  /** What stands at a path; undefined while it is not known. */
  kindOf(path: string): PathKind | undefined
  bytes(count: number): string
}

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
  for (const { key, params } of findExposure(settingsOfSpec(spec), machine.place ?? MACHINE)) add(key, params)
  const ignored = machine.unlimited ? limitFlags(spec) : []
  if (ignored.length > 0) add('unlimited', { flags: ignored.map((flag) => `--${flag}`).join(', ') })
  addMissing(spec, machine, add)
  for (const path of new Set(binds)) if (machine.kindOf(path) === 'missing') add('pathMade', { path })
  for (const path of new Set(mounts)) if (machine.kindOf(path) === 'missing') add('pathMissing', { path }, 'bad')
  for (const path of namedFiles(spec).filter((each) => !each.startsWith('/'))) add('fileRelative', { path }, 'bad')
  for (const path of new Set(files)) if (['missing', 'folder'].includes(machine.kindOf(path) ?? '')) add('fileMissing', { path }, 'bad')
  return risks
}

/** Name in a spec of a flag. */
const memberOf = (flag: string): string => (flag === 'blkio-weight-device' ? 'blkioWeightDevices' : flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()))

/** Limits of a spec that stand on control groups, as flags. */
function limitFlags(spec: RunSpec): string[] {
  const members: Readonly<Record<string, unknown>> = { ...spec }
  return [...CGROUP_FLAGS].filter((flag) => members[memberOf(flag)] !== undefined)
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
