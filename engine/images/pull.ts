/** Pulling an image: reference in, per-layer progress on the way, image id out. */
import { NaruError } from '../contract/errors.ts'
import type { OperationProgress, RunSpec } from '../contract/models.ts'
import type { RawImageInspect } from '../docker/api-types.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import type { ResultOf } from '../operations/runner.ts'
import { imageIdOf } from '../state/normalise.ts'
import { withLoopback } from './loopback.ts'
import type { HostLoopback } from './loopback.ts'
import { createPullProgress } from './pull-progress.ts'
import { formatReference, parseReference, withDefaultTag } from './reference.ts'
import type { Reference } from './reference.ts'
import { watchSilence } from './silence.ts'

export interface PullDeps {
  readonly client: EngineClient
  readonly hostLoopback?: HostLoopback
  /** Credentials for the registry of a reference, as `X-Registry-Auth` takes them. */
  readonly authFor?: (reference: string, signal: AbortSignal) => Promise<string | undefined>
  /** Says of a registry's refusal what it means for who asked. */
  readonly explain?: (error: unknown, request: { readonly reference: string; readonly auth: string | undefined; readonly push: boolean }) => unknown
  /** Milliseconds without a word from the registry after which a pull is given up; default {@link SILENCE_MS}. */
  readonly silenceMs?: number | undefined
}

/** A line that is this quiet has died; engines would wait for ever. */
const SILENCE_MS = 120_000

export interface PullContext {
  readonly signal: AbortSignal
  readonly report: (progress: OperationProgress) => void
}

/**
 * Pulls a tag (default `latest`) or digest. Layers that are there already are not fetched again, so a pull after a
 * failed one goes on where that stopped. Aborting the signal ends the pull in the engine too; so does a registry that
 * falls silent.
 * @throws NaruError `invalid-reference`, `image-not-found`, `unauthorized`, `registry.unreachable`, `rate-limited`,
 *   `no-space`, `cancelled`
 */
export async function pullImage(
  deps: PullDeps,
  wanted: { readonly reference: string; readonly platform?: string },
  context: PullContext,
): Promise<ResultOf<'images.pull'>> {
  const reference = withDefaultTag(parseReference(wanted.reference))
  const full = fullReference(reference)
  const before = await findImage(deps.client, full, context.signal)
  const auth = await deps.authFor?.(full, context.signal)
  try {
    await withLoopback(deps.hostLoopback, reference.domain, context.signal, () =>
      pullLayers(deps, reference, { platform: wanted.platform, auth }, context),
    )
  } catch (error) {
    const familiar = formatReference(reference)
    const told = named(error, familiar)
    throw deps.explain?.(told, { reference: familiar, auth, push: false }) ?? told
  }
  const after = await findImage(deps.client, full, context.signal)
  if (!after) throw new NaruError('internal', `the engine says ${full} was pulled, but does not have it`, { params: { reference: full } })
  const imageId = imageIdOf(after.Id)
  return { imageId, upToDate: before !== undefined && imageIdOf(before.Id) === imageId }
}

/** The engine was asked in full form; people are told the name as they know it. */
function named(error: unknown, familiar: string): unknown {
  if (!(error instanceof NaruError) || error.params?.['reference'] === undefined) return error
  const { code, message, params, hint, retryable, engineId, detail } = error
  return new NaruError(code, message, { params: { ...params, reference: familiar }, hint, retryable, engineId, detail, cause: error })
}

/** With a digest the tag plays no part, as in the docker CLI. */
function fullReference(reference: Reference): string {
  return formatReference(reference.digest ? { ...reference, tag: undefined } : reference, 'full')
}

async function pullLayers(
  { client, silenceMs = SILENCE_MS }: PullDeps,
  reference: Reference,
  { platform, auth }: { readonly platform: string | undefined; readonly auth: string | undefined },
  context: PullContext,
): Promise<void> {
  const { domain, path, tag, digest } = reference
  const state = createPullProgress('pulling')
  context.report(state.progress())
  // Full form: engines without a default registry (Podman) would otherwise have to guess.
  const query = { name: formatReference({ domain, path }, 'full'), tag: digest ?? tag, ...(platform && { platform }), ...(auth && { auth }) }
  const silence = watchSilence(context.signal, silenceMs, state.awaitsRegistry)
  try {
    for await (const message of client.pullImage(query, { signal: silence.signal })) {
      silence.heard()
      if (state.add(message)) context.report(state.progress())
    }
  } catch (error) {
    if (!silence.tooLong()) throw error
    const params = { registry: domain, seconds: Math.round(silenceMs / 1_000) }
    throw new NaruError('registry.unreachable', `nothing came from ${domain} for ${params.seconds} s`, { params, hint: 'registry.silent', cause: error })
  } finally {
    silence.stop()
  }
}

/** The image, or undefined when the engine does not have it. */
export async function findImage(client: EngineClient, reference: string, signal: AbortSignal): Promise<RawImageInspect | undefined> {
  try {
    return await client.inspectImage(reference, { signal })
  } catch (error) {
    if (error instanceof NaruError && (error.code === 'image-not-found' || error.code === 'not-found')) return undefined
    throw error
  }
}

/** Ids cannot be pulled. */
const ID_ONLY = /^(?:sha256:)?[0-9a-f]{64}$/

/**
 * The image a run asks for, pulled as `spec.pull` says.
 * @throws NaruError `invalid-reference`, `image-not-found`, and what a pull throws
 */
export async function ensureImage(deps: PullDeps, spec: RunSpec, context: PullContext): Promise<{ image: string; imageId: string }> {
  const { image } = spec
  const isId = ID_ONLY.test(image)
  if (!isId) parseReference(image)
  if (spec.pull !== 'always' || isId) {
    const found = await findImage(deps.client, image, context.signal)
    if (found && fitsPlatform(found, spec.platform)) return { image, imageId: imageIdOf(found.Id) }
    if (spec.pull === 'never' || isId) {
      throw new NaruError('image-not-found', `${image} is not on this engine`, { params: { reference: image, field: 'image' }, hint: 'pull-never' })
    }
  }
  const { imageId } = await pullImage(deps, { reference: image, ...(spec.platform && { platform: spec.platform }) }, context)
  return { image, imageId }
}

/** `linux/arm64/v8` fits an image for linux and arm64; a platform that names less is compared by what it names. */
function fitsPlatform(image: RawImageInspect, platform: string | undefined): boolean {
  if (!platform) return true
  const [os, architecture] = platform.split('/')
  return (!os || os === image.Os) && (!architecture || architecture === image.Architecture)
}
