/** Turns what discovery found into providers, in detection order. */
import { homedir, userInfo } from 'node:os'
import { NaruError, toEnvelope } from '../contract/errors.ts'
import type { Environment } from './docker-config.ts'
import type { EngineProvider } from './provider.ts'
import { processIdentity, SOCKET_PATH_MAX } from './socket/access.ts'
import type { Identity } from './socket/access.ts'
import { canonicalPath, discoverSockets, unixPath } from './socket/discover.ts'
import type { UnsupportedHost } from './socket/discover.ts'
import { createSocketProvider, socketId } from './socket/socket-provider.ts'

export interface ProviderRegistryOptions {
  readonly env: Environment
  readonly home?: string
  readonly identity?: Identity
  /** Sockets of Naru's own engines (paths or `unix://` hosts). */
  readonly exclude: readonly string[]
}

export interface ProviderRegistry {
  /** Providers of everything found, in detection order. `added`: sockets from the settings. Never fails. */
  readonly discover: (added: readonly string[]) => Promise<readonly EngineProvider[]>
  /** Provider of one socket by path or `unix://` host. Refuses what cannot be one with `invalid-request`. */
  readonly socketProvider: (path: string) => Promise<EngineProvider>
}

function loginName(env: Environment): string {
  try {
    return userInfo().username
  } catch {
    // No entry in the user database (containers): the environment may still know.
    return env['USER'] ?? env['LOGNAME'] ?? ''
  }
}

/** Entry for an endpoint that cannot be used: listed with its reason, never silently skipped. */
function unsupportedProvider(found: UnsupportedHost): EngineProvider {
  return {
    id: `${found.kind}:${found.host}`,
    kind: found.kind,
    name: found.name,
    origin: found.origin,
    managed: false,
    detect: async () => ({ state: 'absent', error: toEnvelope(found.error) }),
    start: async () => {
      throw found.error
    },
  }
}

export function createProviderRegistry(options: ProviderRegistryOptions): ProviderRegistry {
  const { env } = options
  const home = options.home ?? homedir()
  const identity = options.identity ?? processIdentity(loginName(env))
  const exclude = options.exclude.flatMap((host) => unixPath(host) ?? [])

  const discover = async (added: readonly string[]): Promise<readonly EngineProvider[]> => {
    const found = await discoverSockets({ env, home, uid: identity.uid, added, exclude })
    const sockets = found.candidates.map(({ path, realPath, name, origin }) =>
      createSocketProvider({ path, id: socketId(realPath), name, origin, identity }),
    )
    return [...sockets, ...found.unsupported.map(unsupportedProvider)]
  }

  const socketProvider = async (text: string): Promise<EngineProvider> => {
    const trimmed = text.trim().replace(/^~(?=\/)/, home)
    const path = unixPath(trimmed)
    if (path === null || path.includes('\0') || Buffer.byteLength(path) > SOCKET_PATH_MAX) {
      throw new NaruError('invalid-request', `not a socket path: ${trimmed}`, {
        params: { path: trimmed, limit: SOCKET_PATH_MAX },
        hint: path === null ? 'socket-path-relative' : 'socket-path-long',
      })
    }
    const realPath = await canonicalPath(path)
    if ((await Promise.all(exclude.map((own) => canonicalPath(own)))).includes(realPath)) {
      throw new NaruError('conflict', `${path} belongs to the embedded engine`, { params: { path }, hint: 'socket-own' })
    }
    return createSocketProvider({ path, id: socketId(realPath), name: '', origin: 'added', identity })
  }

  return { discover, socketProvider }
}
