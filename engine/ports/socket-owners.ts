/**
 * Which process holds a socket: `/proc/PID/fd` of every process, once for each new socket. What was found is kept while
 * the process still holds it, so a second look costs one link per socket.
 */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'

export interface SocketOwner {
  readonly pid: number
  /** As `ps` names it. */
  readonly name: string
  /** Words of its command line, joined, at most 300 characters; empty when it has none. */
  readonly command: string
  /** 64 hex digits: it runs inside that container (a container in the host's network). */
  readonly containerId?: string
  /** It is a docker-proxy: the container's address behind it, `172.17.0.2:80`. */
  readonly target?: string
}

export interface SocketOwners {
  /** Owners of the sockets that may be looked at; the others are missing. */
  find(inodes: readonly number[], signal: AbortSignal): Promise<ReadonlyMap<number, SocketOwner>>
}

/** Most processes looked into. */
const MOST_PROCESSES = 20_000
/** Links read without a break: one turn of the event loop stays below a few milliseconds. */
const LINKS_A_TURN = 400
/** A socket whose owner could not be told is looked for again after so long, ms. */
const UNKNOWN_MS = 30_000
/** Sockets remembered before all are forgotten. */
const MOST_KNOWN = 20_000

interface Known {
  readonly owner: SocketOwner
  /** `/proc/PID/fd/N` */
  readonly link: string
}

/** @param proc `/proc`, or a folder like it in tests */
export function createSocketOwners(proc = '/proc', now: () => number = () => performance.now()): SocketOwners {
  const known = new Map<number, Known>()
  const unknown = new Map<number, number>()

  async function find(inodes: readonly number[], signal: AbortSignal): Promise<ReadonlyMap<number, SocketOwner>> {
    const wanted = new Set(inodes.filter((inode) => inode > 0))
    if (known.size + unknown.size > MOST_KNOWN) for (const map of [known, unknown]) map.clear()
    const missing = new Set([...wanted].filter((inode) => !stillHeld(inode) && (unknown.get(inode) ?? -Infinity) < now() - UNKNOWN_MS))
    if (missing.size > 0) await search(missing, signal)
    return new Map(
      [...wanted].flatMap((inode) => {
        const owner = known.get(inode)?.owner
        return owner ? [[inode, owner] as const] : []
      }),
    )
  }

  function stillHeld(inode: number): boolean {
    const link = known.get(inode)?.link
    if (link !== undefined && readLink(link) === `socket:[${inode}]`) return true
    known.delete(inode)
    return false
  }

  /** The first process that holds it, which is the oldest: a server's own, not one of its workers. */
  async function search(missing: Set<number>, signal: AbortSignal): Promise<void> {
    let read = 0
    for (const pid of processes(proc)) {
      const folder = `${proc}/${pid}/fd`
      for (const name of list(folder)) {
        if (++read % LINKS_A_TURN === 0) {
          await nextTurn()
          signal.throwIfAborted()
        }
        const inode = socketOf(readLink(`${folder}/${name}`))
        if (!missing.delete(inode)) continue
        known.set(inode, { owner: describe(proc, pid), link: `${folder}/${name}` })
        if (missing.size === 0) return
      }
      // A folder that may not be read costs time too.
      read += 10
    }
    for (const inode of missing) unknown.set(inode, now())
  }

  return { find }
}

/** Oldest first, but the first of all last: it only keeps sockets for the services that it starts. */
function processes(proc: string): readonly number[] {
  const pids = list(proc).filter((name) => /^\d+$/.test(name)).map(Number)
  return [...pids.filter((pid) => pid !== 1).sort((a, b) => a - b), 1].slice(0, MOST_PROCESSES)
}

const socketOf = (link: string): number => (link.startsWith('socket:[') ? Number(link.slice(8, -1)) : 0)

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    // Gone, or somebody else's.
    return []
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function describe(proc: string, pid: number): SocketOwner {
  const words = read(`${proc}/${pid}/cmdline`).split('\0').filter(Boolean)
  const comm = read(`${proc}/${pid}/comm`).trim()
  // Programs on V8 call their main thread by what it is.
  const name = comm.includes('MainThread') ? baseName(readLink(`${proc}/${pid}/exe`)) || comm : comm
  const containerId = read(`${proc}/${pid}/cgroup`).match(/[0-9a-f]{64}/)?.[0]
  const target = targetOf(words)
  return { pid, name, command: words.join(' ').slice(0, 300), ...(containerId && { containerId }), ...(target && { target }) }
}

const baseName = (path: string): string => path.replace(/ \(deleted\)$/, '').split('/').at(-1) ?? ''

/** The address a docker-proxy leads to. */
export function targetOf(words: readonly string[]): string | undefined {
  if (!/(?:^|\/)(?:docker|podman)-?proxy$/.test(words[0] ?? '')) return undefined
  const value = (name: string): string => words[words.findIndex((word) => word === name || word === `-${name}`) + 1] ?? ''
  const [ip, port] = [value('-container-ip'), value('-container-port')]
  return ip && port && ip !== words[0] && port !== words[0] ? `${ip}:${port}` : undefined
}
