/**
 * The one importer of dockerode. It knows the endpoints; what it calls its "modem" is replaced by our own client, so
 * no environment variable decides where requests go, a cut answer is an error instead of a hang, and every failure
 * is mapped in errors.ts.
 */
import Docker from 'dockerode'
import type {
  RawContainerInspect,
  RawContainerListItem,
  RawCreateResult,
  RawDiskUsage,
  RawHistoryItem,
  RawImageDeleteItem,
  RawImageInspect,
  RawImageListItem,
  RawSearchItem,
  RawStats,
} from './api-types.ts'
import { NaruError } from '../contract/errors.ts'
import type { CallOptions, EngineClient } from './engine-client.ts'
import type { ErrorSubject } from './errors.ts'
import type { ContainerFileCalls } from './container-files.ts'
import type { HousekeepingCalls } from './housekeeping.ts'
import type { InsideCalls } from './inside.ts'
import type { PastCalls } from './past.ts'
import type { TerminalCalls } from './terminals.ts'
import type { Http, QueryValue } from './http.ts'

export type SimpleCalls = Omit<
  EngineClient,
  'version' | 'capabilities' | 'events' | 'logs' | 'stats' | 'pullImage' | 'pushImage' | 'loadImage' | 'saveImages' | 'buildImage' | 'openSession' | 'close' | keyof HousekeepingCalls | keyof InsideCalls | keyof ContainerFileCalls | keyof PastCalls | keyof TerminalCalls
>

/** What dockerode asks of its modem. */
interface DialRequest {
  readonly path: string
  readonly method: string
  readonly options?: Readonly<Record<string, QueryValue>>
}

type DialCallback = (error: unknown, answer?: unknown) => void

/** Milliseconds on top of a grace period until stop or restart must have answered. */
const STOP_MARGIN_MS = 30_000
/** The registry, and the service it gets its tokens from, are far away. */
const LOGIN_MS = 60_000
/** A daemon's own grace period when none is given, seconds; containers may configure a longer one. */
const ASSUMED_GRACE_SECONDS = 60

/** The calls with one request and one answer. */
export function createSimpleCalls(http: Http): SimpleCalls {
  const docker = (options: CallOptions | undefined, subject?: ErrorSubject): Docker =>
    new Docker({ modem: modemOf(http, options, subject) } as Docker.DockerOptions)
  return { ...containerCalls(http, docker), ...imageCalls(docker), ...systemCalls(http, docker) }
}

type Opener = (options: CallOptions | undefined, subject?: ErrorSubject) => Docker

function containerCalls(http: Http, docker: Opener) {
  const container = (id: string, options?: CallOptions) =>
    docker(options, { container: id }).getContainer(encodeURIComponent(id))
  return {
    listContainers: async ({ all, ids, size }, options) =>
      listOf<RawContainerListItem>(
        await docker(options).listContainers({ all, size, ...(ids && { filters: { id: [...ids] } }) }),
      ),
    inspectContainer: async (id, options) => objectOf<RawContainerInspect>(await container(id, options).inspect()),
    // Not through dockerode: it drops the warnings of the answer.
    createContainer: async (body, query, options) =>
      objectOf<RawCreateResult>(
        await http.json({
          ...options,
          method: 'POST',
          path: '/containers/create',
          query: { name: query.name, platform: query.platform },
          body,
          subject: { reference: body.Image },
        }),
      ),
    startContainer: async (id, options) => void (await container(id, options).start()),
    stopContainer: async (id, grace, options) =>
      void (await container(id, graceful(grace, options)).stop({ t: grace })),
    restartContainer: async (id, grace, options) =>
      void (await container(id, graceful(grace, options)).restart({ t: grace })),
    pauseContainer: async (id, options) => void (await container(id, options).pause()),
    unpauseContainer: async (id, options) => void (await container(id, options).unpause()),
    killContainer: async (id, signal, options) => void (await container(id, options).kill({ signal })),
    renameContainer: async (id, name, options) => void (await container(id, options).rename({ name })),
    removeContainer: async (id, { force, volumes }, options) =>
      void (await container(id, options).remove({ force, v: volumes })),
    // Not through dockerode: it makes an object and a query of its own for every sample.
    statsOnce: async (id, options) =>
      objectOf<RawStats>(
        await http.json({
          ...options,
          method: 'GET',
          path: `/containers/${encodeURIComponent(id)}/stats`,
          query: { stream: false, 'one-shot': true },
          subject: { container: id },
        }),
      ),
  } satisfies Partial<SimpleCalls>
}

