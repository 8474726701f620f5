/** What a person typed into the Hub's search box: words to search for, a reference to pull, or both. Pure. */
import { DEFAULT_DOMAIN, formatReference, parseReference, withDefaultTag } from '../../../engine/images/reference.ts'

export interface HubQuery {
  /** Words for the search; empty when there is nothing to search the Hub for. */
  readonly search: string
  /** Reference that can be pulled as it stands; null for mere words. */
  readonly reference: PullReference | null
}

export interface PullReference {
  /** As docker shows it, with its tag or digest: `nginx:1.27`, `ghcr.io/x/y:latest`. */
  readonly familiar: string
  /** With registry and namespace: `docker.io/library/nginx:1.27`. */
  readonly full: string
  /** Registry it comes from. */
  readonly domain: string
  readonly onHub: boolean
}

/** Longest text the Hub is asked for. */
export const LONGEST_SEARCH = 200

/** The reference a text is, with `latest` when it names no tag; null when it is none. */
export function readReference(text: string): PullReference | null {
  try {
    const reference = withDefaultTag(parseReference(text.trim()))
    const { domain } = reference
    return { familiar: formatReference(reference), full: formatReference(reference, 'full'), domain, onHub: domain === DEFAULT_DOMAIN }
  } catch {
    return null
  }
}

/**
 * A text with a tag, a digest or a registry is a reference; another registry's is not searched for on the Hub. A
 * command that was pasted whole (`docker pull x`) counts as what it pulls.
 */
export function readQuery(typed: string): HubQuery {
  const text = typed.trim().replace(/^(?:docker|podman|nerdctl)\s+(?:image\s+)?pull\s+(?:-\S+\s+)*/, '')
  const read = text === '' ? null : readReference(text)
  if (!read) return { search: text.replace(/\s+/g, ' ').slice(0, LONGEST_SEARCH), reference: null }
  const parsed = parseReference(text)
  const exact = parsed.tag !== undefined || parsed.digest !== undefined || !read.onHub || text.startsWith('docker.io/') || text !== typed.trim()
  const name = formatReference({ domain: parsed.domain, path: parsed.path })
  return { search: read.onHub ? name : '', reference: exact ? read : null }
}
