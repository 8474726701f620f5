import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hostOf, keysOf, parseRegistry, serverAddress } from '../../../engine/registries/address.ts'

describe('addresses of registries', () => {
  it.each([
    ['', 'docker.io'],
    ['docker.io', 'docker.io'],
    ['https://index.docker.io/v1/', 'docker.io'],
    ['registry-1.docker.io', 'docker.io'],
    ['hub.docker.com', 'docker.io'],
    ['ghcr.io', 'ghcr.io'],
    [' https://GHCR.io/ ', 'ghcr.io'],
    ['registry.example.com:5000/team/app', 'registry.example.com:5000'],
    ['http://127.0.0.1:5000/v2/', '127.0.0.1:5000'],
    ['localhost', 'localhost'],
    ['localhost:5000', 'localhost:5000'],
    ['[::1]:5000', '[::1]:5000'],
  ])('%j is %s', (typed, registry) => expect(parseRegistry(typed)).toBe(registry))

  it.each([
    ['my registry.io', 'registry.address'],
    ['user:password@registry.io', 'registry.address'],
    ['-bad.io', 'registry.address'],
    ['host.io:0', 'registry.address'],
    ['host.io:70000', 'registry.address'],
    ['ftp://host.io', 'registry.address'],
    ['myregistry', 'registry.no-domain'],
  ])('%j is refused: %s', (typed, hint) => {
    expect(() => parseRegistry(typed)).toThrow(expect.objectContaining({ code: 'invalid-request', hint }))
  })

  it('sends the Hub under its legacy address and finds every key it may be kept under', () => {
    expect(serverAddress('docker.io')).toBe('https://index.docker.io/v1/')
    expect(serverAddress('ghcr.io')).toBe('ghcr.io')
    for (const registry of ['docker.io', 'ghcr.io', '127.0.0.1:5000']) {
      for (const key of keysOf(registry)) expect(hostOf(key)).toBe(registry)
    }
  })

  it('is stable: what it gives, it takes', () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/)
    fc.assert(
      fc.property(fc.array(label, { minLength: 2, maxLength: 4 }), fc.option(fc.integer({ min: 1, max: 65_535 })), (labels, port) => {
        const host = labels.join('.') + (port === null ? '' : `:${port}`)
        const once = parseRegistry(`https://${host.toUpperCase()}/v2/`)
        expect(parseRegistry(once)).toBe(once)
        expect(parseRegistry(serverAddress(once))).toBe(once)
      }),
      { seed: 3 },
    )
  })
})
