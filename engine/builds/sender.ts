/** How a context reaches a builder: BuildKit asks a session for what it needs, the classic builder is sent a tar. */
import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import type { RunContext } from '../operations/runner.ts'
import { contextArchive } from './context-archive.ts'
import type { BuildFiles } from './locate.ts'
import type { BuildDeps, Talk } from './run.ts'
import { openBuildSession } from './session/session.ts'

export interface Sender {
  readonly body: AsyncIterable<Uint8Array> | null
  readonly query: Readonly<Record<string, string | number>>
  readonly registryConfig?: string
  /** Why the context could not be sent; undefined when it could. */
  readonly broken: () => unknown
  /** Why the builder was refused a login it asked for; undefined when it was not. */
  readonly refused: () => unknown
  readonly close: () => void
}

function progressOf({ live }: Talk, context: RunContext): { onProgress: (bytes: number, files: number) => void; onSent: () => void } {
  return {
    onProgress: (bytes, files) => {
      live.change({ contextBytes: bytes, contextFiles: files })
      if (live.row().phase === 'sending') context.report({ step: 'sending-context', parts: [{ id: 'context', state: 'downloading', currentBytes: bytes }] })
    },
    onSent: () => {
      live.change({ phase: 'building', contextTotalBytes: live.row().contextBytes })
      context.report({ step: 'building', parts: [] })
    },
  }
}

/** The Dockerfile is handed over beside the context: one that is ignored or lies elsewhere is no part of it. */
export async function openSession(deps: BuildDeps, work: Talk, context: RunContext): Promise<Sender> {
  const { signal } = context
  const { folder, ignore, dockerfile } = work.files
  const name = basename(dockerfile.absolute)
  let broken: unknown
  let refused: unknown
  const session = await openBuildSession(
    deps.client,
    {
      selection: { folder, ignore, keep: new Set(), signal },
      dockerfile: { name, text: dockerfile.text },
      ...(deps.login && { login: deps.login }),
      ...progressOf(work, context),
      onBroken: (error) => (broken ??= error),
      onRefused: (error) => (refused ??= error),
    },
    signal,
  )
  return {
    body: null,
    query: { version: 2, remote: 'client-session', session: session.id, dockerfile: name },
    broken: () => broken,
    refused: () => refused,
    close: session.close,
  }
}

export async function openArchive(deps: BuildDeps, work: Talk, context: RunContext): Promise<Sender> {
  const { signal } = context
  const { folder, ignore } = work.files
  const { path, extra, keep } = placeDockerfile(work.files)
  const { onProgress, onSent } = progressOf(work, context)
  const registryConfig = await deps.registryConfig?.(signal)
  let broken: unknown
  async function* upload(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* contextArchive({ folder, ignore, keep, extra, signal, onProgress })
      onSent()
    } catch (error) {
      broken = error
      throw error
    }
  }
  return { body: upload(), query: { dockerfile: path }, ...(registryConfig && { registryConfig }), broken: () => broken, refused: () => undefined, close: () => undefined }
}

/**
 * How the Dockerfile and the ignore file come into the archive: the classic builder takes out again what the
 * `.dockerignore` in it names, once it has read both.
 */
function placeDockerfile({ dockerfile, ignoreText, ignoreFile }: BuildFiles): { path: string; extra: { path: string; content: string }[]; keep: Set<string> } {
  if (dockerfile.path !== undefined) return { path: dockerfile.path, extra: [], keep: new Set([dockerfile.path, ...(ignoreFile === null ? [] : ['.dockerignore'])]) }
  const path = `.dockerfile.${randomBytes(10).toString('hex')}`
  const content = `${ignoreText}\n${path}\n${ignoreFile === null ? '.dockerignore\n' : ''}`
  return { path, extra: [{ path, content: dockerfile.text }, { path: '.dockerignore', content }], keep: new Set() }
}
