/** The run panel's form: its shape, its defaults from an image, and what it asks the engine for. Pure. */
import type { EnvVar, ImageDetail, PortProtocol, RestartPolicy, RunSpec } from '../../../engine/contract/models.ts'
import { withFlagValues, flagValues } from '../../../engine/containers/flag-values.ts'
import type { FlagValues, ValueProblem } from '../../../engine/containers/flag-values.ts'
import { joinCommand, splitCommand } from '../../../engine/containers/run-command.ts'
import { ADVANCED_FLAGS } from './advanced.ts'

export interface PortRow {
  readonly id: number
  hostIp: string
  hostPort: string
  containerPort: string
  protocol: PortProtocol
  /** Comes from the image's EXPOSE and was not touched: it goes when another image is chosen. */
  exposed: boolean
}

export interface EnvRow {
  readonly id: number
  name: string
  value: string
}

export interface VolumeRow {
  readonly id: number
  source: string
  target: string
  readOnly: boolean
  /** Other options of `-v`, as a command line gave them (`z`, `ro,rslave`). */
  mode?: string
}

export interface RunForm {
  image: string
  name: string
  ports: PortRow[]
  env: EnvRow[]
  volumes: VolumeRow[]
  command: string
  restart: RestartPolicy['name']
  /** Only with `on-failure`; empty = for ever. */
  retries: string
  autoRemove: boolean
  pull: RunSpec['pull']
  /** Everything else, by the name of its flag. */
  flags: Record<string, string[]>
  /** The ports are those of a command line: the image's EXPOSE adds none. */
  ownPorts: boolean
}

/** Only this machine: what a person trying something out expects, whatever docker's own default is. */
export const DEFAULT_HOST_IP = '127.0.0.1'

let nextId = 1
const id = (): number => nextId++

export function emptyForm(): RunForm {
  return {
    image: '',
    name: '',
    ports: [],
    env: [],
    volumes: [],
    command: '',
    restart: 'no',
    retries: '',
    autoRemove: false,
    pull: 'missing',
    flags: {},
    ownPorts: false,
  }
}

export const portRow = (more: Partial<PortRow> = {}): PortRow => ({
  hostIp: DEFAULT_HOST_IP,
  hostPort: '',
  containerPort: '',
  protocol: 'tcp',
  exposed: false,
  ...more,
  id: id(),
})
export const envRow = (more: Partial<EnvVar> = {}): EnvRow => ({ name: '', value: '', ...more, id: id() })
export const volumeRow = (more: Partial<Omit<VolumeRow, 'id'>> = {}): VolumeRow => ({
  source: '',
  target: '',
  readOnly: false,
  ...more,
  id: id(),
})

/** Port rows once an image is known: one per EXPOSE, those a person made or changed stay. */
export function portsFor(image: Pick<ImageDetail, 'exposedPorts'> | null, rows: readonly PortRow[]): PortRow[] {
  const own = rows.filter((row) => !row.exposed)
  const fromImage = (image?.exposedPorts ?? [])
    .filter(({ port, protocol }) => !own.some((row) => row.protocol === protocol && isWithin(port, row.containerPort)))
    .map(
      ({ port, protocol }) =>
        // The same row, not a like one: it may just be typed into, or have been moved to a free port.
        rows.find((row) => row.exposed && row.containerPort === String(port) && row.protocol === protocol) ??
        portRow({ hostPort: String(port), containerPort: String(port), protocol, exposed: true }),
    )
  return [...fromImage, ...own]
}

/** `80`, or one of `80-82`. */
function isWithin(port: number, containerPort: string): boolean {
  const [from, to = from] = containerPort.trim().split('-').map(Number)
  return from !== undefined && to !== undefined && from <= port && port <= to
}

const isBlankPort = (row: PortRow): boolean => row.containerPort.trim() === '' && row.hostPort.trim() === ''
const isBlankEnv = (row: EnvRow): boolean => row.name.trim() === '' && row.value === ''
const isBlankVolume = (row: VolumeRow): boolean => row.source.trim() === '' && row.target.trim() === ''

export const filledPorts = (form: RunForm): PortRow[] => form.ports.filter((row) => !isBlankPort(row))
export const filledEnv = (form: RunForm): EnvRow[] => form.env.filter((row) => !isBlankEnv(row))
export const filledVolumes = (form: RunForm): VolumeRow[] => form.volumes.filter((row) => !isBlankVolume(row))

