/** Makes an engine known to the docker CLI: a context, written the way `docker context create` writes it. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { NaruError } from '../contract/errors.ts'
import { quoteWord } from '../containers/words.ts'
import { contextFolder, dockerConfigFolder } from './docker-config.ts'
import type { Environment } from './docker-config.ts'
import { systemCode } from './socket/access.ts'

export interface CreateContextOptions {
  readonly env: Environment
  readonly home: string
  readonly name: string
  /** `unix:///…` */
  readonly dockerHost: string
}

export interface CreatedContext {
  readonly name: string
  /** The docker command that does the same. */
  readonly command: string
}

/** The docker CLI's own rule for context names. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/

/** Command that makes the same context. */
export function contextCommand(name: string, dockerHost: string): string {
  return `docker context create ${name} --docker ${quoteWord(`host=${dockerHost}`)}`
}

function nameInUse(name: string, hint?: string): NaruError {
  return new NaruError('name-in-use', `a docker context named ${name} exists already`, {
    params: { name },
    ...(hint && { hint }),
  })
}

function checkName(name: string): void {
  if (name === 'default') throw nameInUse(name, 'context-reserved')
  if (NAME.test(name)) return
  throw new NaruError('invalid-request', `not a context name: ${name}`, { params: { name }, hint: 'context-name' })
}

/**
 * Writes the context's meta.json below $DOCKER_CONFIG (or ~/.docker). The whole folder appears at once, by rename,
 * which fails when the name was taken in the meantime. Errors: `name-in-use`, `invalid-request`, `denied`, `no-space`.
 */
export async function createDockerContext(options: CreateContextOptions): Promise<CreatedContext> {
  const { name, dockerHost } = options
  checkName(name)
  const config = dockerConfigFolder(options.env, options.home)
  const target = contextFolder(config, name)
  const meta = {
    Name: name,
    Metadata: {},
    Endpoints: { docker: { Host: dockerHost, SkipTLSVerify: false } },
  }
  let draft = ''
  try {
    // The CLI keeps its own folder private and what is below readable.
    await mkdir(config, { recursive: true, mode: 0o700 })
    await mkdir(dirname(target), { recursive: true, mode: 0o755 })
    draft = await mkdtemp(join(config, 'contexts', '.new-'))
    const folder = join(draft, 'context')
    await mkdir(folder, { mode: 0o755 })
    await writeFile(join(folder, 'meta.json'), JSON.stringify(meta), { mode: 0o644, flush: true })
    await rename(folder, target)
  } catch (error) {
    throw mapped(error, name, config)
  } finally {
    if (draft) await rm(draft, { recursive: true, force: true }).catch(() => undefined)
  }
  return { name, command: contextCommand(name, dockerHost) }
}

function mapped(error: unknown, name: string, path: string): NaruError {
  const code = systemCode(error)
  const detail = error instanceof Error ? error.message : String(error)
  if (code === 'ENOTEMPTY' || code === 'EEXIST') return nameInUse(name)
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new NaruError('denied', `cannot write below ${path}`, { params: { path }, hint: 'context-folder', detail })
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') return new NaruError('no-space', `no space below ${path}`, { params: { path }, detail })
  return new NaruError('internal', `cannot create the context: ${detail}`, { params: { name }, detail })
}
