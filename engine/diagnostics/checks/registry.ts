/** Do the Hub and the registries somebody is logged in to answer this machine? A refusal is an answer. */
import { NaruError, toEnvelope } from '../../contract/errors.ts'
import type { ErrorEnvelope } from '../../contract/errors.ts'
import { getJson } from '../../hub/http.ts'
import { loopbackPorts } from '../../images/loopback.ts'
import { DEFAULT_DOMAIN } from '../../images/reference.ts'
import { mapLimited } from '../../system/map-limited.ts'
import { failed, passed, screen, warned } from '../check.ts'
import type { Check } from '../check.ts'

export interface RegistryFacts {
  /** Base address of the Hub, as it is set. */
  readonly hubUrl: string
  /** `host[:port]` of those with a login, the Hub as `docker.io`. */
  readonly logins: (signal: AbortSignal) => Promise<readonly string[]>
}

/** More are not asked: one is as good as another to see whether the network is there. */
const MOST = 10
const AT_ONCE = 4
/** It is there, and says no: to a question without a login, or to its address. */
const ANSWERS: ReadonlySet<string> = new Set(['unauthorized', 'denied', 'not-found'])

export const registryCheck = ({ hubUrl, logins }: RegistryFacts): Check => ({
  id: 'registry',
  applicable: () => true,
  check: async (signal) => {
    const names = (await logins(signal)).filter((registry) => registry !== DEFAULT_DOMAIN).slice(0, MOST)
    const hub = new URL(hubUrl)
    const [ofHub, ...others] = await mapLimited([pathOf(hub), ...names.map(addressOf)], AT_ONCE, (url) => problemOf(url, signal))
    const at = others.findIndex((error) => error !== null)
    const fixesOfHub = { fixes: [screen('settings')] }
    if (ofHub?.code === 'rate-limited') return warned('limited', { registry: hub.host }, { error: ofHub })
    if (ofHub && isPortal(ofHub)) return failed('portal', { registry: hub.host }, { error: ofHub, ...fixesOfHub })
    if (ofHub) return failed('hub', { registry: hub.host }, { error: ofHub, ...fixesOfHub })
    if (at >= 0) return warned('login', { registry: names[at] ?? '' }, { error: others[at] ?? undefined, fixes: [screen('registries')] })
    return passed('reached', { registries: [hub.host, ...names].join(', ') })
  },
})

const pathOf = (base: URL): URL => new URL(`${base.pathname.replace(/\/+$/, '')}/v2/`, base)

/** Engines speak to the loopback without TLS, and to all others with it unless they are told otherwise. */
const addressOf = (registry: string): URL => new URL(`${loopbackPorts(registry).length > 0 ? 'http' : 'https'}://${registry}/v2/`)

const isPortal = ({ hint }: ErrorEnvelope): boolean => hint === 'hub.redirected'

async function problemOf(url: URL, signal: AbortSignal): Promise<ErrorEnvelope | null> {
  try {
    await getJson(url, signal)
    return null
  } catch (error) {
    signal.throwIfAborted()
    const envelope = toEnvelope(error)
    if (ANSWERS.has(envelope.code)) return null
    // A page or nothing at all instead of JSON: it is there all the same.
    return error instanceof NaruError && envelope.hint === 'hub.not-json' ? null : envelope
  }
}
