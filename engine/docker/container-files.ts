/** The calls about files in a container: what a path is, bytes of it as tar, a tar into it, programs without a terminal. */
import type { Duplex } from 'node:stream'
import { NaruError } from '../contract/errors.ts'
import type { CallOptions } from './engine-client.ts'
import { errorFromStatus } from './errors.ts'
import type { Http } from './http.ts'

/** Header `X-Docker-Container-Path-Stat`, decoded. Bytes of names that are no UTF-8 are lost in it. */
export interface RawPathStat {
  readonly name?: string
  readonly size?: number
  /** Bits of Go's `os.FileMode`. */
  readonly mode?: number
  readonly mtime?: string
  /** For a link: the whole path it leads to, inside the container; it may not be there. */
  readonly linkTarget?: string
}

/** Body of `POST /containers/{id}/exec` for a program without a terminal. */
export interface RawPipedExec {
  readonly Cmd: readonly string[]
  readonly User?: string
  readonly Env?: readonly string[]
  readonly AttachStdin: boolean
}

export interface ContainerFileCalls {
  /** What is at a path (bytes, any but NUL); null when nothing is. Links are not followed at the end of it. */
  readonly statPath: (id: string, path: Uint8Array, options?: CallOptions) => Promise<RawPathStat | null>
  /** Bytes of a tar of the path and what is below it, mounts included. Leaving early ends it. */
  readonly readArchive: (id: string, path: Uint8Array, options?: CallOptions) => AsyncIterable<Uint8Array>
  /** Unpacks a tar in a folder. Takes as long as the archive does. */
  readonly writeArchive: (id: string, path: Uint8Array, archive: AsyncIterable<Uint8Array>, options?: CallOptions) => Promise<void>
  /** Makes (does not start) a process without a terminal; gives its id. */
  readonly createPipedExec: (id: string, body: RawPipedExec, options?: CallOptions) => Promise<string>
  /** Starts it; the connection carries frames of its output, and its input as it is. The caller destroys it. */
  readonly startPipedExec: (execId: string, options?: CallOptions) => Promise<Duplex>
}

/** Every byte that is no plain letter as `%HH`: paths need not be UTF-8. */
function encodeBytes(path: Uint8Array): string {
  let text = ''
  for (const byte of path) {
    const letter = String.fromCharCode(byte)
    text += byte < 128 && /[\w./-]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return text
}

/** Letters of patterns: Podman takes a path that is asked for as one (and finds none with a `*`, whatever stands before it). */
const PATTERN = new Set([...'*?[\\'].map((letter) => letter.charCodeAt(0)))
const isPattern = (path: Uint8Array): boolean => path.some((byte) => PATTERN.has(byte))
/** The pattern that fits this path alone. */
const literal = (path: Uint8Array): Uint8Array => Uint8Array.from([...path].flatMap((byte) => (PATTERN.has(byte) ? [92, byte] : [byte])))

/** Podman tells where a path leads also of what is no link; Docker only of links. */
const takesPatterns = ({ mode = 0, linkTarget = '' }: RawPathStat): boolean => linkTarget !== '' && Math.floor(mode / 2 ** 27) % 2 === 0

export function createContainerFileCalls(http: Http, engineId: string): ContainerFileCalls {
  /** This engine was seen to take paths as patterns. */
  let patterns = false
  const at = (id: string, path: Uint8Array): string => `/containers/${encodeURIComponent(id)}/archive?path=${encodeBytes(path)}`
  const address = (id: string, path: Uint8Array): string => at(id, patterns ? literal(path) : path)
  const subject = (id: string) => ({ container: id, engineId })
  async function head(id: string, path: string, options: CallOptions | undefined): Promise<RawPathStat | null> {
    const call = { ...options, path, subject: subject(id) }
    const { status, headers } = await http.exchange({ ...call, method: 'HEAD' })
    const told = headers['x-docker-container-path-stat']
    if (status === 200 && typeof told === 'string') return parseStat(told)
    // A HEAD has no body that says which of the two is missing, or what else is wrong.
    if (status === 404) await http.json({ ...call, method: 'GET', path: `/containers/${encodeURIComponent(id)}/json` })
    else {
      const answer = await http.open({ ...call, method: 'GET' })
      answer.destroy()
      throw errorFromStatus(status, '', subject(id))
    }
    return null
  }
  return {
    async statPath(id, path, options) {
      const found = await head(id, address(id, path), options)
      if (patterns || !isPattern(path) || (found && !takesPatterns(found))) return found
      const exact = await head(id, at(id, literal(path)), options)
      // A name with backslashes in it is another file to engines that take paths as they are.
      if (!exact || !takesPatterns(exact)) return found
      patterns = true
      return exact
    },
    readArchive: (id, path, options) =>
      http.bytes({ method: 'GET', path: address(id, path), signal: options?.signal, timeoutMs: options?.timeoutMs ?? null, subject: subject(id) }),
    async writeArchive(id, path, archive, options) {
      const call = {
        method: 'PUT',
        path: `${address(id, path)}&noOverwriteDirNonDir=true`,
        headers: { 'content-type': 'application/x-tar' },
        upload: archive,
        signal: options?.signal,
        timeoutMs: options?.timeoutMs ?? null,
        subject: subject(id),
      }
      await http.json(call)
    },
    createPipedExec: async (id, body, options) => {
      const call = { method: 'POST', path: `/containers/${encodeURIComponent(id)}/exec`, subject: subject(id) }
      const answer = await http.json({ ...options, ...call, body: { ...body, Tty: false, AttachStdout: true, AttachStderr: true } })
      if (!answer || typeof answer !== 'object' || !('Id' in answer)) throw new NaruError('engine.not-an-engine', 'exec was answered without an id')
      return String(answer.Id)
    },
    startPipedExec: (execId, options) =>
      http.upgrade({ ...options, method: 'POST', path: `/exec/${encodeURIComponent(execId)}/start`, body: { Detach: false, Tty: false } }, 'tcp'),
  }
}

function parseStat(header: string): RawPathStat {
  try {
    const told: unknown = JSON.parse(Buffer.from(header, 'base64').toString('utf8'))
    if (told && typeof told === 'object') return told
  } catch {
    // Told below.
  }
  throw new NaruError('engine.not-an-engine', 'the answer does not say what the path is', { detail: header.slice(0, 500) })
}
