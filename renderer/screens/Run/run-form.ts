/** The run panel's form: its shape, its defaults from an image, and what it asks the engine for. Pure. */
import type { EnvVar, ImageDetail, PortProtocol, RestartPolicy, RunSpec } from '../../../engine/contract/models.ts'
import { splitCommand } from '../../../engine/containers/run-command.ts'

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
  const taken = new Set(own.map((row) => `${row.containerPort}/${row.protocol}`))
  const fromImage = (image?.exposedPorts ?? [])
    .filter(({ port, protocol }) => !taken.has(`${port}/${protocol}`))
    .map(
      ({ port, protocol }) =>
        // The same row, not a like one: it may just be typed into, or have been moved to a free port.
        rows.find((row) => row.exposed && row.containerPort === String(port) && row.protocol === protocol) ??
        portRow({ hostPort: String(port), containerPort: String(port), protocol, exposed: true }),
    )
  return [...fromImage, ...own]
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

/** What the form asks for. Rows left empty do not count; everything else is taken as it stands. */
export function toRunSpec(form: RunForm): RunSpec {
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
    volumes: filledVolumes(form).map(({ source, target, readOnly }) => ({
      source: source.trim(),
      target: target.trim(),
      readOnly,
    })),
    restart: restartOf(form),
    autoRemove: form.autoRemove,
    pull: form.pull,
  }
}

function restartOf({ restart, retries }: RunForm): RestartPolicy {
  const count = Number(retries)
  if (restart !== 'on-failure' || retries.trim() === '' || !Number.isInteger(count) || count <= 0) return { name: restart }
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
