import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import type { PortSpec } from '../../../engine/contract/models.ts'
import { formatPorts, formatPortSpec, parsePortSpecs } from '../../../engine/ports/spec.ts'
import golden from '../../fixtures/docker-cli.json'

/** The shape the CLI sends, from ours. */
function bindings(specs: readonly PortSpec[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const result: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const { containerPort, protocol, hostIp, hostPort } of specs) {
    ;(result[`${containerPort}/${protocol}`] ??= []).push({ HostIp: hostIp, HostPort: hostPort })
  }
  return result
}

describe('-p as the docker CLI reads it', () => {
  for (const { spec, bindings: expected } of golden.ports) {
    if (expected === undefined) {
      test(`refuses ${JSON.stringify(spec)}`, () => {
        expect(() => parsePortSpecs([spec])).toThrow(expect.objectContaining({ code: 'invalid-request', params: { spec } }))
      })
    } else test(JSON.stringify(spec), () => expect(bindings(parsePortSpecs([spec]))).toEqual(expected))
  }

  test('members are strings, empty when absent', () => {
    expect(parsePortSpecs(['80', '127.0.0.1:8080:80/udp'])).toEqual([
      { containerPort: '80', protocol: 'tcp', hostIp: '', hostPort: '' },
      { containerPort: '80', protocol: 'udp', hostIp: '127.0.0.1', hostPort: '8080' },
    ])
    expect(parsePortSpecs([])).toEqual([])
  })

  test.each([
    ['70000:80', 'port.host-port'],
    ['80:70000', 'port.container-port'],
    ['x:80:80', 'port.ip'],
    ['80/icmp', 'port.protocol'],
    ['1-3:1-2', 'port.ranges'],
    ['8080:', 'port.no-port'],
    ['a=b,c', 'port.long-form'],
  ])('says why it refuses %s', (spec, hint) => {
    expect(() => parsePortSpecs([spec])).toThrow(expect.objectContaining({ hint }))
  })

  test('one written spec reads back as itself', () => {
    const port = fc.integer({ min: 1, max: 65_535 }).map(String)
    const spec = fc.record({
      containerPort: port,
      protocol: fc.constantFrom('tcp' as const, 'udp' as const, 'sctp' as const),
      hostIp: fc.constantFrom('', '127.0.0.1', '0.0.0.0', '::', '::1', '2001:db8::5'),
      hostPort: fc.oneof(fc.constant(''), port),
    })
    fc.assert(
      fc.property(spec, (one) => {
        expect(parsePortSpecs([formatPortSpec(one)])).toEqual([one])
      }),
    )
  })

  test('any text is either read or refused with a NaruError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f.:/=,[\]-]{0,40}$/)), (text) => {
        try {
          for (const one of parsePortSpecs([text])) expect(Number(one.containerPort)).toBeLessThanOrEqual(65_535)
        } catch (error) {
          expect(error).toBeInstanceOf(NaruError)
        }
      }),
    )
  })
})

describe('PORTS as docker ps prints it', () => {
  for (const { ports, text } of golden.psPorts) {
    test(text || '(none)', () => expect(formatPorts(ports)).toBe(text))
  }
  test.each([null, undefined, []])('nothing published: %s', (ports) => expect(formatPorts(ports)).toBe(''))
  test('the list given is left as it was', () => {
    const ports = [{ PrivatePort: 9, Type: 'tcp' }, { PrivatePort: 1, Type: 'tcp' }]
    formatPorts(ports)
    expect(ports.map((port) => port.PrivatePort)).toEqual([9, 1])
  })
})
