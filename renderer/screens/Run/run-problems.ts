/** What is wrong with the run form, said before the engine has to. Pure; keys below `run.problem` of the catalogues. */
import type { ErrorParams } from '../../../engine/contract/errors.ts'
import { parseReference } from '../../../engine/images/reference.ts'
import { bindingsOverlap } from '../../../engine/ports/overlap.ts'
import { findConflicts } from '../../../engine/containers/rules.ts'
import { describeError } from '../../i18n/describe-error.ts'
import { commandWords, filledEnv, filledPorts, filledVolumes, flagProblems, toRunSpec } from './run-form.ts'
import type { PortRow, RunForm, VolumeRow } from './run-form.ts'

/** `field` is `image`, `name`, `command`, `restart`, `retries`, `pull`, or `ports.ID`, `env.ID`, `volumes.ID`, `flags.NAME.INDEX`. */
export interface Problem {
  readonly field: string
  readonly key: ProblemKey
  readonly params: ErrorParams
  /** Of key `flag`: the hint whose sentence is shown. */
  readonly hint?: string
}

export const PROBLEM_KEYS = [
  'imageEmpty', 'imageFormat', 'imageMissing', 'nameFormat', 'nameShort', 'nameTaken', 'portMissing', 'portRange', 'portRangeMismatch',
  'portIp', 'portTwice', 'envName', 'envTwice', 'volumeTarget', 'volumeRoot', 'volumeSource', 'volumeTwice', 'command',
  'restartRemove', 'retries',
] as const
export type ProblemKey = (typeof PROBLEM_KEYS)[number] | 'flag'

/** The sentence of a problem of key `flag`. */
export const hintSentence = ({ hint = '', params }: Problem): string =>
  describeError({ code: 'invalid-request', message: '', hint, params, retryable: false }).sentence

