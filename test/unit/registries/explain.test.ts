import { describe, expect, it } from 'vitest'
import type { NaruError } from '../../../engine/contract/errors.ts'
import { errorFromProgress, errorFromStatus } from '../../../engine/docker/errors.ts'
import { explainRegistryError, explainTrust } from '../../../engine/registries/explain.ts'
import { createTickets } from '../../../engine/registries/tickets.ts'
import { trustPlace } from '../../../engine/registries/trust.ts'

const engine = { version: { product: 'Docker Engine - Community', rootless: false }, home: '/home/ada' }
const reference = 'reg.example:5000/team/web:1'
const pushed = (text: string, more: { reference?: string; loggedIn?: boolean; user?: string } = {}) => {
  const subject = { reference, loggedIn: false, push: true, engine, ...more }
  return explainRegistryError(errorFromProgress(text, { reference: subject.reference, registry: true }), subject) as NaruError
}

// Words of dockerd 28 and Podman 4.3 as they were seen against a real registry.
describe('what a refused push means', () => {
  it.each([
    ['no basic auth credentials', {}, { code: 'unauthorized', hint: 'registry.login-needed', params: { registry: 'reg.example:5000' } }],
    ['unauthorized: authentication required', { loggedIn: true, user: 'ada' }, { code: 'unauthorized', hint: 'registry.login-refused', params: { user: 'ada' } }],
    ['denied: requested access to the resource is denied', { loggedIn: true, user: 'ada' }, { code: 'denied', hint: 'registry.no-rights', params: { reference } }],
    ['denied: requested access to the resource is denied', { reference: 'web:1', loggedIn: true, user: 'ada' }, { code: 'denied', hint: 'registry.no-namespace', params: { suggestion: 'ada/web' } }],
    ['denied: requested access to the resource is denied', { reference: 'web:1' }, { hint: 'registry.no-namespace', params: { suggestion: 'you/web' } }],
    ['unsupported: The operation is unsupported.', {}, { code: 'unsupported', hint: 'registry.read-only' }],
    ['unsupported', {}, { code: 'unsupported', hint: 'registry.read-only' }],
    ['writing blob: initiating layer upload to /v2/t/p/blobs/uploads/ in 127.0.0.1:15003: unsupported', {}, { code: 'unsupported', hint: 'registry.read-only' }],
    ['Get "https://reg.example:5000/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority', {}, { code: 'registry.unreachable', hint: 'registry.unknown-ca', params: { path: '/etc/docker/certs.d/reg.example:5000/ca.crt' } }],
    ['Get "https://reg.example:5000/v2/": x509: certificate is valid for other.example, not reg.example', {}, { code: 'registry.unreachable', hint: 'registry.certificate' }],
    ['Get "https://reg.example:5000/v2/": http: server gave HTTP response to HTTPS client', {}, { code: 'registry.unreachable', hint: 'registry.plain-http', params: { path: '/etc/docker/daemon.json' } }],
    ['dial tcp 127.0.0.1:1: connect: connection refused', {}, { code: 'registry.unreachable', hint: undefined }],
    ['An image does not exist locally with the tag: reg.example:5000/team/web', {}, { code: 'image-not-found', hint: 'registry.not-on-engine' }],
    ['unknown blob', {}, { code: 'internal' }],
  ])('%s %j', (text, more, expected) => expect(pushed(text, more)).toMatchObject(expected))

  it('is told for logins too, with the registry that was asked', () => {
    const failed = errorFromStatus(500, '{"message":"Get \\"https://10.99.0.1:1/v2/\\": tls: failed to verify certificate: x509: certificate signed by unknown authority"}', { registry: true, registryHost: '10.99.0.1:1' })
    expect(explainTrust(failed, engine)).toMatchObject({ params: { registry: '10.99.0.1:1', path: '/etc/docker/certs.d/10.99.0.1:1/ca.crt' } })
    expect(errorFromStatus(500, 'login attempt to https://index.docker.io/v1/ failed with status: 401 Unauthorized', { registry: true, registryHost: 'https://index.docker.io/v1/' })).toMatchObject({ code: 'unauthorized', params: { registry: 'docker.io' } })
    expect(errorFromStatus(500, 'login attempt to r failed with status: logging into "r": invalid username/password', { registry: true, registryHost: 'r.io' })).toMatchObject({ code: 'unauthorized' })
  })
})

it.each([
  [{ version: { product: 'Podman Engine', rootless: false }, home: '/h' }, '/etc/containers/certs.d/r.io/ca.crt', '/etc/containers/registries.conf'],
  [{ version: { product: 'Podman Engine', rootless: true }, home: '/h' }, '/h/.config/containers/certs.d/r.io/ca.crt', '/h/.config/containers/registries.conf'],
  [{ version: { product: 'Moby', rootless: true }, home: '/h' }, '/h/.config/docker/certs.d/r.io/ca.crt', '/h/.config/docker/daemon.json'],
  [{ version: { product: 'Moby', rootless: false }, home: '/h', embedded: '/s/engine' }, '/etc/docker/certs.d/r.io/ca.crt', '/s/engine/daemon.json'],
])('places of trust: %j', (facts, caPath, configPath) => expect(trustPlace(facts, 'r.io')).toEqual({ caPath, configPath }))

describe('tickets', () => {
  it('are good once', () => {
    const tickets = createTickets()
    const ticket = tickets.hold('s3cret')
    expect(ticket).not.toContain('s3cret')
    expect(tickets.redeem(ticket)).toBe('s3cret')
    expect(() => tickets.redeem(ticket)).toThrow(expect.objectContaining({ hint: 'registry.type-again' }))
  })
  it('are bounded, and void at the end', () => {
    const tickets = createTickets()
    const all = Array.from({ length: 20 }, (_, n) => tickets.hold(`s${n}`))
    expect(() => tickets.redeem(all[0] ?? '')).toThrow()
    expect(tickets.redeem(all[19] ?? '')).toBe('s19')
    tickets.close()
    expect(() => tickets.redeem(all[18] ?? '')).toThrow()
  })
})
