/**
 * Where a registry sends logins. It answers `GET /v2/` with a challenge that names a realm, and whoever logs in sends
 * user and password there (distribution spec, token authentication). Pure.
 */
import { BlockList, isIP } from 'node:net'

/**
 * Why a login is not sent to a place: `open` = from https to something else; `internal` = a public registry names an
 * address of this machine or of a private network; `foreign` = a host that is neither the registry's own nor of its domain.
 */
export type RealmProblem = 'open' | 'internal' | 'foreign'

/** Scheme, or name and value of a parameter; quoted values may hold commas and words that look like schemes. */
const TOKEN = /\s*(?:([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?|[^\w\s])/gy
/** Challenges longer than this are not read further, characters. */
const MOST_CHALLENGE = 4_096

/** Realms in a `WWW-Authenticate` to which a login would be sent; `Basic` keeps it with the registry and names none. */
export function realmsIn(challenge: string): readonly string[] {
  const realms: string[] = []
  let scheme = ''
  for (const [token, word, quoted, plain] of challenge.slice(0, MOST_CHALLENGE).matchAll(TOKEN)) {
    if (word === undefined) continue
    if (!token.includes('=')) scheme = word.toLowerCase()
    else if (word.toLowerCase() === 'realm' && scheme !== 'basic') realms.push((quoted ?? plain ?? '').replace(/\\(.)/g, '$1'))
  }
  return realms
}

/** Reserved and private ranges (RFC 6890): not addresses of the internet. */
const INTERNAL = new BlockList()
for (const range of ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16', '224.0.0.0/3']) {
  const [address = '', prefix] = range.split('/')
  INTERNAL.addSubnet(address, Number(prefix), 'ipv4')
}
for (const range of ['::/127', 'fc00::/7', 'fe80::/10', 'ff00::/8']) {
  const [address = '', prefix] = range.split('/')
  INTERNAL.addSubnet(address, Number(prefix), 'ipv6')
}

/** True for an address of this machine, its link or a private network. IPv4 in IPv6 counts as what it stands for. */
export function isInternal(address: string): boolean {
  const plain = address.replace(/%.*$/, '')
  return isIP(plain) !== 0 && INTERNAL.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
}

/** Suffixes under which everybody may have a name: what they share says nothing. */
const SHARED = new Set([
  'amazonaws.com', 'appspot.com', 'azurecr.io', 'azurewebsites.net', 'cloudfront.net', 'cloudapp.net', 'duckdns.org', 'fly.dev', 'github.io', 'gitlab.io',
  'googleusercontent.com', 'herokuapp.com', 'nip.io', 'ngrok.app', 'ngrok.io', 'ngrok-free.app', 'onrender.com', 'pages.dev', 'r2.dev', 'run.app', 'sslip.io',
  'trycloudflare.com', 'ts.net', 'vercel.app', 'web.app', 'workers.dev',
])
/** Second labels under which countries give out names (`co.uk`, `or.kr`). */
const SECOND_LEVEL = /^(?:ac|co|com|edu|go|gob|gov|gouv|ltd|mil|ne|net|or|org|pe|plc|re|sch)$/

/**
 * The domain somebody registered for a host; null for addresses, single names and shared suffixes. Without the list of
 * public suffixes it may be too narrow (then a person is asked), seldom too wide.
 */
export function registeredDomain(host: string): string | null {
  const labels = host.toLowerCase().replace(/\.$/, '').split('.')
  if (host.startsWith('[') || labels.length < 2 || /^\d+$/.test(labels.at(-1) ?? '')) return null
  const country = labels.at(-1)?.length === 2 && SECOND_LEVEL.test(labels.at(-2) ?? '')
  const take = country ? 3 : 2
  const domain = labels.slice(-take).join('.')
  return labels.length < take || SHARED.has(domain) || SHARED.has(labels.slice(-2).join('.')) ? null : domain
}

export interface Judged {
  /** Where the registry was reached. */
  readonly registry: URL
  /** Where the login would go. */
  readonly realm: URL
  /** The registry answered from an address of the internet. */
  readonly registryIsPublic: boolean
  /** The realm has an address that is none of the internet. */
  readonly realmIsInternal: boolean
}

/** What speaks against sending a login there; null when nothing does. */
export function realmProblem({ registry, realm, registryIsPublic, realmIsInternal }: Judged): RealmProblem | null {
  if (realm.protocol !== 'https:' && (registry.protocol === 'https:' || realm.protocol !== 'http:')) return 'open'
  if (registryIsPublic && realmIsInternal) return 'internal'
  if (realm.hostname === registry.hostname) return null
  const domain = registeredDomain(registry.hostname)
  return domain !== null && domain === registeredDomain(realm.hostname) ? null : 'foreign'
}
