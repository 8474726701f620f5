/** One more name for an image. */
import { NaruError } from '../contract/errors.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import type { ResultOf } from '../operations/runner.ts'
import { imageIdOf } from '../state/normalise.ts'
import { findImage } from './pull.ts'
import { formatReference, parseReference, withDefaultTag } from './reference.ts'

/**
 * Gives `source` (name or id) the name `target` (default tag `latest`), as `docker tag` does: an image that had it loses it.
 * @throws NaruError `invalid-reference`, `image-not-found`
 */
export async function tagImage(client: EngineClient, { source, target }: { readonly source: string; readonly target: string }, signal: AbortSignal): Promise<ResultOf<'images.tag'>> {
  const parsed = withDefaultTag(parseReference(target))
  if (parsed.digest) {
    throw new NaruError('invalid-reference', 'refusing to create a tag with a digest reference', { params: { reference: target }, hint: 'reference.no-digest' })
  }
  const { domain, path, tag = '' } = parsed
  const full = formatReference(parsed, 'full')
  const [image, before] = await Promise.all([client.inspectImage(source, { signal }), findImage(client, full, signal)])
  // Full form: an engine without a default registry (Podman) would put its own in front.
  await client.tagImage(imageIdOf(image.Id), { repo: formatReference({ domain, path }, 'full'), tag }, { signal })
  const replaced = before && imageIdOf(before.Id) !== imageIdOf(image.Id) ? { replacedId: imageIdOf(before.Id) } : {}
  return { reference: formatReference(parsed), ...replaced }
}
