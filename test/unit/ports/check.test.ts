import { describe, expect, it, vi } from 'vitest'
import { checkPort, findFreePort } from '../../../engine/ports/check.ts'
import type { BindAnswer, HostPorts } from '../../../engine/ports/host-ports.ts'
import { addressesOverlap } from '../../../engine/ports/overlap.ts'
import { row } from '../../support/rows.ts'

/** A machine on which `taken` ports are held by pid 7. */
function machine(taken: readonly number[], otherwise: BindAnswer = 'free'): HostPorts {
  return {
    tryBind: async ({ hostPort }) => (taken.includes(hostPort) ? 'taken' : otherwise),
    listeners: async ({ hostPort }) => (taken.includes(hostPort) ? [{ ip: '0.0.0.0', port: hostPort, inode: 1 }] : []),
    processOf: async () => ({ kind: 'process', pid: 7, name: 'nginx' }),
  }
}

const ask = (hostPort: number, hostIp = '') => ({ hostIp, hostPort, protocol: 'tcp' }) as const
const { signal } = new AbortController()
const web = row({ ports: [{ containerPort: 80, protocol: 'tcp', hostIp: '127.0.0.1', hostPort: 8080 }] })

describe('checkPort', () => {
  it('is free when nobody holds it', async () => {
    expect(await checkPort(ask(8080), { rows: [], host: machine([]) }, signal)).toEqual({ free: true })
  })
  it('names the container even when the host sees no listener, and the next port that is free', async () => {
    expect(await checkPort(ask(8080), { rows: [web], host: machine([8081]) }, signal)).toEqual({
      free: false,
      holder: { kind: 'container', containerId: web.id, name: 'web' },
      nearestFree: 8082,
    })
  })
  it('does not count a stopped container, another address or another protocol', async () => {
    const stopped = { ...web, state: 'exited' as const }
    expect(await checkPort(ask(8080), { rows: [stopped], host: machine([]) }, signal)).toEqual({ free: true })
    expect(await checkPort(ask(8080, '127.0.0.2'), { rows: [web], host: machine([]) }, signal)).toEqual({ free: true })
    expect(await checkPort({ ...ask(8080), protocol: 'udp' }, { rows: [web], host: machine([]) }, signal)).toEqual({ free: true })
  })
  it('names a process of the host', async () => {
    expect(await checkPort(ask(80), { rows: [], host: machine([80]) }, signal)).toMatchObject({
      free: false,
      holder: { kind: 'process', pid: 7, name: 'nginx' },
      nearestFree: 81,
    })
  })
  it("maps another engine's proxy back to its container", async () => {
    const check = await checkPort(ask(8080), { rows: [], otherRows: [web], host: machine([8080]) }, signal)
    expect(check.holder).toMatchObject({ kind: 'container', name: 'web' })
  })
  it('says that rootless engines get no low ports, and offers one they get', async () => {
    expect(await checkPort(ask(80), { rows: [], rootless: true, host: machine([]) }, signal)).toEqual({
      free: true,
      privileged: true,
      nearestFree: 1_024,
    })
  })
  it('takes a port it may not try as free unless someone is seen listening', async () => {
    expect(await checkPort(ask(80), { rows: [], host: machine([], 'unknown') }, signal)).toEqual({ free: true })
  })
  it('refuses an address of another machine', async () => {
    const away = checkPort(ask(80, '192.0.2.1'), { rows: [], host: machine([], 'not-here') }, signal)
    await expect(away).rejects.toMatchObject({ code: 'invalid-request', hint: 'port.ip-not-here' })
  })
  it('asks nobody about what is no address: binding it would look the name up', async () => {
    const host = { ...machine([]), tryBind: vi.fn(async () => 'free' as const) }
    for (const text of ['192.168.', 'example.test', '[::1]', '1.2.3.4 ']) {
      await expect(checkPort(ask(80, text), { rows: [], host }, signal)).rejects.toMatchObject({ code: 'invalid-request', hint: 'port.ip' })
    }
    expect(host.tryBind).not.toHaveBeenCalled()
  })
  it('offers nothing when the end of the range is reached', async () => {
    expect(await findFreePort(ask(65_535), { rows: [], host: machine([65_535]) }, signal)).toBeUndefined()
  })
})

describe('addressesOverlap', () => {
  it.each([
    ['', '10.0.0.1', true],
    ['0.0.0.0', '10.0.0.1', true],
    ['::', '10.0.0.1', true],
    ['0.0.0.0', '::1', false],
    ['127.0.0.1', '10.0.0.1', false],
    ['::1', '::1', true],
  ])('%j and %j: %s', (a, b, expected) => {
    expect(addressesOverlap(a, b)).toBe(expected)
    expect(addressesOverlap(b, a)).toBe(expected)
  })
})
