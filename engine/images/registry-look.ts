/** "Is it there to be pulled?": what a registry says of a name nobody has pulled yet. */
import { isCancelled, toEnvelope } from '../contract/errors.ts'
import type { HubTag, RegistryLook } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import type { HubClient } from '../hub/client.ts'
import { withLoopback } from './loopback.ts'
import { DEFAULT_DOMAIN, formatReference, parseReference, withDefaultTag } from './reference.ts'
import type { Reference } from './reference.ts'
import type { UpdateDeps } from './updates.ts'

export interface LookDeps extends Omit<UpdateDeps, 'client'> {
  readonly client: Pick<EngineClient, 'distribution' | 'capabilities' | 'version'>
  readonly hub: Pick<HubClient, 'tags'>
}

export interface RegistryLooks {
  /** Never throws for a registry's failure: that is an answer. @throws NaruError `invalid-reference`, `cancelled` */
  readonly look: (deps: LookDeps, reference: string, signal: AbortSignal) => Promise<RegistryLook>
}

/** Who types back and forth asks once; a failure may be over in a moment. */
const KEEP_MS = 60_000
const KEEP_FAILURE_MS = 5_000
const MOST_KEPT = 200
/** Tags of one question; names that hold the one looked for come along. */
const TAGS = 100

export function createRegistryLooks(now: () => number = () => performance.now()): RegistryLooks {
  const kept = new Map<string, { readonly until: number; readonly answer: RegistryLook }>()
  return {
    async look(deps, text, signal) {
      const reference = withDefaultTag(parseReference(text))
      const key = `${deps.engineId} ${formatReference(reference, 'full')}`
      const known = kept.get(key)
      if (known && now() < known.until) return known.answer
      const answer = await ask(deps, reference, signal)
      kept.delete(key)
      kept.set(key, { until: now() + (answer.state === 'there' ? KEEP_MS : KEEP_FAILURE_MS), answer })
      if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value ?? '')
      return answer
    },
  }
}

/** The Hub counts manifests an engine reads as pulls; its pages of tags are free, and tell sizes. */
async function ask(deps: LookDeps, reference: Reference, signal: AbortSignal): Promise<RegistryLook> {
  if (reference.domain === DEFAULT_DOMAIN && reference.digest === undefined) {
    const answer = await askHub(deps, reference, signal).catch((error: unknown) => {
      if (isCancelled(error) || signal.aborted) throw error
      return toEnvelope(error).code === 'not-found' ? 'missing' : 'silent'
    })
    if (answer !== 'silent' && answer !== 'missing') return answer
    // Private ones are hidden from who is not logged in.
    if (answer === 'missing' && (await deps.authFor(formatReference(reference, 'full'), signal)) === undefined) return { state: 'missing' }
  }
  return askEngine(deps, reference, signal)
}

async function askHub({ hub, client }: LookDeps, { path, tag = '' }: Reference, signal: AbortSignal): Promise<RegistryLook | 'missing'> {
  const { results } = await hub.tags({ repository: path, page: 1, pageSize: TAGS, filter: tag }, signal)
  const found = results.find(({ name }) => name === tag)
  if (!found) return 'missing'
  const sizeBytes = sizeFor(found, client.version)
  return { state: 'there', ...(sizeBytes !== undefined && { sizeBytes }) }
}

/** Of the engine's platform; of the only one there is, when the Hub names none that fits. */
function sizeFor({ platforms, sizeBytes }: HubTag, { os, arch }: { readonly os: string; readonly arch: string }): number | undefined {
  const mine = platforms.find((one) => one.os === os && one.architecture === arch)
  return mine ? mine.sizeBytes : platforms.length <= 1 ? sizeBytes : undefined
}

async function askEngine(deps: LookDeps, reference: Reference, signal: AbortSignal): Promise<RegistryLook> {
  if (!deps.client.capabilities.distribution) return { state: 'unknown' }
  const full = formatReference(reference, 'full')
  try {
    const auth = await deps.authFor(full, signal)
    await withLoopback(deps.hostLoopback, reference.domain, signal, () => deps.client.distribution(full, auth, { signal }))
    return { state: 'there' }
  } catch (error) {
    if (isCancelled(error) || signal.aborted) throw error
    const envelope = toEnvelope(error)
    if (envelope.code === 'image-not-found' || envelope.code === 'not-found') return { state: 'missing' }
    if (envelope.code === 'unauthorized' || envelope.code === 'denied') return { state: 'refused', error: envelope }
    return { state: 'unreachable', error: envelope }
  }
}
