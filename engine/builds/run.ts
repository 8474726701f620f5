/** One build from folder to image: the context streamed to the engine, its answers read, the result kept. */
import { NaruError, isCancelled, toEnvelope } from '../contract/errors.ts'
import type { BuildFailure, BuildSpec } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { registryOf } from '../docker/error-text.ts'
import { loopbackPorts, withLoopback } from '../images/loopback.ts'
import type { HostLoopback } from '../images/loopback.ts'
import type { ResultOf, RunContext } from '../operations/runner.ts'
import type { BuildReader } from './builder.ts'
import { createBuildKitReader } from './buildkit-reader.ts'
import { createClassicReader } from './classic-reader.ts'
import { parseDockerfile } from './dockerfile.ts'
import type { Dockerfile } from './dockerfile.ts'
import { errorOf, failureOf } from './failure.ts'
import type { LiveBuild } from './live-build.ts'
import { locate } from './locate.ts'
import type { BuildFiles } from './locate.ts'
import { openArchive, openSession } from './sender.ts'
import type { BuildService, NewBuild } from './service.ts'
import type { SessionOptions } from './session/session.ts'

export interface BuildDeps {
  readonly client: EngineClient
  readonly engineId: string
  readonly builds: BuildService
  readonly hostLoopback?: HostLoopback
  /** Value of `X-Registry-Config` for private base images, which the classic builder takes; undefined when there is none. */
  readonly registryConfig?: (signal: AbortSignal) => Promise<string | undefined>
  /** What BuildKit asks for when it meets a private base image. */
  readonly login?: SessionOptions['login']
}

/**
 * Builds and waits. Cancelling ends the request; the engine then stops what runs and keeps no image.
 * @throws NaruError `build-failed`, what reading the context throws, what a base image's registry says, `cancelled`
 */
export async function runBuild(deps: BuildDeps, wanted: Omit<NewBuild, 'file'>, context: RunContext): Promise<ResultOf<'builds.start'>> {
  context.report({ step: 'reading-context', parts: [] })
  const files = await locate(wanted.spec).catch((error: unknown) => error)
  const text = files instanceof Error || !isFiles(files) ? '' : files.dockerfile.text
  const live = await deps.builds.begin({ ...wanted, file: parseDockerfile(text) })
  let failure: BuildFailure | undefined
  try {
    if (!isFiles(files)) throw files
    const reader = deps.client.capabilities.buildkit ? createBuildKitReader(live.sink) : createClassicReader(live.sink)
    live.change({ builder: deps.client.capabilities.buildkit ? 'buildkit' : 'classic' })
    const work = { spec: wanted.spec, files, live, reader }
    let refused: unknown
    await withBases(deps, live.sink.file, context.signal, async () => {
      refused = await talk(deps, work, context)
    })
    const wrong = reader.error()
    if (wrong) {
      const failed = { file: live.sink.file, dockerfile: files.dockerfile.path ?? files.dockerfile.absolute, text, steps: live.sink.steps.all(), engineId: deps.engineId, ...wrong }
      failure = failureOf(failed)
      throw refused instanceof NaruError ? refused : errorOf(failed, failure)
    }
    const imageId = reader.imageId()
    if (imageId === undefined) throw new NaruError('engine.unreachable', 'the build ended without telling its image', { engineId: deps.engineId, hint: 'build.cut' })
    context.describe({ targets: [imageId] })
    await deps.builds.end(live, { status: 'succeeded', imageId })
    return { buildId: wanted.id, imageId, tags: wanted.spec.tags, warnings: live.sink.steps.warnings.length }
  } catch (error) {
    const cancelled = context.signal.aborted || isCancelled(error)
    await deps.builds.end(live, cancelled ? { status: 'cancelled' } : { status: 'failed', error: toEnvelope(error) }, cancelled ? undefined : failure)
    throw error
  }
}

const isFiles = (value: unknown): value is BuildFiles => typeof value === 'object' && value !== null && 'dockerfile' in value

/** Runs `work` while registries on this machine's loopback, from which base images come, can be reached by the engine. */
async function withBases(deps: BuildDeps, file: Dockerfile, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  const domains = new Set(file.stages.flatMap(({ base }) => (loopbackPorts(registryOf(base)).length > 0 ? [registryOf(base)] : [])))
  const all = [...domains].reduce<() => Promise<void>>((inner, domain) => () => withLoopback(deps.hostLoopback, domain, signal, inner), work)
  await all()
}

export interface Talk {
  readonly spec: BuildSpec
  readonly files: BuildFiles
  readonly live: LiveBuild
  readonly reader: BuildReader
}

/**
 * Sends the context and reads every answer. A context that cannot be read is told instead of the cut it causes. Gives why the
 * builder was refused a login, if it was: it may have gone on without.
 */
async function talk(deps: BuildDeps, work: Talk, context: RunContext): Promise<unknown> {
  const { spec, reader, live } = work
  const { signal } = context
  const sender = deps.client.capabilities.buildkit ? await openSession(deps, work, context) : await openArchive(deps, work, context)
  // A builder that gives up (its disk is full) breaks the session under the context: its words say why, not that echo.
  const broken = (): unknown => {
    const reason = sender.broken()
    return signal.aborted || (reason instanceof NaruError && !isCancelled(reason)) ? reason : undefined
  }
  try {
    const { body, query, registryConfig } = sender
    const messages = deps.client.buildImage(body, { ...queryOf(spec), ...query }, { signal, ...(registryConfig && { registryConfig }) })
    for await (const message of messages) {
      reader.add(message)
      live.touch()
      await live.drained()
    }
    reader.end(true)
  } catch (error) {
    reader.end(false)
    // Before its stream began the builder refuses with a status: a Dockerfile that cannot be read, for instance.
    if (broken() === undefined && isRefusal(error)) {
      reader.add({ error: error.detail ?? error.message })
      return sender.refused()
    }
    throw broken() ?? error
  } finally {
    sender.close()
  }
  if (broken() !== undefined) throw broken()
  return sender.refused()
}

const isRefusal = (error: unknown): error is NaruError => error instanceof NaruError && (error.code === 'invalid-request' || error.code === 'internal') && error.detail !== undefined

const record = (pairs: readonly { readonly name: string; readonly value: string }[]): Record<string, string> => Object.fromEntries(pairs.map(({ name, value }) => [name, value]))

function queryOf(spec: BuildSpec): Parameters<EngineClient['buildImage']>[1] {
  return {
    ...(spec.tags.length > 0 && { t: spec.tags }),
    ...(spec.target && { target: spec.target }),
    ...(spec.buildArgs.length > 0 && { buildargs: record(spec.buildArgs) }),
    ...(spec.labels.length > 0 && { labels: record(spec.labels) }),
    ...(spec.platform && { platform: spec.platform }),
    ...(spec.noCache && { nocache: true }),
    ...(spec.pull && { pull: true }),
    // Containers of classic steps go, whether they succeed or not.
    rm: true,
    forcerm: true,
  }
}
