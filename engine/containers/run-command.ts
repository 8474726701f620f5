/** The `docker run` line that does what a RunSpec asks for. Pure: the run panel shows it while the person types. */
import type { RunSpec, VolumeSpec } from '../contract/models.ts'
import { formatPortSpec } from '../ports/spec.ts'
import { joinCommand } from './words.ts'

export { joinCommand, quoteWord, splitCommand } from './words.ts'

/** A volume can be written `-v SOURCE:TARGET` only while neither side holds the separator. */
export function fitsShortVolume(volume: VolumeSpec): boolean {
  if (volume.source === '') return !volume.readOnly && !volume.target.includes(':')
  return !volume.source.includes(':') && !volume.target.includes(':')
}

function volumeWords(volume: VolumeSpec): string[] {
  if (fitsShortVolume(volume)) {
    if (volume.source === '') return ['-v', volume.target]
    return ['-v', `${volume.source}:${volume.target}${volume.readOnly ? ':ro' : ''}`]
  }
  const fields = [
    `type=${volume.source.startsWith('/') ? 'bind' : 'volume'}`,
    ...(volume.source === '' ? [] : [`source=${volume.source}`]),
    `target=${volume.target}`,
    ...(volume.readOnly ? ['readonly'] : []),
  ]
  return ['--mount', fields.map(csvField).join(',')]
}

/** `--mount` reads its value as one CSV record. */
function csvField(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Words of `docker run …` (or `docker create …`) for a spec, not yet quoted. */
export function runCommandWords(spec: RunSpec, verb: 'run' | 'create' = 'run'): string[] {
  const words = ['docker', verb]
  if (verb === 'run') words.push('-d')
  if (spec.name) words.push('--name', spec.name)
  for (const port of spec.ports) words.push('-p', formatPortSpec(port))
  for (const { name, value } of spec.env) words.push('-e', `${name}=${value}`)
  for (const volume of spec.volumes) words.push(...volumeWords(volume))
  for (const [name, value] of Object.entries(spec.labels ?? {})) words.push('--label', value ? `${name}=${value}` : name)
  const { name: policy, maximumRetryCount } = spec.restart
  if (policy === 'on-failure' && maximumRetryCount) words.push('--restart', `on-failure:${maximumRetryCount}`)
  else if (policy !== 'no') words.push('--restart', policy)
  if (spec.autoRemove) words.push('--rm')
  if (spec.platform) words.push('--platform', spec.platform)
  if (spec.pull !== 'missing') words.push('--pull', spec.pull)
  words.push(spec.image, ...(spec.command ?? []))
  return words
}

/** The whole line, quoted for `sh`: `docker run -d --name web -p 127.0.0.1:8080:80 nginx`. */
export function formatRunCommand(spec: RunSpec, verb: 'run' | 'create' = 'run'): string {
  return joinCommand(runCommandWords(spec, verb))
}
