/** The docker CLI's own settings, as far as they say which engines there are. Read-only, except contexts (context.ts). */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'

/** The environment Naru looks at; passed in so that tests see only what they set. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface DockerContext {
  readonly name: string
  /** Endpoint as written, e.g. `unix:///run/docker.sock`, `ssh://me@host`. */
  readonly host: string
}

/** More contexts than this are not looked at. */
const CONTEXT_LIMIT = 64
/** A config file larger than this is not one. */
const FILE_LIMIT = 1024 * 1024

const configShape = v.object({ currentContext: v.optional(v.string()) })
const metaShape = v.object({
  Name: v.pipe(v.string(), v.minLength(1)),
  Endpoints: v.optional(v.object({ docker: v.optional(v.object({ Host: v.optional(v.string()) })) })),
})

/** Folder of the docker CLI's settings: $DOCKER_CONFIG or ~/.docker. */
export function dockerConfigFolder(env: Environment, home: string): string {
  return env['DOCKER_CONFIG'] || join(home, '.docker')
}

/** Folder of one context's metadata: the CLI names it by the SHA-256 of the context's name. */
export function contextFolder(configFolder: string, name: string): string {
  return join(configFolder, 'contexts', 'meta', createHash('sha256').update(name).digest('hex'))
}

async function readShape<S extends v.GenericSchema>(path: string, shape: S): Promise<v.InferOutput<S> | null> {
  try {
    const text = await readFile(path, 'utf8')
    if (text.length > FILE_LIMIT) return null
    const parsed = v.safeParse(shape, JSON.parse(text))
    return parsed.success ? parsed.output : null
  } catch {
    // Missing, unreadable or broken: the docker CLI's own business, not a reason to find no engine.
    return null
  }
}

/** Name of the context the CLI uses now; empty for the built-in `default`. */
export async function currentContextName(env: Environment, home: string): Promise<string> {
  const config = await readShape(join(dockerConfigFolder(env, home), 'config.json'), configShape)
  const name = env['DOCKER_CONTEXT'] || config?.currentContext || ''
  return name === 'default' ? '' : name
}

/** Every context with a docker endpoint, the current one first, then by name. */
export async function readContexts(env: Environment, home: string): Promise<readonly DockerContext[]> {
  const meta = join(dockerConfigFolder(env, home), 'contexts', 'meta')
  const folders = await readdir(meta).catch(() => [])
  const read = await Promise.all(
    folders.slice(0, CONTEXT_LIMIT).map((folder) => readShape(join(meta, folder, 'meta.json'), metaShape)),
  )
  const contexts = read.flatMap((each) => {
    const host = each?.Endpoints?.docker?.Host
    return each && host ? [{ name: each.Name, host }] : []
  })
  const current = await currentContextName(env, home)
  const rank = (context: DockerContext): number => (context.name === current ? 0 : 1)
  return contexts.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
}
