/** Which local image a text means, and which ones to suggest. Pure. */
import type { ImageRow } from '../../../engine/contract/models.ts'
import { formatReference, parseReference, withDefaultTag } from '../../../engine/images/reference.ts'

/** Suggestions shown at once. */
const MOST = 8
const ID = /^(?:sha256:)?([0-9a-f]{12,64})$/

/** `nginx` as `docker.io/library/nginx:latest`; what is no reference stays as it is. */
function canonical(text: string): string {
  try {
    return formatReference(withDefaultTag(parseReference(text)), 'full')
  } catch {
    return text
  }
}

/** The image on this machine that `text` names, by tag, digest or id. */
export function findImage(text: string, images: readonly ImageRow[]): ImageRow | undefined {
  const wanted = text.trim()
  if (wanted === '') return undefined
  const id = ID.exec(wanted)?.[1]
  const byId = id ? images.find((image) => image.id.replace('sha256:', '').startsWith(id)) : undefined
  if (byId) return byId
  const full = canonical(wanted)
  return images.find((image) => [...image.tags, ...image.digests].some((name) => canonical(name) === full))
}

/** Tags that hold what was typed, best first: those that begin with it, newest images first. */
export function suggestImages(text: string, images: readonly ImageRow[]): readonly string[] {
  const typed = text.trim().toLowerCase()
  const rank = (tag: string): number => {
    const at = tag.toLowerCase().indexOf(typed)
    return at < 0 ? -1 : at === 0 ? 2 : /[/:._-]/.test(tag[at - 1] ?? '') ? 1 : 0
  }
  return [...images]
    .sort((a, b) => b.createdAt - a.createdAt)
    .flatMap((image) => image.tags)
    .map((tag) => ({ tag, rank: rank(tag) }))
    .filter((each) => each.rank >= 0 && each.tag.toLowerCase() !== typed)
    .sort((a, b) => b.rank - a.rank)
    .slice(0, MOST)
    .map((each) => each.tag)
}