export interface Surroundings {
  /** Name of a container → its id and state. */
  nameHolder(name: string): { readonly id: string; readonly state: string } | undefined
  /** The image is on this machine. */
  isLocal(image: string): boolean
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/
const IMAGE_ID = /^(?:sha256:)?[0-9a-f]{12,64}$/
const OCTET = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)`
const IPV4 = new RegExp(String.raw`^(?:${OCTET}\.){3}${OCTET}$`)

const problem = (field: string, key: ProblemKey, params: Record<string, string> = {}): Problem => ({ field, key, params })

export function findProblems(form: RunForm, around: Surroundings): Problem[] {
  return [
    ...imageProblems(form, around),
    ...nameProblems(form.name.trim(), around),
    ...filledPorts(form).flatMap(portProblems),
    ...twicePorts(filledPorts(form)),
    ...envProblems(form),
    ...filledVolumes(form).flatMap(volumeProblems),
    ...twice(filledVolumes(form), (row) => row.target.trim().replace(/\/+$/, '')).map((row) =>
      problem(`volumes.${row.id}`, 'volumeTwice', { path: row.target }),
    ),
    ...(commandWords(form.command) === null ? [problem('command', 'command')] : []),
    ...(form.autoRemove && form.restart !== 'no' ? [problem('restart', 'restartRemove')] : []),
    ...(form.restart === 'on-failure' && !/^\d*$/.test(form.retries.trim()) ? [problem('retries', 'retries')] : []),
    ...flagProblems(form).map(({ flag, index, hint, params }): Problem => ({ field: `flags.${flag}.${index}`, key: 'flag', hint, params })),
    // Restart against removal has a sentence of its own.
    ...findConflicts(toRunSpec(form))
      .filter(({ flag }) => flag !== 'restart')
      .map(({ flag, hint, params }): Problem => ({ field: `flags.${flag}.0`, key: 'flag', hint, params: { ...params, flag: `--${flag}` } })),
  ]
}

/** True for a text that names an image the engine could look up: a reference, or an id. */
export function isImageName(text: string): boolean {
  if (IMAGE_ID.test(text)) return true
  try {
    parseReference(text)
    return true
  } catch {
    return false
  }
}

function imageProblems(form: RunForm, around: Surroundings): Problem[] {
  const image = form.image.trim()
  if (image === '') return [problem('image', 'imageEmpty')]
  if (!isImageName(image)) return [problem('image', 'imageFormat', { image })]
  if (form.pull === 'never' && !around.isLocal(image)) return [problem('image', 'imageMissing', { image })]
  return []
}

/** What is wrong with a container's name; also asked when one is renamed. An empty name is the engine's to choose. */
export function nameProblems(name: string, around: Pick<Surroundings, 'nameHolder'>): Problem[] {
  if (name === '') return []
  if (name.length < 2) return [problem('name', 'nameShort')]
  if (!NAME.test(name)) return [problem('name', 'nameFormat', { name })]
  return around.nameHolder(name) ? [problem('name', 'nameTaken', { name })] : []
}

interface Range {
  readonly from: number
  readonly to: number
}

/** `8080` or `8000-8010`; null when it is neither, or out of 1…65535 (0 on the host side: the engine chooses). */
function range(text: string, least: number): Range | null {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text.trim())
  if (!match) return null
  const from = Number(match[1])
  const to = Number(match[2] ?? match[1])
  return from >= least && to >= from && to <= 65_535 ? { from, to } : null
}

function portProblems(row: PortRow): Problem[] {
  const field = `ports.${row.id}`
  const inside = row.containerPort.trim() || row.hostPort.trim()
  if (row.containerPort.trim() === '' && row.hostPort.trim().includes('-')) return [problem(field, 'portMissing')]
  const container = range(inside, 1)
  if (!container) return [problem(field, 'portRange', { port: inside })]
  if (row.hostPort.trim() !== '') {
    const host = range(row.hostPort, 0)
    if (!host) return [problem(field, 'portRange', { port: row.hostPort })]
    const single = container.from === container.to
    if (!single && host.to - host.from !== container.to - container.from) return [problem(field, 'portRangeMismatch')]
  }
  const ip = row.hostIp.trim().replace(/^\[(.*)\]$/, '$1')
  if (ip !== '' && !IPV4.test(ip) && !(ip.includes(':') && /^[0-9a-fA-F:.]+$/.test(ip))) {
    return [problem(field, 'portIp', { ip: row.hostIp })]
  }
  return []
}

/** Rows that ask for a host port another row has already asked for on an address the engine binds twice. */
function twicePorts(rows: readonly PortRow[]): Problem[] {
  return rows.flatMap((row, index) => {
    const mine = range(row.hostPort, 1)
    if (!mine) return []
    const before = rows.slice(0, index).some((other) => {
      const theirs = range(other.hostPort, 1)
      return theirs !== null && other.protocol === row.protocol && bindingsOverlap(other.hostIp.trim(), row.hostIp.trim()) &&
        mine.from <= theirs.to && theirs.from <= mine.to
    })
    return before ? [problem(`ports.${row.id}`, 'portTwice', { port: row.hostPort })] : []
  })
}

function envProblems(form: RunForm): Problem[] {
  const rows = filledEnv(form)
  return [
    ...rows.filter((row) => row.name.trim() === '' || row.name.includes('=')).map((row) => problem(`env.${row.id}`, 'envName')),
    ...twice(rows, (row) => row.name.trim()).map((row) => problem(`env.${row.id}`, 'envTwice', { name: row.name.trim() })),
  ]
}

function volumeProblems(row: VolumeRow): Problem[] {
  const field = `volumes.${row.id}`
  const target = row.target.trim()
  const source = row.source.trim()
  if (!target.startsWith('/')) return [problem(field, 'volumeTarget')]
  if (/^\/+$/.test(target)) return [problem(field, 'volumeRoot')]
  if (source !== '' && !source.startsWith('/') && !NAME.test(source)) return [problem(field, 'volumeSource', { source })]
  return []
}

/** Rows whose key an earlier row has; empty keys do not count. */
function twice<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Row[] {
  const seen = new Set<string>()
  return rows.filter((row) => {
    const key = keyOf(row)
    if (key === '') return false
    const known = seen.has(key)
    seen.add(key)
    return known
  })
}