function imageCalls(docker: Opener) {
  const image = (reference: string, options?: CallOptions) =>
    docker(options, { reference }).getImage(encodeURIComponent(reference).replaceAll('%2F', '/'))
  return {
    // The API has no id filter for images; the list is small and read whole, then picked from.
    listImages: async ({ ids, sharedSize }, options) => {
      const query = { all: false, 'shared-size': sharedSize } as Docker.ListImagesOptions
      const images = listOf<RawImageListItem>(await docker(options).listImages(query))
      if (!ids) return images
      const wanted = new Set(ids)
      return images.filter((one) => wanted.has(one.Id))
    },
    inspectImage: async (id, options) => objectOf<RawImageInspect>(await image(id, options).inspect()),
    imageHistory: async (id, options) => listOf<RawHistoryItem>(await image(id, options).history()),
    removeImage: async (reference, { force, noPrune }, options) =>
      listOf<RawImageDeleteItem>(await image(reference, options).remove({ force, noprune: noPrune })),
  } satisfies Partial<SimpleCalls>
}

function systemCalls(http: Http, docker: Opener) {
  return {
    // A wrong password is an answer of 500; which registry it was says the address that was asked.
    checkLogin: async (auth, options) => {
      const subject = { registry: true, registryHost: auth.serveraddress }
      const answer = await http.json({ timeoutMs: LOGIN_MS, ...options, method: 'POST', path: '/auth', body: auth, subject })
      const token = answer && typeof answer === 'object' && 'IdentityToken' in answer ? answer.IdentityToken : ''
      return { identityToken: typeof token === 'string' ? token : '' }
    },
    ping: async (options) => {
      const answer = await http.exchange({ ...options, method: 'GET', path: '/_ping' })
      if (answer.status !== 200) throw new NaruError('engine.unreachable', `ping was answered with ${answer.status}`)
    },
    clock: async (options) => {
      const { headers } = await http.exchange({ ...options, method: 'GET', path: '/_ping' })
      const time = Date.parse(headers.date ?? '')
      return Number.isNaN(time) ? null : time
    },
    info: async (options) => objectOf<Readonly<Record<string, unknown>>>(await http.json({ ...options, method: 'GET', path: '/info' })),
    searchImages: async ({ term, limit }, options) =>
      listOf<RawSearchItem>(
        await docker({ timeoutMs: 60_000, ...options }, { reference: term, registry: true }).searchImages({
          term,
          limit,
        }),
      ),
    diskUsage: async (options) =>
      objectOf<RawDiskUsage>(await docker({ timeoutMs: 120_000, ...options }).df()),
    volumeNames: async (options) =>
      listOf<{ readonly Name: string }>(objectOf<{ readonly Volumes?: unknown }>(await docker(options).listVolumes()).Volumes ?? []).map(({ Name }) => Name),
  } satisfies Partial<SimpleCalls>
}

function graceful(graceSeconds: number | undefined, options: CallOptions | undefined): CallOptions {
  return { timeoutMs: (graceSeconds ?? ASSUMED_GRACE_SECONDS) * 1000 + STOP_MARGIN_MS, ...options }
}

function modemOf(http: Http, options: CallOptions | undefined, subject: ErrorSubject | undefined) {
  return {
    dial: (request: DialRequest, done: DialCallback): void => {
      // dockerode marks calls whose options travel in the query with a trailing question mark.
      const inQuery = request.path.endsWith('?')
      http
        .json({
          ...options,
          method: request.method,
          path: inQuery ? request.path.slice(0, -1) : request.path,
          ...(inQuery && request.options && { query: request.options }),
          ...(subject && { subject }),
        })
        .then(
          (answer) => done(null, answer),
          (error: unknown) => done(error),
        )
    },
  }
}

function listOf<T>(answer: unknown): T[] {
  if (answer === null || answer === undefined) return []
  if (!Array.isArray(answer)) throw unexpected(answer)
  return answer as T[]
}

function objectOf<T>(answer: unknown): T {
  if (!answer || typeof answer !== 'object' || Array.isArray(answer)) throw unexpected(answer)
  return answer as T
}

function unexpected(answer: unknown): NaruError {
  return new NaruError('engine.not-an-engine', 'the answer has not the shape of an engine answer', {
    detail: JSON.stringify(answer)?.slice(0, 500),
  })
}
