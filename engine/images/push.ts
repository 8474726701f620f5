/** Pushing a tag: per-layer progress on the way, the manifest's digest out. */
import { NaruError } from '../contract/errors.ts'
import type { OperationProgress } from '../contract/models.ts'
import type { RawProgress } from '../docker/api-types.ts'
import type { ResultOf } from '../operations/runner.ts'
import { withLoopback } from './loopback.ts'
import { createPullProgress } from './pull-progress.ts'
import type { PullContext, PullDeps } from './pull.ts'
import { formatReference, parseReference, withDefaultTag } from './reference.ts'

/**
 * Pushes `name:tag` (default `latest`). Layers the registry has already are not sent. Aborting the signal ends the push
 * in the engine too; what was sent stays in the registry and need not be sent again.
 * @throws NaruError `invalid-reference`, `image-not-found`, `unauthorized`, `denied`, `unsupported` (hint
 *   `registry.read-only`), `registry.unreachable`, `cancelled`
 */
export async function pushImage(deps: PullDeps, wanted: string, context: PullContext): Promise<ResultOf<'images.push'>> {
  const reference = withDefaultTag(parseReference(wanted))
  const { domain, path, tag } = reference
  if (tag === undefined || reference.digest !== undefined) {
    throw new NaruError('invalid-reference', 'only tags can be pushed', { params: { reference: wanted }, hint: 'registry.no-digest' })
  }
  const state = createPullProgress('pushing')
  context.report(state.progress())
  const auth = await deps.authFor?.(formatReference(reference, 'full'), context.signal)
  const query = { name: formatReference({ domain, path }, 'full'), tag, ...(auth && { auth }) }
  let pushed: { readonly digest: string; readonly manifestBytes: number } | undefined
  const push = async (): Promise<void> => {
    for await (const message of deps.client.pushImage(query, { signal: context.signal })) {
      pushed = resultIn(message) ?? pushed
      if (state.add(message)) context.report(state.progress())
    }
  }
  try {
    await withLoopback(deps.hostLoopback, domain, context.signal, push)
  } catch (error) {
    throw deps.explain?.(error, { reference: formatReference(reference), auth, push: true }) ?? error
  }
  if (!pushed) throw new NaruError('internal', `the engine ended the push of ${wanted} without a digest`, { params: { reference: wanted } })
  return { reference: formatReference(reference), ...pushed, ...summary(state.progress()) }
}

// Docker: {"aux":{"Tag":"1","Digest":"sha256:…","Size":943}}; Podman only as words: "1: digest: sha256:… size: 750"
const WORDS = /digest: (sha256:[0-9a-f]{64}) size: (\d{1,15})/

function resultIn({ aux, status = '' }: RawProgress): { digest: string; manifestBytes: number } | undefined {
  if (aux && typeof aux === 'object' && 'Digest' in aux && typeof aux.Digest === 'string') {
    return { digest: aux.Digest, manifestBytes: 'Size' in aux && typeof aux.Size === 'number' ? aux.Size : 0 }
  }
  const found = WORDS.exec(status)
  return found?.[1] ? { digest: found[1], manifestBytes: Number(found[2]) } : undefined
}

function summary({ parts }: OperationProgress): { layers: number; sentLayers: number; sentBytes: number } {
  const sent = parts.filter(({ state }) => state === 'done')
  return { layers: parts.length, sentLayers: sent.length, sentBytes: sent.reduce((sum, { totalBytes = 0 }) => sum + totalBytes, 0) }
}
