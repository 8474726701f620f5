import { describe, expect, it } from 'vitest'
import { portLinks, shortLinks, unpublished } from '../../../../renderer/screens/Ports/mapping.ts'

const tcp = 'tcp' as const

describe('portLinks', () => {
  it('joins all IPv4 and all IPv6 addresses to one', () => {
    const links = portLinks([
      { containerPort: 80, protocol: tcp, hostIp: '0.0.0.0', hostPort: 8080 },
      { containerPort: 80, protocol: tcp, hostIp: '::', hostPort: 8080 },
    ])
    expect(links).toHaveLength(1)
    expect(links[0]).toMatchObject({ text: '8080→80', url: 'http://localhost:8080', exposed: true })
  })
  it('keeps a loopback address, guesses https, brackets IPv6', () => {
    const links = portLinks([
      { containerPort: 443, protocol: tcp, hostIp: '127.0.0.1', hostPort: 8443 },
      { containerPort: 80, protocol: tcp, hostIp: '::1', hostPort: 9000 },
    ])
    expect(links.map((link) => link.url)).toEqual(['https://127.0.0.1:8443', 'http://[::1]:9000'])
    expect(links.map((link) => link.text)).toEqual(['127.0.0.1:8443→443', '[::1]:9000→80'])
    expect(links.every((link) => !link.exposed)).toBe(true)
  })
  it('offers no link for what is not TCP', () => {
    expect(portLinks([{ containerPort: 53, protocol: 'udp', hostIp: '0.0.0.0', hostPort: 53 }])[0]).toMatchObject({ text: '53→53/udp', url: '' })
  })
  it('leaves unpublished ports out', () => {
    const ports = [
      { containerPort: 80, protocol: tcp },
      { containerPort: 443, protocol: tcp, hostIp: '0.0.0.0', hostPort: 443 },
      { containerPort: 443, protocol: tcp },
    ]
    expect(portLinks(ports)).toHaveLength(1)
    expect(unpublished(ports)).toEqual([{ containerPort: 80, protocol: tcp }])
  })
})

describe('shortLinks', () => {
  it('leaves out the loopback and all addresses, not a single one', () => {
    const of = (hostIp: string): string | undefined => shortLinks([{ containerPort: 80, protocol: tcp, hostIp, hostPort: 8080 }])[0]?.short
    expect(['127.0.0.1', '::1', '0.0.0.0', '::', ''].map(of)).toEqual(Array.from({ length: 5 }, () => '8080→80'))
    expect(of('192.168.1.5')).toBe('192.168.1.5:8080→80')
  })
  it('is one link for what reads the same: the one most can reach', () => {
    const links = shortLinks(['127.0.0.1', '0.0.0.0', '::1'].map((hostIp) => ({ containerPort: 80, protocol: tcp, hostIp, hostPort: 8080 })))
    expect(links).toHaveLength(1)
    expect(links[0]?.exposed).toBe(true)
  })
})
