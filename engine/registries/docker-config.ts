/**
 * Logins in the docker CLI's own settings (`config.json`): base64 `auths` and which credential helper keeps what.
 * Format: docker/cli cli/config/configfile/file.go. Read fresh every time: `docker login` may run beside Naru.
 */
import { readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { NaruError } from '../contract/errors.ts'
import { dockerConfigFolder } from '../providers/docker-config.ts'
import type { Environment } from '../providers/docker-config.ts'
import { writeFileAtomic } from '../system/files.ts'
import { hostOf, keysOf } from './address.ts'
import type { Credential } from './credential.ts'

/** A file larger than this is no config, bytes. */
const FILE_LIMIT = 1024 * 1024
/** Logins looked at. */
const LOGIN_LIMIT = 500

/** Part of a program's name (`docker-credential-NAME`), so nothing that could be a path. */
export const HELPER_NAME = /^[A-Za-z0-9][\w.-]{0,63}$/

export interface DockerLogins {
  readonly path: string
  /** With their credentials in the file itself. */
  readonly credentials: readonly Credential[]
  /** Helper of every registry that has none of its own. */
  readonly credsStore?: string
  /** Helper by registry. */
  readonly credHelpers: Readonly<Record<string, string>>
}

const text = v.optional(v.nullable(v.string()))
const authShape = v.object({ auth: text, username: text, password: text, identitytoken: text })
const shape = v.object({
  auths: v.optional(v.nullable(v.record(v.string(), v.unknown()))),
  credsStore: text,
  credHelpers: v.optional(v.nullable(v.record(v.string(), v.unknown()))),
})

/** What the file says; nothing when it is missing or not readable: that is the docker CLI's own business. */
export async function readDockerLogins(env: Environment, home: string): Promise<DockerLogins> {
  const path = join(dockerConfigFolder(env, home), 'config.json')
  const config = await readConfig(path)
  const credentials = new Map<string, Credential>()
  for (const [address, auth] of Object.entries(config?.auths ?? {}).slice(0, LOGIN_LIMIT)) {
    const credential = credentialOf(address, auth)
    if (credential && !credentials.has(credential.registry)) credentials.set(credential.registry, credential)
  }
  const helpers = Object.entries(config?.credHelpers ?? {}).flatMap(([address, name]) => (isHelper(name) ? [[hostOf(address), name] as const] : []))
  return {
    path,
    credentials: [...credentials.values()],
    ...(isHelper(config?.credsStore) && { credsStore: config.credsStore }),
    credHelpers: Object.fromEntries(helpers.slice(0, LOGIN_LIMIT)),
  }
}

const isHelper = (name: unknown): name is string => typeof name === 'string' && HELPER_NAME.test(name)

async function readConfig(path: string): Promise<v.InferOutput<typeof shape> | null> {
  try {
    if ((await stat(path)).size > FILE_LIMIT) return null
    const parsed = v.safeParse(shape, JSON.parse(await readFile(path, 'utf8')))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}

/** `auth` is base64 of `user:password`; an identity token stands for both; an empty entry says a helper has it. */
function credentialOf(address: string, value: unknown): Credential | null {
  const parsed = v.safeParse(authShape, value)
  if (!parsed.success) return null
  const { auth, username, password, identitytoken } = parsed.output
  const registry = hostOf(address)
  const decoded = auth ? Buffer.from(auth, 'base64').toString('utf8') : ''
  const colon = decoded.indexOf(':')
  const user = colon > 0 ? decoded.slice(0, colon) : (username ?? '')
  // The docker CLI once padded with zero bytes.
  const secret = colon > 0 ? decoded.slice(colon + 1).replace(/\0+$/, '') : (password ?? '')
  if (identitytoken) return { registry, user, secret: identitytoken, kind: 'identity' }
  return user && secret ? { registry, user, secret, kind: 'password' } : null
}

/**
 * Takes a registry's login out of the file, as `docker logout` does; everything else in it stays as it is.
 * @throws NaruError `denied`, `not-found`, `internal`
 */
export async function eraseFromDockerConfig(path: string, registry: string): Promise<void> {
  try {
    // A link to a file kept elsewhere stays a link.
    const target = await realpath(path)
    const [{ mode }, content] = await Promise.all([stat(target), readFile(target, 'utf8')])
    const config = JSON.parse(content) as { auths?: Record<string, unknown> }
    const keys = Object.keys(config.auths ?? {}).filter((key) => keysOf(registry).includes(key) || hostOf(key) === registry)
    if (keys.length === 0) throw new NaruError('not-found', `no login for ${registry}`, { params: { name: registry } })
    for (const key of keys) delete config.auths?.[key]
    await writeFileAtomic(target, `${JSON.stringify(config, null, '\t')}\n`, mode & 0o777)
  } catch (error) {
    if (error instanceof NaruError) throw error
    const denied = error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS')
    // Not the cause: a JSON error quotes the text it stumbled over.
    throw new NaruError(denied ? 'denied' : 'internal', `cannot change ${path}`, { params: { path } })
  }
}
