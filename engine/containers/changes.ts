/** What a container wrote into its own layer, and an image made of it. */
import { NaruError } from '../contract/errors.ts'
import type { CommitSpec, ContainerChanges } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import type { RawChange } from '../docker/inside.ts'
import { formatReference, parseReference, withDefaultTag } from '../images/reference.ts'
import type { ResultOf } from '../operations/runner.ts'
import { imageIdOf } from '../state/normalise.ts'

/** Bounds of an answer: the page holds it, the link sends it as one frame of at most 16 MiB. */
const MOST_PATHS = 200_000
const MOST_TEXT = 8 * 1024 * 1024
const LETTERS = ['C', 'A', 'D'] as const

/** Counts of all, and the first paths by name. */
export function changesOf(raw: readonly RawChange[]): ContainerChanges {
  const count = { C: 0, A: 0, D: 0 }
  for (const { Kind } of raw) count[LETTERS[Kind] ?? 'C'] += 1
  const sorted = raw.toSorted((a, b) => (a.Path < b.Path ? -1 : a.Path > b.Path ? 1 : 0))
  const paths: string[] = []
  let kinds = ''
  let text = 0
  for (const { Path, Kind } of sorted) {
    // A character of UTF-16 is at most three bytes of UTF-8; most are one.
    text += Path.length
    if (paths.length >= MOST_PATHS || text > MOST_TEXT) break
    paths.push(Path)
    kinds += LETTERS[Kind] ?? 'C'
  }
  return { added: count.A, changed: count.C, deleted: count.D, paths, kinds }
}

/**
 * @throws NaruError `invalid-reference`, `not-found`, `no-space`
 */
export async function commitContainer(
  client: Pick<EngineClient, 'commitContainer'>,
  id: string,
  { reference, message, author, pause, changes }: CommitSpec,
  signal: AbortSignal,
): Promise<ResultOf<'containers.commit'>> {
  const target = reference === '' ? null : withDefaultTag(parseReference(reference))
  if (target?.digest) throw new NaruError('invalid-reference', 'refusing to commit to a digest reference', { params: { reference }, hint: 'reference.no-digest' })
  const imageId = await client.commitContainer(
    id,
    {
      // Full form: an engine without a default registry (Podman) would put its own in front.
      ...(target && { repo: formatReference({ domain: target.domain, path: target.path }, 'full'), tag: target.tag ?? '' }),
      ...(message && { comment: message }),
      ...(author && { author }),
      pause,
      changes,
    },
    { signal },
  )
  return { imageId: imageIdOf(imageId), reference: target ? formatReference(target) : '' }
}
