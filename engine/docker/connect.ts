/** From something that can be dialled to an engine client: is it an engine, which API does it speak, what can it do. */
import { NaruError } from '../contract/errors.ts'
import type { EngineHandle } from '../providers/provider.ts'
import { engineVersion, probeCapabilities } from './capabilities.ts'
import type { RawInfo, RawVersion } from './capabilities.ts'
import { createSimpleCalls } from './client.ts'
import { createDialer } from './dialer.ts'
import type { Dialer } from './dialer.ts'
import type { EngineClient } from './engine-client.ts'
import { createContainerFileCalls } from './container-files.ts'
import { createHousekeepingCalls } from './housekeeping.ts'
import { createInsideCalls } from './inside.ts'
import { createPastCalls } from './past.ts'
import { createHttp } from './http.ts'
import type { Http } from './http.ts'
import { socketGroup } from './socket-group.ts'
import { createStreamCalls } from './streams.ts'
import { createTerminalCalls } from './terminals.ts'

/** Oldest Engine API that has everything Naru reads (Docker 19.03). */
export const OLDEST_API = '1.40'
/** Newest Engine API Naru was tried with (Docker 28.5); newer engines are spoken to in this one. */
export const NEWEST_API = '1.51'

/** Milliseconds until each of the first questions must be answered. */
const HELLO_MS = 10_000

export interface ConnectOptions {
  readonly signal: AbortSignal
  readonly engineId: string
}

/**
 * A client for the engine behind `dial`. The signal covers connecting only; `close()` ends what was opened later.
 * @throws NaruError `engine.unreachable`, `timeout`, `denied` {path, group}, `engine.not-an-engine`,
 *   `engine.incompatible` {version, apiVersion, needed}, `cancelled`.
 */
export async function connectEngine(dial: EngineHandle['dial'], options: ConnectOptions): Promise<EngineClient> {
  const dialer = createDialer(dial)
  try {
    return await introduce(dialer, options)
  } catch (error) {
    dialer.close()
    throw await withGroup(error)
  }
}

async function introduce(dialer: Dialer, { signal, engineId }: ConnectOptions): Promise<EngineClient> {
  const plain = createHttp(dialer, { engineId })
  await sayHello(plain, engineId, signal)
  const version = asRecord<RawVersion>(await plain.json({ method: 'GET', path: '/version', signal, timeoutMs: HELLO_MS }))
  if (!version.ApiVersion || !version.Version) throw notAnEngine(engineId, JSON.stringify(version).slice(0, 500))
  const apiVersion = negotiate(version, engineId)
  const http = createHttp(dialer, { engineId, apiVersion })
  const info = asRecord<RawInfo>(await http.json({ method: 'GET', path: '/info', signal, timeoutMs: HELLO_MS }))
  const capabilities = await probeCapabilities(http, info, signal)
  return {
    version: engineVersion(version, info, apiVersion),
    capabilities,
    ...createSimpleCalls(http),
    ...createStreamCalls(http, engineId),
    ...createHousekeepingCalls(http, engineId),
    ...createInsideCalls(http),
    ...createPastCalls(http),
    ...createContainerFileCalls(http, engineId),
    ...createTerminalCalls(http),
    close: dialer.close,
  }
}

async function sayHello(http: Http, engineId: string, signal: AbortSignal): Promise<void> {
  const { status, text, headers } = await http.exchange({ method: 'GET', path: '/_ping', signal, timeoutMs: HELLO_MS })
  if (status >= 500) {
    throw new NaruError('engine.unreachable', `ping was answered with ${status}`, { engineId, detail: text.slice(0, 500) })
  }
  // Every Docker-compatible engine answers "OK" and names its API in a header.
  if (status !== 200 || (text.trim() !== 'OK' && headers['api-version'] === undefined)) {
    throw notAnEngine(engineId, `HTTP ${status} ${text.slice(0, 200)}`)
  }
}

function notAnEngine(engineId: string, detail: string): NaruError {
  return new NaruError('engine.not-an-engine', 'something answers, but it is not a container engine', { engineId, detail })
}

/** Orders API versions such as 1.9 and 1.41 by their numbers. */
export function compareApi(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0))
  for (let i = 0; i < 2; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/**
 * The newest API both sides speak.
 * @throws NaruError `engine.incompatible` when there is none.
 */
export function negotiate(version: RawVersion, engineId: string): string {
  const offered = version.ApiVersion ?? '0'
  const least = version.MinAPIVersion
  const tooOld = compareApi(offered, OLDEST_API) < 0
  const tooNew = least !== undefined && least !== '' && compareApi(least, NEWEST_API) > 0
  if (tooOld || tooNew) {
    const params = {
      version: version.Version ?? '',
      apiVersion: tooOld ? offered : (least ?? offered),
      needed: tooOld ? OLDEST_API : NEWEST_API,
    }
    throw new NaruError('engine.incompatible', `the engine speaks API ${params.apiVersion}, needed is ${params.needed}`, {
      engineId,
      params,
      hint: tooOld ? 'engine-too-old' : 'engine-too-new',
    })
  }
  return compareApi(offered, NEWEST_API) < 0 ? offered : NEWEST_API
}

function asRecord<T>(value: unknown): T {
  return (value && typeof value === 'object' ? value : {}) as T
}

/** Adds the group to join to a permission error that names a socket. */
async function withGroup(error: unknown): Promise<unknown> {
  if (!(error instanceof NaruError) || error.code !== 'denied' || error.params?.['group'] !== undefined) return error
  const path = error.params?.['path']
  const group = typeof path === 'string' ? await socketGroup(path) : undefined
  if (group === undefined) return error
  const { message, params, hint, retryable, engineId, detail } = error
  return new NaruError('denied', message, { params: { ...params, group }, hint, retryable, engineId, detail, cause: error })
}
