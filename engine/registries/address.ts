/**
 * Registry addresses as people type them and as the docker CLI keeps them. Source of the rules: docker/cli
 * cli/config/credentials/file_store.go (ConvertToHostname) and moby registry/config.go. Pure: the page uses it too.
 */
import { NaruError } from '../contract/errors.ts'
import { DEFAULT_DOMAIN } from '../images/reference.ts'

/** What Docker Hub's credentials are kept and sent under, everywhere but in references. */
export const HUB_SERVER = 'https://index.docker.io/v1/'
const HUB_HOSTS: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com', 'hub.docker.com', 'www.docker.com'])

const LABEL = '(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])'
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[a-f0-9:]+\\])(?::([0-9]{1,5}))?$`)

/** `docker.io` or `host[:port]` out of any form an address is kept in; no check whether it is one. */
export function hostOf(address: string): string {
  const host = address.trim().replace(/^https?:\/\//i, '').split('/', 1)[0] ?? ''
  const lower = host.toLowerCase()
  return HUB_HOSTS.has(lower) ? DEFAULT_DOMAIN : lower
}

/**
 * The registry a person means: `docker.io` for every name of the Hub (and for nothing typed), else `host[:port]`. A path
 * behind the host is left out, as the docker CLI does.
 * @throws NaruError `invalid-request` {field: registry, name}, hint `registry.address` or `registry.no-domain`
 */
export function parseRegistry(text: string): string {
  const host = text.trim() === '' ? DEFAULT_DOMAIN : hostOf(text)
  const found = HOST.exec(host)
  const refuse = (hint: string) =>
    new NaruError('invalid-request', 'not the address of a registry', { params: { field: 'registry', name: text.slice(0, 255) }, hint })
  if (!found || host.length > 255 || Number(found[1] ?? 1) < 1 || Number(found[1] ?? 1) > 65_535) throw refuse('registry.address')
  // Without a dot or a port the first part of an image's name is a namespace of the Hub.
  if (host !== 'localhost' && !/[.:]/.test(host)) throw refuse('registry.no-domain')
  return host
}

/** The address under which engines, helpers and the docker CLI know a registry. */
export function serverAddress(registry: string): string {
  return registry === DEFAULT_DOMAIN ? HUB_SERVER : registry
}

/** Every key a registry's credentials may be kept under, the usual one first. */
export function keysOf(registry: string): readonly string[] {
  if (registry === DEFAULT_DOMAIN) return [HUB_SERVER, 'index.docker.io', 'docker.io', 'https://index.docker.io/v1', 'https://docker.io']
  return [registry, `https://${registry}`, `https://${registry}/`, `http://${registry}`, `https://${registry}/v1/`, `https://${registry}/v2/`]
}
