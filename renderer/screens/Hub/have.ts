/** Which of the Hub's things the engine has already. Pure. */
import type { HubTag, ImageRow } from '../../../engine/contract/models.ts'
import { DEFAULT_DOMAIN, formatReference, parseReference } from '../../../engine/images/reference.ts'

/**
 * `same` = this tag with this content; `content` = this content under another name; `older` = this tag with content made
 * before the Hub's was pushed; `other` = this tag with other content; `tag` = this tag, but which content cannot be told.
 */
export type Have = 'same' | 'content' | 'older' | 'other' | 'tag'

/** What is said of a row of several tags: the first of these that one of them is. */
const SAID_FIRST: readonly Have[] = ['same', 'content', 'older', 'other', 'tag']

export interface HaveIndex {
  /** Any tag or digest of the repository (`nginx`, `bitnami/nginx`) is here. */
  repository(name: string): boolean
  tag(repository: string, tag: HubTag): Have | null
  /** The image that answers, for a link. */
  imageId(repository: string, tag: HubTag): string | undefined
}

function nameOf(reference: string): { name: string; tag?: string; digest?: string } | null {
  try {
    const { domain, path, tag, digest } = parseReference(reference)
    if (domain !== DEFAULT_DOMAIN) return null
    return { name: formatReference({ domain, path }), ...(tag && { tag }), ...(digest && { digest }) }
  } catch {
    return null
  }
}

/** Digests a tag may be known by: its own, and those of its platforms. */
const digestsOf = (tag: HubTag): readonly string[] => [tag.digest, ...tag.platforms.map((each) => each.digest)].flatMap((digest) => digest ?? [])

export function createHaveIndex(images: readonly ImageRow[]): HaveIndex {
  const repositories = new Set<string>()
  const tags = new Map<string, ImageRow>()
  const digests = new Map<string, ImageRow>()
  for (const image of images) {
    for (const reference of [...image.tags, ...image.digests]) {
      const read = nameOf(reference)
      if (!read) continue
      repositories.add(read.name)
      if (read.digest) digests.set(`${read.name}@${read.digest}`, image)
      else tags.set(`${read.name}:${read.tag ?? 'latest'}`, image)
    }
  }
  const byDigest = (repository: string, tag: HubTag): ImageRow | undefined =>
    digestsOf(tag).map((digest) => digests.get(`${repository}@${digest}`)).find((image) => image !== undefined)

  return {
    repository: (name) => repositories.has(name),
    tag(repository, tag) {
      const tagged = tags.get(`${repository}:${tag.name}`)
      const same = byDigest(repository, tag)
      if (!tagged) return same ? 'content' : null
      if (same?.id === tagged.id) return 'same'
      const comparable = digestsOf(tag).length > 0 && tagged.digests.some((digest) => nameOf(digest)?.name === repository)
      if (!comparable) return 'tag'
      return tagged.createdAt > 0 && tagged.createdAt < (tag.updatedAt ?? 0) ? 'older' : 'other'
    },
    imageId: (repository, tag) => (tags.get(`${repository}:${tag.name}`) ?? byDigest(repository, tag))?.id,
  }
}

export interface RowHave {
  readonly have: Have
  /** The tag it is said of. */
  readonly tag: HubTag
  readonly imageId: string
}

/** What the engine has of tags with the same content; null when it has none of them. */
export function haveOf(index: HaveIndex, repository: string, tags: readonly HubTag[]): RowHave | null {
  const found = tags.flatMap((tag): RowHave[] => {
    const have = index.tag(repository, tag)
    const imageId = index.imageId(repository, tag)
    return have && imageId !== undefined ? [{ have, tag, imageId }] : []
  })
  return SAID_FIRST.flatMap((have) => found.find((each) => each.have === have) ?? [])[0] ?? null
}
