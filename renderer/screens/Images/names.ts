/** What an image is called, and which containers stand on it. Pure. */
import { toEnvelope } from '../../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../../engine/contract/errors.ts'
import type { ContainerRow, ImageRow } from '../../../engine/contract/models.ts'
import { parseReference } from '../../../engine/images/reference.ts'

type Named = Pick<ImageRow, 'id' | 'tags' | 'digests'>

/** First tag, else the repository it was pulled from by digest, else null: it has no name at all. */
export function mainName(image: Named): string | null {
  return image.tags[0] ?? image.digests[0] ?? null
}

/** What `docker run` and `docker rmi` are given for it. */
export function referenceOf(image: Named): string {
  return image.tags[0] ?? image.digests[0] ?? image.id
}

export interface SplitName {
  /** `nginx`, `localhost:5000/shop/api` */
  readonly repository: string
  /** `:1.27` or `@sha256:…` */
  readonly suffix: string
}

/** A reference in its two halves; the colon of a registry's port belongs to the first. */
export function splitName(reference: string): SplitName {
  const at = reference.indexOf('@')
  const slash = reference.lastIndexOf('/')
  const colon = reference.indexOf(':', slash + 1)
  const cut = colon >= 0 && (at < 0 || colon < at) ? colon : at
  return cut < 0 ? { repository: reference, suffix: '' } : { repository: reference.slice(0, cut), suffix: reference.slice(cut) }
}

/** `nginx@sha256:0123456789ab…` for names that carry a digest. */
export function shortName(reference: string): string {
  return reference.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1…')
}

/** Tags beside the first; those of the same repository only by their tag. */
export function otherTags(tags: readonly string[]): readonly string[] {
  const [first, ...others] = tags
  if (first === undefined) return []
  const { repository } = splitName(first)
  return others.map((tag) => {
    const split = splitName(tag)
    return split.repository === repository ? split.suffix : tag
  })
}

/** Containers by the id of the image they were made from. */
export function usersByImage(containers: readonly ContainerRow[]): ReadonlyMap<string, readonly ContainerRow[]> {
  const users = new Map<string, ContainerRow[]>()
  for (const row of containers) {
    const known = users.get(row.imageId)
    if (known) known.push(row)
    else users.set(row.imageId, [row])
  }
  return users
}

/** Why a text is no reference; null when it is one or is empty. */
export function referenceError(text: string): ErrorEnvelope | null {
  if (text === '') return null
  try {
    parseReference(text)
    return null
  } catch (reason) {
    return toEnvelope(reason)
  }
}