/** Words of the command; null while a quote is open. */
export function commandWords(text: string): string[] | null {
  try {
    return splitCommand(text)
  } catch {
    return null
  }
}

/** The form that asks for what a spec says. */
export function formOf(spec: RunSpec): RunForm {
  return {
    image: spec.image,
    name: spec.name ?? '',
    ports: spec.ports.map((port) => portRow(port)),
    env: spec.env.map((variable) => envRow(variable)),
    volumes: spec.volumes.map((volume) => volumeRow(volume)),
    command: joinCommand(spec.command ?? []),
    restart: spec.restart.name,
    retries: spec.restart.maximumRetryCount === undefined ? '' : String(spec.restart.maximumRetryCount),
    autoRemove: spec.autoRemove,
    pull: spec.pull,
    flags: Object.fromEntries(Object.entries(flagValues(spec, ADVANCED_FLAGS)).map(([name, values]) => [name, [...values]])),
    ownPorts: true,
  }
}

/** Values that count: a row left empty does not, an entrypoint that is taken away does. */
function filledFlags(flags: RunForm['flags']): FlagValues {
  const entries = Object.entries(flags).map(([name, values]) => [name, values.filter((value) => name === 'entrypoint' || value.trim() !== '')] as const)
  return Object.fromEntries(entries.filter(([, values]) => values.length > 0))
}

/** Values of single flags that docker would refuse. */
export const flagProblems = (form: RunForm): readonly ValueProblem[] => withFlagValues(simpleSpec(form), filledFlags(form.flags)).problems

/** What the form asks for. Rows left empty do not count; everything else is taken as it stands. */
export const toRunSpec = (form: RunForm): RunSpec => withFlagValues(simpleSpec(form), filledFlags(form.flags)).spec

function simpleSpec(form: RunForm): RunSpec {
  const command = commandWords(form.command) ?? [form.command]
  const name = form.name.trim()
  return {
    image: form.image.trim(),
    ...(name && { name }),
    ...(command.length > 0 && { command }),
    ports: filledPorts(form).map(({ hostIp, hostPort, containerPort, protocol }) => ({
      hostIp: hostIp.trim(),
      hostPort: hostPort.trim(),
      containerPort: containerPort.trim() || hostPort.trim(),
      protocol,
    })),
    env: filledEnv(form).map((row) => ({ name: row.name.trim(), value: row.value })),
    volumes: filledVolumes(form).map(({ source, target, readOnly, mode }) => ({
      source: source.trim(),
      target: target.trim(),
      readOnly,
      ...modeOf(mode, readOnly),
    })),
    restart: restartOf(form),
    autoRemove: form.autoRemove,
    pull: form.pull,
  }
}

/** Options of `-v` once read-only may have been switched; just `ro` is said by `readOnly`. */
function modeOf(mode: string | undefined, readOnly: boolean): { readonly mode?: string } {
  if (mode === undefined) return {}
  const options = mode.split(',')
  if (options.includes('ro') === readOnly) return { mode }
  const others = options.filter((option) => option !== 'ro' && option !== 'rw')
  return others.length === 0 ? {} : { mode: [...(readOnly ? ['ro'] : []), ...others].join(',') }
}

function restartOf({ restart, retries }: RunForm): RestartPolicy {
  const count = Number(retries)
  if (restart !== 'on-failure' || retries.trim() === '' || !Number.isInteger(count) || count < 0) return { name: restart }
  return { name: restart, maximumRetryCount: count }
}

/**
 * Variables of pasted text: one `NAME=value` per line, as in an env file. Blank lines, comments and a leading `export`
 * are left out, a pair of quotes around the value too. A line without `=` is a name with an empty value.
 */
export function parseEnvText(text: string): EnvVar[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const bare = line.trim().replace(/^export\s+/, '')
    if (bare === '' || bare.startsWith('#')) return []
    const equals = bare.indexOf('=')
    const name = (equals < 0 ? bare : bare.slice(0, equals)).trim()
    if (name === '') return []
    return [{ name, value: equals < 0 ? '' : unquoted(bare.slice(equals + 1)) }]
  })
}

function unquoted(value: string): string {
  const quote = value[0]
  const paired = value.length >= 2 && (quote === '"' || quote === "'") && value.endsWith(quote)
  return paired ? value.slice(1, -1) : value
}
