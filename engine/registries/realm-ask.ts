/** Asks a registry, without any login, where it would have logins sent. */
import { lookup } from 'node:dns/promises'
import { request as openHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as openHttps } from 'node:https'
import { isInternal, realmProblem, realmsIn } from './realm.ts'
import type { RealmProblem } from './realm.ts'

/** One place to which a login must not go. */
export interface RealmFinding {
  readonly problem: RealmProblem
  /** `host[:port]` of the place. */
  readonly realm: string
  /** The place without what follows a `?`. */
  readonly address: string
}

/** Findings; null when the registry cannot be reached from here, or not in time. */
export type AskRealms = (registry: string, signal: AbortSignal) => Promise<readonly RealmFinding[] | null>

/** All questions of one registry together, ms. A pull waits for it. */
const LIMIT_MS = 4_000
const MOST_HOPS = 3

interface Answer {
  readonly status: number
  readonly location: string | undefined
  readonly challenges: readonly string[]
  /** Of the peer. */
  readonly address: string
}

/** @param registry `host[:port]` */
export const askRealms: AskRealms = async (registry, signal) => {
  const within = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)])
  // As engines do for registries they may speak HTTP with; for others it does no harm, as nothing secret is sent.
  for (const scheme of ['https', 'http']) {
    if (!URL.canParse(`${scheme}://${registry}/v2/`)) return null
    const findings = await follow(new URL(`${scheme}://${registry}/v2/`), within).catch(() => undefined)
    if (findings) return findings
    if (within.aborted) break
  }
  signal.throwIfAborted()
  return null
}

async function follow(registry: URL, signal: AbortSignal): Promise<readonly RealmFinding[]> {
  const findings: RealmFinding[] = []
  let at = registry
  let registryIsPublic: boolean | undefined
  for (let hop = 0; hop <= MOST_HOPS; hop += 1) {
    const { status, location, challenges, address } = await get(at, signal)
    registryIsPublic ??= !isInternal(address)
    const redirected = status >= 300 && status < 400 && location !== undefined
    // Who answers after a redirect names the realm: it is held to the same as one.
    const places = redirected ? [location] : challenges.flatMap(realmsIn)
    for (const place of places) {
      if (!URL.canParse(place, at.href)) continue
      const realm = new URL(place, at)
      const problem = realmProblem({ registry, realm, registryIsPublic, realmIsInternal: await leadsInside(realm, signal) })
      if (problem) findings.push({ problem, realm: realm.host || realm.protocol, address: `${realm.origin}${realm.pathname}`.slice(0, 300) })
      if (redirected) at = realm
    }
    if (!redirected || findings.length > 0) break
  }
  return findings
}

/** A name that is not known leads nowhere. */
async function leadsInside({ hostname }: URL, signal: AbortSignal): Promise<boolean> {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  const late = new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('too late')), { once: true }))
  const found = await Promise.race([lookup(host, { all: true }), late]).catch(() => [])
  return found.some(({ address }) => isInternal(address))
}

/** The body is never read. */
function get(url: URL, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const take = (response: IncomingMessage): void => {
      const { headers, headersDistinct, statusCode = 0, socket } = response
      resolve({ status: statusCode, location: headers.location, challenges: headersDistinct['www-authenticate'] ?? [], address: socket.remoteAddress ?? '' })
      response.destroy()
    }
    const options = { method: 'GET', signal, agent: false, headers: { accept: 'application/json' } }
    // Any certificate will do: nothing secret is sent, and which authorities count is the engine's to know.
    const request = url.protocol === 'https:' ? openHttps(url, { ...options, rejectUnauthorized: false }, take) : openHttp(url, options, take)
    request.once('error', reject).end()
  })
}
