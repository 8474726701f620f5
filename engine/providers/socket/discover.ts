/** Where a container engine's socket may be on this machine, in the order Naru prefers them. */
import { lstat, readdir, readlink, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, normalize, resolve } from 'node:path'
import { NaruError } from '../../contract/errors.ts'
import type { ProviderKind } from '../../contract/models.ts'
import { readContexts } from '../docker-config.ts'
import type { Environment } from '../docker-config.ts'

export interface SocketCandidate {
  /** As written by its source. */
  readonly path: string
  /** Links resolved: the identity. */
  readonly realPath: string
  readonly name: string
  readonly origin: string
}

/** An endpoint somebody configured that this version cannot speak to. */
export interface UnsupportedHost {
  /** Without user and password. */
  readonly host: string
  readonly kind: ProviderKind
  readonly name: string
  readonly origin: string
  readonly error: NaruError
}

export interface Discovery {
  readonly candidates: readonly SocketCandidate[]
  readonly unsupported: readonly UnsupportedHost[]
}

export interface DiscoverOptions {
  readonly env: Environment
  readonly home: string
  readonly uid: number
  /** Sockets the person added or chose, by path. */
  readonly added: readonly string[]
  /** Sockets of Naru's own engines: never listed as foreign ones. */
  readonly exclude: readonly string[]
}

/** Engines a machine may have at most; more are not listed. */
const CANDIDATE_LIMIT = 32

interface Source {
  readonly host: string
  readonly name: string
  readonly origin: string
  /** Listed even when its socket does not exist: somebody named it. */
  readonly explicit: boolean
}

/** Path with every link resolved, also when the last part (or a link's target) does not exist. */
export async function canonicalPath(path: string, depth = 8): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    const target = depth > 0 ? await readlink(path).catch(() => null) : null
    if (target !== null) return canonicalPath(resolve(dirname(path), target), depth - 1)
    const parent = await realpath(dirname(path)).catch(() => dirname(path))
    return join(parent, basename(path))
  }
}

/** Path of a `unix://` host, or null for any other. A bare absolute path is one too. */
export function unixPath(host: string): string | null {
  const path = host.startsWith('unix://') ? host.slice('unix://'.length) : host
  return isAbsolute(path) ? normalize(path) : null
}

/** `scheme://host:port/path` without user and password. */
function withoutCredentials(host: string): string {
  return host.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1')
}

function unsupportedHost(source: Source): UnsupportedHost {
  const host = withoutCredentials(source.host)
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(host)?.[1]?.toLowerCase() ?? ''
  const kind: ProviderKind = scheme === 'ssh' ? 'ssh' : ['tcp', 'http', 'https'].includes(scheme) ? 'tls' : 'socket'
  const error = new NaruError('unsupported', `cannot connect to ${host} yet: only unix:// sockets`, {
    params: { host, scheme },
    hint: 'engine-scheme',
  })
  return { host, kind, name: source.name, origin: source.origin, error }
}

/** Sockets of `podman machine`, one per machine. */
async function podmanMachineSockets(env: Environment, home: string): Promise<string[]> {
  const folders = [join(home, '.local/share/containers/podman/machine')]
  const temporary = env['TMPDIR']
  const found: string[] = temporary ? [join(temporary, 'podman/podman-machine-default-api.sock')] : []
  for (const folder of folders) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    found.push(join(folder, 'podman.sock'))
    for (const entry of entries.slice(0, 16)) {
      if (entry.isDirectory()) found.push(join(folder, entry.name, 'podman.sock'))
    }
  }
  return found
}

async function wellKnownPaths({ env, home, uid }: DiscoverOptions): Promise<string[]> {
  const runtime = env['XDG_RUNTIME_DIR'] || (uid > 0 ? `/run/user/${uid}` : '')
  const ofRuntime = runtime ? [join(runtime, 'docker.sock'), join(runtime, 'podman/podman.sock')] : []
  return [
    '/var/run/docker.sock',
    ...ofRuntime,
    '/run/podman/podman.sock',
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(home, '.colima/default/docker.sock'),
    join(home, '.colima/docker.sock'),
    join(home, '.rd/docker.sock'),
    join(home, '.orbstack/run/docker.sock'),
    ...(await podmanMachineSockets(env, home)),
  ]
}

async function sourcesOf(options: DiscoverOptions): Promise<Source[]> {
  const { env, home } = options
  const added = options.added.map((host) => ({ host, name: '', origin: 'added', explicit: true }))
  const only = env['NARU_SOCKETS']
  if (only !== undefined) {
    const listed = only.split(':').filter(Boolean)
    return [...listed.map((host) => ({ host, name: '', origin: 'well-known', explicit: true })), ...added]
  }
  const sources: Source[] = []
  const dockerHost = env['DOCKER_HOST']
  if (dockerHost) sources.push({ host: dockerHost, name: '', origin: 'DOCKER_HOST', explicit: true })
  for (const { name, host } of await readContexts(env, home)) {
    sources.push({ host, name, origin: `context:${name}`, explicit: true })
  }
  for (const host of await wellKnownPaths(options)) {
    sources.push({ host, name: '', origin: 'well-known', explicit: false })
  }
  return [...sources, ...added]
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )

/**
 * Candidates in order of preference: $DOCKER_HOST, docker contexts (current first), well-known paths that exist,
 * sockets added by hand; one entry per real socket. With $NARU_SOCKETS (paths separated by ":", may be empty) only
 * those and the added ones are looked at. Never fails.
 */
export async function discoverSockets(options: DiscoverOptions): Promise<Discovery> {
  const excluded = new Set(await Promise.all(options.exclude.map((path) => canonicalPath(path))))
  const candidates = new Map<string, SocketCandidate>()
  const unsupported = new Map<string, UnsupportedHost>()
  for (const source of await sourcesOf(options)) {
    const path = unixPath(source.host)
    if (path === null) {
      const entry = unsupportedHost(source)
      if (!unsupported.has(entry.host)) unsupported.set(entry.host, entry)
      continue
    }
    if (!source.explicit && !(await exists(path))) continue
    const realPath = await canonicalPath(path)
    if (excluded.has(realPath)) continue
    const known = candidates.get(realPath)
    // The first source decides path and origin; the first that has a proper name gives it.
    if (known) candidates.set(realPath, known.name ? known : { ...known, name: source.name })
    else if (candidates.size < CANDIDATE_LIMIT) {
      candidates.set(realPath, { path, realPath, name: source.name, origin: source.origin })
    }
  }
  return { candidates: [...candidates.values()], unsupported: [...unsupported.values()].slice(0, CANDIDATE_LIMIT) }
}
