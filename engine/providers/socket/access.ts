/** Turns what the system says about a socket into an error that names the way out. */
import { readFile } from 'node:fs/promises'
import { NaruError } from '../../contract/errors.ts'
import type { ErrorCode } from '../../contract/errors.ts'

/** Longest path of a unix socket in bytes, without the closing zero (sockaddr_un.sun_path is 108 on Linux, 104 on macOS). */
export const SOCKET_PATH_MAX = process.platform === 'darwin' ? 103 : 107

/** Who asks, and which groups the system knows; passed in so that tests need no other user. */
export interface Identity {
  readonly user: string
  readonly uid: number
  /** Groups this process holds. */
  readonly gids: readonly number[]
  /** Text of /etc/group; empty when it cannot be read. */
  readonly readGroups: () => Promise<string>
}

export interface SocketOwner {
  readonly uid: number
  readonly gid: number
  readonly mode: number
}

/** The identity of this process. `user` is the login name. */
export function processIdentity(user: string): Identity {
  return {
    user,
    uid: process.getuid?.() ?? -1,
    gids: process.getgroups?.() ?? [],
    readGroups: () => readFile('/etc/group', 'utf8').catch(() => ''),
  }
}

/** Name and members of group `gid` in the text of a group(5) file. */
export function groupOf(groups: string, gid: number): { readonly name: string; readonly members: readonly string[] } | null {
  for (const line of groups.split('\n')) {
    const [name, , id, members] = line.split(':')
    if (name && id !== undefined && id !== '' && Number(id) === gid) {
      return { name, members: (members ?? '').split(',').map((member) => member.trim()).filter(Boolean) }
    }
  }
  return null
}

const GROUP_READ_WRITE = 0o060

/**
 * `denied` for a socket this user may not open. Hints: `join-group` (params group, user, command), `log-in-again`
 * (is a member already, but this login began before that), `socket-owner-only` (no group may open it).
 */
export async function deniedError(
  path: string,
  owner: SocketOwner | null,
  identity: Identity,
  detail?: string,
): Promise<NaruError> {
  const message = `permission denied on ${path}`
  const { user } = identity
  const mayJoin = owner !== null && owner.gid !== 0 && (owner.mode & GROUP_READ_WRITE) === GROUP_READ_WRITE
  if (!mayJoin) {
    return new NaruError('denied', message, { params: { path, user }, hint: 'socket-owner-only', ...(detail && { detail }) })
  }
  const found = groupOf(await identity.readGroups(), owner.gid)
  const group = found?.name ?? String(owner.gid)
  const waiting = found !== null && found.members.includes(user) && !identity.gids.includes(owner.gid)
  return new NaruError('denied', message, {
    params: { path, group, user, command: waiting ? `newgrp ${group}` : `sudo usermod -aG ${group} ${user}` },
    hint: waiting ? 'log-in-again' : 'join-group',
    ...(detail && { detail }),
  })
}

const HINTS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOENT: ['engine.unreachable', 'socket-missing'],
  ENOTDIR: ['engine.unreachable', 'socket-missing'],
  ECONNREFUSED: ['engine.unreachable', 'socket-stale'],
  EAGAIN: ['engine.unreachable', 'no-answer'],
  ETIMEDOUT: ['engine.unreachable', 'no-answer'],
  ENOTSOCK: ['engine.not-an-engine', 'not-a-socket'],
  EPROTOTYPE: ['engine.not-an-engine', 'not-a-socket'],
  EINVAL: ['invalid-request', 'socket-path-long'],
  ENAMETOOLONG: ['invalid-request', 'socket-path-long'],
}

/** Error code of a failed system call, or empty. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** Any failure to reach the socket at `path` as a NaruError; EACCES and EPERM belong to {@link deniedError}. */
export function socketError(path: string, error: unknown): NaruError {
  if (error instanceof NaruError) return error
  const code = systemCode(error)
  const [kind, hint] = HINTS[code] ?? ['engine.unreachable', '']
  const message = error instanceof Error ? error.message : String(error)
  return new NaruError(kind, `cannot reach the engine at ${path}`, {
    params: { path },
    ...(hint && { hint }),
    detail: message,
    cause: error,
  })
}
