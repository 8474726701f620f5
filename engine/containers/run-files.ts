/** Files a RunSpec names: read when the container is made, as the docker CLI reads them (docker/cli pkg/kvfile). */
import { open } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { NaruError } from '../contract/errors.ts'
import type { RunSpec } from '../contract/models.ts'

/** Largest file taken, bytes. */
const MOST_BYTES = 1024 * 1024
type Field = 'envFiles' | 'labelFiles' | 'securityOptions'

function refuse(field: Field, hint: string, message: string, params: Record<string, string | number>, cause?: unknown): NaruError {
  return new NaruError('invalid-request', message, { params: { ...params, field }, hint: `run.file.${hint}`, cause })
}

/**
 * The spec with the content of its files in place of their names: variables before those of `env`, labels before `labels`,
 * a seccomp profile inside its option.
 * @throws NaruError `invalid-request` {field, path} and, for a bad line, {line}
 */
export async function readRunFiles(spec: RunSpec, signal: AbortSignal): Promise<RunSpec> {
  const variables: Pair[] = []
  for (const path of spec.envFiles ?? []) variables.push(...parsePairs(await readText('envFiles', path, signal), path, 'envFiles'))
  const labels: Pair[] = []
  for (const path of spec.labelFiles ?? []) labels.push(...parsePairs(await readText('labelFiles', path, signal), path, 'labelFiles'))
  const options = await Promise.all((spec.securityOptions ?? []).map((option) => readProfile(option, signal)))
  const { envFiles: _envFiles, labelFiles: _labelFiles, ...rest } = spec
  return {
    ...rest,
    // A name without a value stands for the shell's own variable; there is no shell, and docker leaves out what is unset.
    env: [...variables.flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }])), ...spec.env],
    ...((labels.length > 0 || spec.labels) && { labels: { ...Object.fromEntries(labels.map(({ name, value }) => [name, value ?? ''])), ...spec.labels } }),
    ...(spec.securityOptions && { securityOptions: options }),
  }
}

async function readText(field: Field, path: string, signal: AbortSignal): Promise<string> {
  // The docker CLI would begin in the shell's folder; there is none here.
  if (!isAbsolute(path)) throw refuse(field, 'relative', `the path of a file must be whole: ${path}`, { path })
  try {
    signal.throwIfAborted()
    const file = await open(path, 'r')
    try {
      const stat = await file.stat()
      if (!stat.isFile()) throw refuse(field, 'kind', `${path} is no file`, { path })
      if (stat.size > MOST_BYTES) throw refuse(field, 'size', `${path} is larger than 1 MiB`, { path })
      const bytes = await file.readFile({ signal })
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof NaruError) throw error
    signal.throwIfAborted()
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENOENT') throw refuse(field, 'missing', `there is no file ${path}`, { path }, error)
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw refuse(field, 'utf8', `${path} is not UTF-8 text`, { path }, error)
    throw refuse(field, 'unreadable', `${path} cannot be read: ${code}`, { path }, error)
  }
}

interface Pair {
  readonly name: string
  /** Absent for a line that is only a name. */
  readonly value?: string
}

/**
 * Lines of an env file: `NAME=value` with the value as it stands, comments and empty lines left out.
 * @throws NaruError `invalid-request` {path, line} for a name with blanks or a line without one
 */
export function parsePairs(content: string, path: string, field: 'envFiles' | 'labelFiles'): Pair[] {
  return content.split(/\r?\n/).flatMap((whole, index) => {
    const text = whole.trimStart()
    if (text === '' || text.startsWith('#')) return []
    const equals = text.indexOf('=')
    const name = equals < 0 ? text.trimEnd() : text.slice(0, equals)
    const line = index + 1
    if (name === '') throw refuse(field, 'name', `${path}, line ${line}: no name before "="`, { path, line })
    if (/\s/.test(name)) throw refuse(field, 'blank', `${path}, line ${line}: the name "${name}" has blanks in it`, { path, line, name })
    return [equals < 0 ? { name } : { name, value: text.slice(equals + 1) }]
  })
}

/** `seccomp=/path` with the profile in place of its path. */
async function readProfile(option: string, signal: AbortSignal): Promise<string> {
  const path = /^seccomp[=:](.*)$/s.exec(option)?.[1]
  if (path === undefined || path === 'unconfined' || path === 'builtin' || path.startsWith('{')) return option
  const content = await readText('securityOptions', path, signal)
  try {
    return `seccomp=${JSON.stringify(JSON.parse(content))}`
  } catch (error) {
    throw refuse('securityOptions', 'json', `${path} is no JSON: ${error instanceof Error ? error.message : ''}`, { path }, error)
  }
}
