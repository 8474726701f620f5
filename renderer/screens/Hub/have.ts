/** Which of the Hub's things the engine has already. Pure. */
import type { HubTag, ImageRow } from '../../../engine/contract/models.ts'
import { DEFAULT_DOMAIN, formatReference, parseReference } from '../../../engine/images/reference.ts'

/**
 * `same` = this tag with this content; `content` = this content under another name; `other` = this tag with other
 * content (mostly older); `tag` = this tag, but which content cannot be told.
 */
export type Have = 'same' | 'content' | 'other' | 'tag'

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
      return comparable ? 'other' : 'tag'
    },
    imageId: (repository, tag) => (tags.get(`${repository}:${tag.name}`) ?? byDigest(repository, tag))?.id,
  }
}

/** Other tags among these with the same content, by the tag's name. */
export function aliasesOf(tags: readonly HubTag[]): ReadonlyMap<string, readonly string[]> {
  const byDigest = new Map<string, string[]>()
  for (const { name, digest } of tags) if (digest) byDigest.set(digest, [...(byDigest.get(digest) ?? []), name])
  return new Map(tags.map(({ name, digest }) => [name, (digest ? (byDigest.get(digest) ?? []) : []).filter((other) => other !== name)]))
}
