/** Tags as the list shows them: one row each, or one row for all that mean the same content. Pure. */
import type { HubTag } from '../../../engine/contract/models.ts'
import { compareTagNames } from './tag-order.ts'

export interface TagRow {
  /** The tag's name, or the digest of a group. */
  readonly key: string
  /** The tag the row's figures are of; the first of `tags`. */
  readonly lead: HubTag
  /** `latest` first, then the most precise version. One when rows are not grouped. */
  readonly tags: readonly HubTag[]
  /** Names with the same content that are not in `tags`. */
  readonly aliases: readonly string[]
}

/** Tags with a name that contains the text, whatever the case; all when it is empty. */
export function matchingTags(tags: readonly HubTag[], text: string): readonly HubTag[] {
  const wanted = text.trim().toLowerCase()
  return wanted === '' ? tags : tags.filter(({ name }) => name.toLowerCase().includes(wanted))
}

function byDigest(tags: readonly HubTag[]): ReadonlyMap<string, readonly HubTag[]> {
  const groups = new Map<string, HubTag[]>()
  for (const tag of tags) {
    if (!tag.digest) continue
    const known = groups.get(tag.digest)
    if (known) known.push(tag)
    else groups.set(tag.digest, [tag])
  }
  return groups
}

const NONE: readonly string[] = []

/** A row for each tag, in their order, with the other names of its content. */
export function tagRows(tags: readonly HubTag[], all: readonly HubTag[] = tags): readonly TagRow[] {
  const names = new Map([...byDigest(all)].map(([digest, members]) => [digest, members.map(({ name }) => name).sort(descending)]))
  return tags.map((tag) => {
    const same = (tag.digest && names.get(tag.digest)) || NONE
    return { key: tag.name, lead: tag, tags: [tag], aliases: same.length > 1 ? same.filter((name) => name !== tag.name) : NONE }
  })
}

/**
 * A row for each content, at the place of its first tag among `tags`, with every name it has among `all`. A tag
 * whose digest is not told stays alone.
 */
export function groupedRows(tags: readonly HubTag[], all: readonly HubTag[] = tags): readonly TagRow[] {
  const groups = byDigest(all)
  const seen = new Set<string>()
  return tags.flatMap((tag) => {
    if (!tag.digest) return { key: tag.name, lead: tag, tags: [tag], aliases: NONE }
    if (seen.has(tag.digest)) return []
    seen.add(tag.digest)
    const members = [...(groups.get(tag.digest) ?? [tag])].sort((a, b) => descending(a.name, b.name))
    return { key: tag.digest, lead: members[0] ?? tag, tags: members, aliases: NONE }
  })
}

const descending = (a: string, b: string): number => compareTagNames(b, a)

/** Newest first; those whose date is not told come last, equal ones with the newest name first. */
export function compareByDate(a: TagRow, b: TagRow): number {
  return newest(b) - newest(a) || descending(a.lead.name, b.lead.name)
}
const newest = ({ tags }: TagRow): number => Math.max(...tags.map((tag) => tag.updatedAt ?? 0))
