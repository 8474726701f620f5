/** "Is there something newer under this name?": the digest a registry has against the digests an image came with. */
import { NaruError, isCancelled, toEnvelope } from '../contract/errors.ts'
import type { UpdateCheck } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { familiarName, imageIdOf } from '../state/normalise.ts'
import { withLoopback } from './loopback.ts'
import type { HostLoopback } from './loopback.ts'
import { formatReference, parseReference, withDefaultTag } from './reference.ts'
import type { Reference } from './reference.ts'

export interface UpdateDeps {
  readonly engineId: string
  readonly client: EngineClient
  readonly hostLoopback?: HostLoopback
  /** base64 X-Registry-Auth for a reference; undefined without a login. */
  readonly authFor: (reference: string, signal: AbortSignal) => Promise<string | undefined>
}

export interface UpdateChecker {
  /** One item for each reference, as answers come. Never throws for a registry's failure: that is an item. */
  readonly check: (deps: UpdateDeps, references: readonly string[], fresh: boolean, signal: AbortSignal) => AsyncGenerator<UpdateCheck, void, undefined>
}

/** Registries count every question: an answer is good for this long, a failure for a moment. */
const KEEP_MS = 15 * 60_000
const KEEP_FAILURE_MS = 30_000
/** Even a fresh question is not asked twice within this time. */
const LEAST_MS = 3_000
/** Questions at the same time; the engine asks registries one by one for each. */
const AT_ONCE = 4
const MOST_KEPT = 5_000

interface Remembered {
  readonly at: number
  readonly digest?: string
  readonly error?: UpdateCheck['error']
}

export function createUpdateChecker(now: () => number = Date.now): UpdateChecker {
  const answers = new Map<string, Remembered>()

  async function remote(deps: UpdateDeps, reference: Reference, fresh: boolean, signal: AbortSignal): Promise<Remembered> {
    const full = formatReference(reference, 'full')
    const key = `${deps.engineId} ${full}`
    const known = answers.get(key)
    const good = fresh ? LEAST_MS : known?.error ? KEEP_FAILURE_MS : KEEP_MS
    const age = known ? now() - known.at : Infinity
    // A clock that was set back must not keep an answer for as long as it was set back.
    if (known && age >= 0 && age < good) return known
    const answer = await ask(deps, reference, full, signal)
    answers.delete(key)
    answers.set(key, answer)
    if (answers.size > MOST_KEPT) answers.delete(answers.keys().next().value ?? '')
    return answer
  }

  async function ask(deps: UpdateDeps, reference: Reference, full: string, signal: AbortSignal): Promise<Remembered> {
    try {
      const auth = await deps.authFor(full, signal)
      const ask = () => deps.client.distribution(full, auth, { signal })
      const { Descriptor } = await withLoopback(deps.hostLoopback, reference.domain, signal, ask)
      if (!Descriptor?.digest) throw new NaruError('internal', 'the registry names no digest')
      return { at: now(), digest: Descriptor.digest }
    } catch (error) {
      if (isCancelled(error)) throw error
      return { at: now(), error: toEnvelope(error) }
    }
  }

  async function one(deps: UpdateDeps, text: string, fresh: boolean, signal: AbortSignal): Promise<UpdateCheck> {
    const reference = withDefaultTag(parseReference(text))
    const familiar = formatReference(reference)
    try {
      const image = await deps.client.inspectImage(formatReference(reference, 'full'), { signal })
      const imageId = imageIdOf(image.Id)
      const digests = (image.RepoDigests ?? []).flatMap((digest) => digestIn(digest, reference) ?? [])
      if (digests.length === 0) return { reference: familiar, imageId, state: 'local', checkedAt: now() }
      const { at, digest, error } = await remote(deps, reference, fresh, signal)
      if (error || digest === undefined) return { reference: familiar, imageId, state: 'failed', checkedAt: at, ...(error && { error }) }
      return { reference: familiar, imageId, state: digests.includes(digest) ? 'current' : 'newer', remoteDigest: digest, checkedAt: at }
    } catch (error) {
      if (isCancelled(error) || signal.aborted) throw error
      return { reference: familiar, imageId: '', state: 'failed', checkedAt: now(), error: toEnvelope(error) }
    }
  }

  return {
    async *check(deps, references, fresh, signal) {
      if (!deps.client.capabilities.distribution) {
        throw new NaruError('unsupported', 'this engine does not tell what registries have', { hint: 'no-distribution' })
      }
      const waiting = [...new Set(references)]
      const running = new Map<string, Promise<UpdateCheck>>()
      while (waiting.length > 0 || running.size > 0) {
        while (running.size < AT_ONCE && waiting.length > 0) {
          const next = waiting.shift() ?? ''
          const asked = one(deps, next, fresh, signal)
          // Whoever takes the next item hears of it; the others must not end the process meanwhile.
          asked.catch(() => undefined)
          running.set(next, asked)
        }
        const [reference, answer] = await Promise.race([...running].map(async ([name, asked]) => [name, await asked] as const))
        running.delete(reference)
        yield answer
      }
    },
  }
}

/** The digest of `name@sha256:…` when it is of the same repository. */
function digestIn(repoDigest: string, { domain, path }: Reference): string | undefined {
  const [name = '', digest] = familiarName(repoDigest).split('@')
  try {
    const same = parseReference(name)
    return same.domain === domain && same.path === path ? digest : undefined
  } catch {
    return undefined
  }
}
