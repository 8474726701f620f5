/** The Hub's answers, read tolerantly: the search API is not documented, and members come and go. Pure. */
import * as v from 'valibot'
import type { HubImage, HubPlatform, HubTag } from '../contract/models.ts'

/** A member of the wrong type counts as absent; one bad member must not lose the whole answer. */
const text = v.fallback(v.optional(v.nullable(v.string())), undefined)
const count = v.fallback(v.optional(v.nullable(v.number())), undefined)
const flag = v.fallback(v.optional(v.nullable(v.boolean())), undefined)
const link = v.fallback(v.optional(v.nullable(v.string())), undefined)

/** Both the `/v2/search/repositories` and the `/api/search/v4` shape. */
const searchResult = v.object({
  repo_name: text,
  name: text,
  slug: text,
  short_description: text,
  description: text,
  star_count: count,
  pull_count: count,
  is_official: flag,
  is_verified: flag,
  badge: text,
  publisher: v.fallback(v.optional(v.nullable(v.object({ verified: flag, badge: text }))), undefined),
})
const searchPage = v.object({ count, total: count, next: link, results: v.array(v.unknown()) })

const platform = v.object({ architecture: text, variant: text, os: text, size: count, digest: text })
const tag = v.object({
  name: v.string(),
  last_updated: text,
  tag_last_pushed: text,
  full_size: count,
  digest: text,
  images: v.fallback(v.optional(v.nullable(v.array(v.unknown()))), undefined),
})

export interface Page<Row> {
  readonly rows: readonly Row[]
  readonly total: number | undefined
  /** The answer names a next page; undefined when it does not speak of pages. */
  readonly next: boolean | undefined
}

/** Null when it is no search answer. */
export function readSearch(answer: unknown): Page<HubImage> | null {
  return readPage(answer, hubImage)
}

/** Null when it is no list of tags. */
export function readTags(answer: unknown): Page<HubTag> | null {
  return readPage(answer, hubTag)
}

function readPage<Row>(answer: unknown, read: (row: unknown) => Row | null): Page<Row> | null {
  const page = v.safeParse(searchPage, answer)
  if (!page.success) return null
  const { count: counted, total, next, results } = page.output
  // The API writes both null and "" for "no next page".
  const hasNext = next === undefined ? undefined : next !== null && next !== ''
  return { rows: results.flatMap((row) => read(row) ?? []), total: counted ?? total ?? undefined, next: hasNext }
}

const OFFICIAL_NAMESPACE = 'library/'
const VERIFIED_BADGES: ReadonlySet<string> = new Set(['verified_publisher', 'verified', 'open_source'])

function hubImage(row: unknown): HubImage | null {
  const read = v.safeParse(searchResult, row)
  const found = read.success ? read.output : null
  const name = (found?.repo_name || found?.slug || found?.name || '').replace(OFFICIAL_NAMESPACE, '')
  if (!found || name === '') return null
  const badge = found.badge ?? found.publisher?.badge ?? ''
  return {
    name,
    description: found.short_description ?? found.description ?? '',
    stars: found.star_count ?? 0,
    ...(typeof found.pull_count === 'number' && { pulls: found.pull_count }),
    official: found.is_official ?? badge === 'official',
    verified: found.is_verified ?? found.publisher?.verified ?? VERIFIED_BADGES.has(badge),
  }
}

function hubTag(row: unknown): HubTag | null {
  const read = v.safeParse(tag, row)
  if (!read.success) return null
  const { name, last_updated, tag_last_pushed, full_size, digest, images } = read.output
  const updatedAt = Date.parse(last_updated ?? tag_last_pushed ?? '')
  return {
    name,
    ...(Number.isFinite(updatedAt) && { updatedAt }),
    ...(typeof full_size === 'number' && { sizeBytes: full_size }),
    ...(digest && { digest }),
    platforms: (images ?? []).flatMap((image) => hubPlatform(image) ?? []),
  }
}

/** Attestations are listed as images of an unknown platform. */
function hubPlatform(row: unknown): HubPlatform | null {
  const read = v.safeParse(platform, row)
  if (!read.success) return null
  const { os, architecture, variant, size, digest } = read.output
  if (!os || !architecture || os === 'unknown' || architecture === 'unknown') return null
  return {
    os,
    architecture,
    ...(variant && { variant }),
    ...(typeof size === 'number' && { sizeBytes: size }),
    ...(digest && { digest }),
  }
}
