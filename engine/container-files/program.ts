/** Programs of a running container, started without a shell: their words are theirs, whatever a file is called. */
import { NaruError } from '../contract/errors.ts'
import { pathBytes } from '../contract/file-path.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { FrameReader } from './frames.ts'

export type ProgramClient = Pick<EngineClient, 'createPipedExec' | 'startPipedExec' | 'inspectExec'>

export interface ProgramEnd {
  /** -1 when the engine does not know. */
  readonly exitCode: number
  /** What it said on its error output, at most 4 096 characters. */
  readonly said: string
}

const MOST_SAID = 4_096
/** As `docker cp` does, whoever the container's user is. */
const ROOT = '0'
/** What `sh` and engines answer when a program is not there or cannot run. */
const MISSING: ReadonlySet<number> = new Set([126, 127])

export const isMissing = ({ exitCode }: ProgramEnd): boolean => MISSING.has(exitCode)

/** A word of a command line: text as JSON can carry it, or bytes, which reach a program by way of `xargs -0`. */
export type Word = string | Uint8Array

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The path of a text as a word. */
export function pathWord(path: string): Word {
  const bytes = pathBytes(path)
  if (!bytes) throw new NaruError('invalid-request', 'no path')
  try {
    return utf8.decode(bytes)
  } catch {
    return bytes
  }
}

export interface Invocation {
  readonly argv: readonly string[]
  /** For `xargs`; null: the words are all in `argv`. */
  readonly input: Uint8Array | null
}

/**
 * How a program gets these paths as its last words. Engines take words as JSON, which has no bytes: when a path is no
 * UTF-8 all paths go over the input of `xargs -0`.
 */
export function invocation(argv: readonly string[], paths: readonly Word[]): Invocation {
  if (paths.every((path) => typeof path === 'string')) return { argv: [...argv, ...paths], input: null }
  const input = Buffer.concat(paths.flatMap((path) => [typeof path === 'string' ? Buffer.from(path) : path, Buffer.of(0)]))
  return { argv: ['xargs', '-0', ...argv], input }
}

/**
 * Runs a program to its end as the container's root; its output comes piece by piece.
 * @returns how it ended, by `return` of the generator
 * @throws NaruError `conflict` when the container does not run, `not-found`, `cancelled`
 */
export async function* runProgram(
  client: ProgramClient,
  id: string,
  { argv, input }: Invocation,
  signal: AbortSignal,
  env: readonly string[] = [],
): AsyncGenerator<Uint8Array, ProgramEnd, undefined> {
  let said = ''
  let pieces: Uint8Array[] = []
  const frames = new FrameReader({
    out: (bytes) => void pieces.push(bytes.slice()),
    error: (bytes) => void (said.length < MOST_SAID && (said += Buffer.from(bytes).toString('utf8'))),
  })
  const execId = await client.createPipedExec(id, { Cmd: argv, User: ROOT, AttachStdin: input !== null, ...(env.length > 0 && { Env: env }) }, { signal })
  const socket = await client.startPipedExec(execId, { signal })
  const onAbort = (): void => void socket.destroy(signal.reason instanceof Error ? signal.reason : undefined)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    signal.throwIfAborted()
    if (input) socket.end(input)
    for await (const chunk of socket as AsyncIterable<Uint8Array>) {
      frames.write(chunk)
      const ready = pieces
      pieces = []
      yield* ready
    }
    signal.throwIfAborted()
    const { ExitCode } = await client.inspectExec(execId, { signal })
    return { exitCode: ExitCode ?? -1, said: said.slice(0, MOST_SAID).trim() }
  } catch (error) {
    throw signal.aborted ? new NaruError('cancelled', 'cancelled', { cause: error }) : error
  } finally {
    signal.removeEventListener('abort', onAbort)
    socket.destroy()
  }
}

/** Runs it for its end alone. */
export async function runToEnd(client: ProgramClient, id: string, what: Invocation, signal: AbortSignal, env: readonly string[]): Promise<ProgramEnd> {
  const running = runProgram(client, id, what, signal, env)
  for (;;) {
    const { done, value } = await running.next()
    if (done) return value
  }
}

/** BusyBox has its programs also where nobody made links to them. */
const PREFIXES = [[], ['busybox']] as const

/** Runs the first of `argv` and `busybox argv` that the container has; null when it has neither. */
export async function runEither(
  client: ProgramClient,
  id: string,
  { argv, paths, env }: { readonly argv: readonly string[]; readonly paths: readonly Word[]; readonly env: readonly string[] },
  signal: AbortSignal,
): Promise<ProgramEnd | null> {
  for (const prefix of PREFIXES) {
    const { argv: words, input } = invocation([...prefix, ...argv], paths)
    // `xargs` is one of them too.
    const end = await runToEnd(client, id, { argv: input && prefix.length > 0 ? [...prefix, ...words] : words, input }, signal, env)
    if (!isMissing(end)) return end
  }
  return null
}
