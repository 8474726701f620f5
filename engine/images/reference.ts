/**
 * Image references: the grammar of the distribution project and Docker Hub's normalisation.
 * Source of the rules: github.com/distribution/reference (regexp.go, normalize.go, reference.go) and
 * github.com/opencontainers/go-digest. Pure: the renderer uses it too.
 */
import { NaruError } from '../contract/errors.ts'

/** A normalised reference: the domain is always there (`docker.io` for Hub images), Hub's own images have `library/`. */
export interface Reference {
  readonly domain: string
  readonly path: string
  readonly tag?: string
  /** `sha256:…` */
  readonly digest?: string
}

export const DEFAULT_DOMAIN = 'docker.io'
export const DEFAULT_TAG = 'latest'
const LEGACY_DOMAIN = 'index.docker.io'
const OFFICIAL_PREFIX = 'library/'
const MAX_PATH_LENGTH = 255

const PATH_COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const DOMAIN_COMPONENT = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const DOMAIN = `(?:${DOMAIN_COMPONENT}(?:\\.${DOMAIN_COMPONENT})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'

const REFERENCE = new RegExp(
  `^(${DOMAIN})/(${PATH_COMPONENT}(?:/${PATH_COMPONENT})*)(?::(${TAG}))?(?:@(${DIGEST}))?$`,
)
const TAG_ONLY = new RegExp(`^${TAG}$`)
const IDENTIFIER = /^[a-f0-9]{64}$/
const DIGEST_LENGTH: ReadonlyMap<string, number> = new Map(Object.entries({ sha256: 64, sha384: 96, sha512: 128 }))

/**
 * Reads a reference the way `docker pull` does; no default tag is added.
 * @throws NaruError `invalid-reference` (params {reference}, hint naming the rule) for everything docker refuses.
 */
export function parseReference(text: string): Reference {
  if (text === '') throw refuse(text, 'empty', 'repository name must have at least one component')
  if (IDENTIFIER.test(text)) {
    throw refuse(text, 'identifier', 'cannot specify 64-byte hexadecimal strings as a repository name')
  }
  const { domain, remainder } = splitDomain(text)
  const colon = remainder.indexOf(':')
  const remote = colon < 0 ? remainder : remainder.slice(0, colon)
  if (remote.toLowerCase() !== remote) {
    throw refuse(text, 'uppercase', `invalid reference format: repository name (${remote}) must be lowercase`)
  }
  const match = REFERENCE.exec(`${domain}/${remainder}`)
  if (!match) throw refuse(text, 'format', 'invalid reference format')
  const [, matchedDomain = '', path = '', tag, digest] = match
  if (path.length > MAX_PATH_LENGTH) {
    throw refuse(text, 'too-long', `repository name must not be more than ${MAX_PATH_LENGTH} characters`)
  }
  if (digest !== undefined) checkDigest(text, digest)
  return { domain: matchedDomain, path, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) }
}

/** First component is a registry when it looks like a host: has a dot, a colon or capitals, or is `localhost`. */
function splitDomain(text: string): { domain: string; remainder: string } {
  const slash = text.indexOf('/')
  const first = slash < 0 ? '' : text.slice(0, slash)
  const isDomain = slash >= 0 && (first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first)
  const domain = !isDomain || first === LEGACY_DOMAIN ? DEFAULT_DOMAIN : first
  const rest = isDomain ? text.slice(slash + 1) : text
  const official = domain === DEFAULT_DOMAIN && !rest.includes('/')
  return { domain, remainder: official ? OFFICIAL_PREFIX + rest : rest }
}

function checkDigest(text: string, digest: string): void {
  const [algorithm = '', hex = ''] = digest.split(':')
  const length = DIGEST_LENGTH.get(algorithm)
  if (length === undefined) throw refuse(text, 'digest', 'unsupported digest algorithm')
  if (hex.length !== length) throw refuse(text, 'digest', 'invalid checksum digest length')
  if (!/^[a-f0-9]+$/.test(hex)) throw refuse(text, 'digest', 'invalid checksum digest format')
}

function refuse(reference: string, hint: string, message: string): NaruError {
  return new NaruError('invalid-reference', message, { params: { reference }, hint: `reference.${hint}` })
}

/**
 * A reference as text: `familiar` as docker shows it (`nginx:1.27`, `bitnami/nginx`), `full` with domain and
 * namespace (`docker.io/library/nginx:1.27`). No default tag is added.
 */
export function formatReference(reference: Reference, form: 'familiar' | 'full' = 'familiar'): string {
  const { domain, path, tag, digest } = reference
  const name = form === 'full' ? `${domain}/${path}` : familiarName(domain, path)
  return name + (tag ? `:${tag}` : '') + (digest ? `@${digest}` : '')
}

function familiarName(domain: string, path: string): string {
  if (domain !== DEFAULT_DOMAIN) return `${domain}/${path}`
  const [namespace, name, ...more] = path.split('/')
  return namespace === 'library' && name !== undefined && more.length === 0 ? name : path
}

/** The reference with tag `latest` when it names neither a tag nor a digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag || reference.digest ? reference : { ...reference, tag: DEFAULT_TAG }
}

/** True for a text that may stand after the colon of `name:tag`. */
export function isTag(text: string): boolean {
  return TAG_ONLY.test(text)
}
