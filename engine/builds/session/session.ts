/**
 * A build session: the builder calls back over a connection of ours and asks for the Dockerfile, for those files of the
 * context it has not got yet, and for logins. This is how the docker CLI does it; a tar has no place for a Dockerfile
 * that is not part of the context.
 */
import { randomUUID } from 'node:crypto'
import type { EngineClient } from '../../docker/engine-client.ts'
import { walkContext } from '../context-walk.ts'
import type { ContextSelection } from '../context-walk.ts'
import { encodeMessage, fieldsOf, textOf } from '../protobuf.ts'
import { entryFrom, sendFolder } from './file-sync.ts'
import type { SendOptions, SentEntry } from './file-sync.ts'
import { serveGrpc } from './grpc.ts'
import type { GrpcCall, GrpcMethod } from './grpc.ts'

export interface Login {
  readonly username: string
  readonly secret: string
}

export interface SessionOptions {
  readonly selection: ContextSelection
  /** Name and text of the Dockerfile as the builder is to see it. */
  readonly dockerfile: { readonly name: string; readonly text: string }
  /** Login for a registry's host as a person knows it; undefined when there is none. */
  readonly login?: (registry: string, signal: AbortSignal) => Promise<Login | undefined>
  /** Why the builder was refused a login: the build's own words say it only in the engine room's English. */
  readonly onRefused?: (error: unknown) => void
  readonly onProgress: NonNullable<SendOptions['onProgress']>
  /** The context was sent whole. */
  readonly onSent: () => void
  /** What of the context could not be read. */
  readonly onBroken: (error: unknown) => void
}

export interface BuildSession {
  /** For the build's query. */
  readonly id: string
  readonly close: () => void
}

const DIFF_COPY = '/moby.filesync.v1.FileSync/DiffCopy'
const CREDENTIALS = '/moby.filesync.v1.Auth/Credentials'
const HEALTH = '/grpc.health.v1.Health/Check'

/** @throws NaruError as any call of the engine */
export async function openBuildSession(client: EngineClient, options: SessionOptions, signal: AbortSignal): Promise<BuildSession> {
  const id = randomUUID().replaceAll('-', '')
  const headers = {
    'x-docker-expose-session-uuid': id,
    'x-docker-expose-session-name': 'naru',
    // Folders of the same key are compared with what was sent before.
    'x-docker-expose-session-sharedkey': options.selection.folder.replace(/[^\x20-\x7e]/g, '_'),
    'x-docker-expose-session-grpc-method': [DIFF_COPY, CREDENTIALS, HEALTH],
  }
  const socket = await client.openSession(headers, { signal })
  const methods = new Map<string, GrpcMethod>([
    [DIFF_COPY, (call) => sync(call, options, signal)],
    [CREDENTIALS, (call) => credentials(call, options, signal)],
    [HEALTH, (call) => call.send(encodeMessage([[1, 1]]))],
  ])
  return { id, close: serveGrpc(socket, methods) }
}

async function sync(call: GrpcCall, options: SessionOptions, signal: AbortSignal): Promise<void> {
  if (call.headers['dir-name'] === 'dockerfile') {
    await sendFolder(call, dockerfileFolder(options.dockerfile), { signal })
    return
  }
  try {
    await sendFolder(call, contextFolder(options.selection), { signal, onProgress: options.onProgress })
    options.onSent()
  } catch (error) {
    options.onBroken(error)
    throw error
  }
}

async function* contextFolder(selection: ContextSelection): AsyncGenerator<SentEntry, void, undefined> {
  for await (const entry of walkContext(selection)) yield entryFrom(entry)
}

/** Only a comment: what is ignored is left out here already, and the builder looks for no other ignore file. */
async function* dockerfileFolder({ name, text }: SessionOptions['dockerfile']): AsyncGenerator<SentEntry, void, undefined> {
  for (const [path, content] of [[name, text], [`${name}.dockerignore`, '#\n']] as const) {
    yield { path, kind: 'file', mode: 0o644, size: Buffer.byteLength(content), mtimeMs: Date.now(), content }
  }
}

/** The Hub has several hosts; its logins are kept under one. */
const HUB = /^(?:registry-1\.docker\.io|index\.docker\.io|https:\/\/index\.docker\.io\/v1\/?)$/

async function credentials(call: GrpcCall, { login, onRefused }: SessionOptions, signal: AbortSignal): Promise<void> {
  for await (const message of call.messages()) {
    const host = [...fieldsOf(message)].filter(({ number }) => number === 1).map(textOf)[0] ?? ''
    const found = await login?.(HUB.test(host) ? 'docker.io' : host, signal).catch((error: unknown) => {
      onRefused?.(error)
      throw error
    })
    await call.send(encodeMessage([[1, found?.username], [2, found?.secret]]))
    return
  }
}
