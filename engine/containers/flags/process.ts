/** Flags about who runs what. Pure. */
import type { AttachStream, RestartPolicy, RunSpec } from '../../contract/models.ts'
import { NAME } from '../names.ts'
import { formatPortSpec, parsePublished } from '../../ports/spec.ts'
import { formatMount, formatVolume, fitsShortVolume, mountOfVolume, parseMount, parseVolume, volumeOfMount } from '../values/storage.ts'
import { cutPair, parseWhole, refuseValue } from '../values/go.ts'
import { choice, kindsOf } from './kinds.ts'
import type { SupportedFlag } from './kinds.ts'

const general = kindsOf('general')
const process = kindsOf('process')

/** A label or variable name may not be empty, a label's may hold no blanks. */
function checkLabel(value: string): void {
  const name = cutPair(value)[0].trimStart()
  if (name === '' || /\s/.test(name)) throw refuseValue('label', `not a label: "${value}"`, { value })
}

/** Files are kept by name: where a path that is not whole begins, only the one who reads it can tell. */
function checkFile(value: string): void {
  if (value.trim() === '') throw refuseValue('file.name-empty', 'the file has no name')
}

const RESTARTS: readonly RestartPolicy['name'][] = ['no', 'always', 'unless-stopped', 'on-failure']

/** `on-failure:3`. @throws NaruError `invalid-request` */
export function parseRestart(value: string): RestartPolicy {
  const colon = value.indexOf(':')
  const text = colon < 0 ? value : value.slice(0, colon)
  const name = value === '' ? 'no' : RESTARTS.find((each) => each === text)
  if (!name) throw refuseValue('choice', `must be one of ${RESTARTS.join(', ')}: "${text}"`, { value: text, choices: RESTARTS.join(', ') })
  if (colon < 0) return { name }
  if (name !== 'on-failure') throw refuseValue('restart.count', `only on-failure takes a number of tries: "${value}"`, { value })
  return { name, maximumRetryCount: parseWhole(value.slice(colon + 1), 0, 1_000_000) }
}

function formatRestart({ name, maximumRetryCount }: RestartPolicy): string[] {
  if (name === 'no') return []
  return ['--restart', name === 'on-failure' && maximumRetryCount !== undefined ? `${name}:${maximumRetryCount}` : name]
}

const PULLS: readonly RunSpec['pull'][] = ['always', 'missing', 'never']
const STREAMS: readonly AttachStream[] = ['stdin', 'stdout', 'stderr']

/** In the order in which the line is written. */
export const GENERAL_FLAGS: readonly SupportedFlag[] = [
  general.flag('detach', 'detach', { short: 'd', keepsFalse: true, runOnly: true }),
  general.flag('interactive', 'interactive', { short: 'i' }),
  general.flag('tty', 'tty', { short: 't' }),
  general.own(
    'attach',
    ['attach'],
    (value, { spec }) => {
      const stream = STREAMS.find((each) => each === value.toLowerCase())
      if (!stream) throw refuseValue('choice', `must be one of ${STREAMS.join(', ')}: "${value}"`, { value, choices: STREAMS.join(', ') })
      spec.attach = [...(spec.attach ?? []), stream]
    },
    (spec) => (spec.attach ?? []).flatMap((stream) => ['--attach', stream]),
    { short: 'a' },
  ),
  general.text('name', 'name', (value) => {
    if (!NAME.test(value)) throw refuseValue('name', `not a name of a container: "${value}"`, { value })
  }),
  general.own(
    'publish',
    ['ports'],
    (value, { spec }) => void (spec.ports = [...spec.ports, parsePublished(value)]),
    (spec) => spec.ports.flatMap((port) => ['-p', formatPortSpec(port)]),
    { short: 'p' },
  ),
  general.own(
    'env',
    ['env', 'envNames'],
    (value, { spec, environment }) => {
      const [name, given, found] = cutPair(value)
      if (name === '') throw refuseValue('env.name', `a variable needs a name: "${value}"`, { value })
      const known = environment.get(name)
      if (found || known !== undefined) spec.env = [...spec.env, { name, value: found ? given : (known ?? '') }]
      else spec.envNames = [...(spec.envNames ?? []), name]
    },
    (spec) => [...spec.env.flatMap(({ name, value }) => ['-e', `${name}=${value}`]), ...(spec.envNames ?? []).flatMap((name) => ['-e', name])],
    { short: 'e' },
  ),
  general.list('env-file', 'envFiles', checkFile),
  general.own(
    'volume',
    ['volumes'],
    (value, { spec }) => void (spec.volumes = [...spec.volumes, parseVolume(value)]),
    (spec) => spec.volumes.flatMap((volume) => (fitsShortVolume(volume) ? ['-v', formatVolume(volume)] : ['--mount', formatMount(mountOfVolume(volume))])),
    { short: 'v' },
  ),
  general.own(
    'mount',
    ['mounts'],
    (value, { spec }) => {
      const mount = parseMount(value)
      const volume = volumeOfMount(mount)
      if (volume) spec.volumes = [...spec.volumes, volume]
      else spec.mounts = [...(spec.mounts ?? []), mount]
    },
    (spec) => (spec.mounts ?? []).flatMap((mount) => ['--mount', formatMount(mount)]),
  ),
  general.pairs('label', 'labels', checkLabel, { short: 'l', bare: true }),
  general.list('label-file', 'labelFiles', checkFile),
  general.own('restart', ['restart'], (value, { spec }) => void (spec.restart = parseRestart(value)), (spec) => formatRestart(spec.restart)),
  general.flag('rm', 'autoRemove'),
]

export const PROCESS_FLAGS: readonly SupportedFlag[] = [
  process.text('entrypoint', 'entrypoint', undefined, { keepsEmpty: true }),
  process.text('workdir', 'workdir', (value) => {
    if (!value.startsWith('/')) throw refuseValue('workdir', `must be a whole path in the container: "${value}"`, { path: value })
  }, { short: 'w' }),
  process.text('user', 'user', undefined, { short: 'u' }),
  process.list('group-add', 'groupAdd'),
  process.text('hostname', 'hostname', undefined, { short: 'h' }),
  process.text('domainname', 'domainname'),
  process.flag('init', 'init', { keepsFalse: true }),
  process.text('stop-signal', 'stopSignal'),
  process.whole('stop-timeout', 'stopTimeout', { min: -1, max: 2 ** 31 - 1 }),
  process.pairs('annotation', 'annotations', (value) => {
    if (cutPair(value)[0] === '') throw refuseValue('pair', `not NAME=VALUE: "${value}"`, { value })
  }),
]

/** Where the image comes from; last on the line, as people write it. */
export const IMAGE_FLAGS: readonly SupportedFlag[] = [
  general.text('platform', 'platform', (value) => {
    if (!/^[\w.-]+(?:\/[\w.-]+){0,2}$/.test(value)) throw refuseValue('platform', `not a platform such as linux/arm64: "${value}"`, { value })
  }),
  general.own(
    'pull',
    ['pull'],
    (value, { spec }) => {
      const pull = PULLS.find((each) => each === value)
      choice(...PULLS)(value)
      if (pull) spec.pull = pull
    },
    (spec) => (spec.pull === 'missing' ? [] : ['--pull', spec.pull]),
  ),
  general.flag('quiet', 'quiet', { short: 'q' }),
]
