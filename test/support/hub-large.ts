/**
 * Tags of a large repository in the shape of the Hub's answers: versions of three years with their variants, the moving
 * tags that point to them (`latest`, `3`, `3.42`, `alpine`), in the Hub's order (last pushed first). Always the same.
 */

export const LARGE_REPOSITORY = 'acme/large'
export const LARGE_COUNT = 2_500
/** When the newest was pushed; one push every ten hours before it. */
export const LARGE_NEWEST = Date.parse('2026-11-20T08:00:00Z')

export interface HubTagJson {
  readonly id: number
  readonly name: string
  readonly full_size: number
  readonly last_updated: string
  readonly tag_last_pushed: string
  readonly tag_status: 'active'
  readonly digest: string
  readonly images: readonly object[]
}

const VARIANTS = ['', '-slim', '-alpine', '-bookworm']
/** Digest of the n-th thing: no hash, but as different from its neighbours. */
export const digestOf = (n: number): string => `sha256:${Math.imul(n + 1, 2_654_435_761).toString(16).replace('-', '').padStart(8, '0')}${n.toString(16).padStart(56, '0')}`

const ARCHES = [['amd64', null], ['arm64', 'v8'], ['arm', 'v7'], ['ppc64le', null], ['s390x', null]] as const

function tagJson(id: number, name: string, content: number, variant: number): HubTagJson {
  const date = new Date(LARGE_NEWEST - content * 2.5 * 3_600_000).toISOString()
  const size = 20_000_000 + variant * 31_000_000 + (content % 97) * 41_000
  return {
    id, name, full_size: size, last_updated: date, tag_last_pushed: date, tag_status: 'active', digest: digestOf(content),
    images: [
      ...ARCHES.map(([architecture, variantOf], n) => ({ architecture, variant: variantOf, os: 'linux', features: '', size: size - n * 90_000, status: 'active', digest: digestOf(content * 8 + n + 1_000_000) })),
      { architecture: 'unknown', variant: null, os: 'unknown', features: '', size: 1_900, status: 'active', digest: digestOf(content * 8 + 7 + 1_000_000) },
    ],
  }
}

/** @returns `LARGE_COUNT` tags, last pushed first */
export function largeRepository(): readonly HubTagJson[] {
  const tags: HubTagJson[] = []
  const add = (name: string, content: number, variant: number): void => {
    if (tags.length < LARGE_COUNT) tags.push(tagJson(tags.length, name, content, variant))
  }
  const majors = new Set<string>()
  const minors = new Set<string>()
  // 3.42.11, 3.42.10 … 3.42.0, 3.41.11 … down through the majors.
  for (let n = 0; tags.length < LARGE_COUNT; n++) {
    const major = 3 - Math.floor(n / (43 * 12))
    const minor = 42 - (Math.floor(n / 12) % 43)
    const patch = 11 - (n % 12)
    VARIANTS.forEach((variant, v) => {
      const content = n * VARIANTS.length + v
      add(`${major}.${minor}.${patch}${variant}`, content, v)
      if (n === 0) add(variant === '' ? 'latest' : variant.slice(1), content, v)
      for (const [name, seen] of [[`${major}${variant}`, majors], [`${major}.${minor}${variant}`, minors]] as const) {
        if (!seen.has(name)) add(name, content, v)
        seen.add(name)
      }
    })
  }
  return tags
}
