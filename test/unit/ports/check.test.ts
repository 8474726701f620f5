import { describe, expect, it, vi } from 'vitest'
import { checkPort, findFreePort } from '../../../engine/ports/check.ts'
import type { BindAnswer, HostPorts } from '../../../engine/ports/host-ports.ts'
import { row } from '../../support/rows.ts'

/** A machine on which `taken` ports are held by pid 7. */
function machine(taken: readonly number[], otherwise: BindAnswer = 'free'): HostPorts {
  return {
    tryBind: async ({ hostPort }) => (taken.includes(hostPort) ? 'taken' : otherwise),
    listeners: async ({ hostPort }) => (taken.includes(hostPort) ? [{ protocol: 'tcp', ip: '0.0.0.0', port: hostPort, inode: 1, uid: 0 }] : []),
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

describe('checkPort of a range', () => {
  const range = (hostPort: number, lastPort: number, anyOne = false) => ({ ...ask(hostPort), lastPort, anyOne })
  it('names the first that is taken, and where as many are free in a row', async () => {
    const check = await checkPort(range(8080, 8082), { rows: [], host: machine([8081, 8084, 8085]) }, signal)
    expect(check).toMatchObject({ free: false, port: 8081, holder: { name: 'nginx' }, nearestFree: 8086 })
    expect(await checkPort(range(8080, 8082), { rows: [], host: machine([8083]) }, signal)).toEqual({ free: true })
  })
  it('is content with one free port where the engine chooses one', async () => {
    expect(await checkPort(range(8080, 8082, true), { rows: [], host: machine([8080, 8082]) }, signal)).toEqual({ free: true })
    const check = await checkPort(range(8080, 8082, true), { rows: [], host: machine([8080, 8081, 8082, 8083]) }, signal)
    expect(check).toMatchObject({ free: false, port: 8080, nearestFree: 8084 })
  })
  it('looks at no more than a hundred', async () => {
    const host = { ...machine([]), tryBind: vi.fn(async () => 'free' as const) }
    await checkPort(range(1_000, 60_000), { rows: [], host }, signal)
    expect(host.tryBind).toHaveBeenCalledTimes(100)
  })
})

describe('checkPort of a process', () => {
  const inside = (containerId: string): HostPorts => ({ ...machine([8080]), processOf: async () => ({ kind: 'process', pid: 7, name: 'nginx', containerId }) })
  it("is that of a container in the host's network when it runs in one we know", async () => {
    const check = await checkPort(ask(8080), { rows: [row({ id: 'a'.repeat(64), name: 'edge' })], host: inside('a'.repeat(64)) }, signal)
    expect(check.holder).toEqual({ kind: 'container', containerId: 'a'.repeat(64), name: 'edge', pid: 7 })
  })
  it('stays a process when nobody knows its container', async () => {
    expect((await checkPort(ask(8080), { rows: [], host: inside('b'.repeat(64)) }, signal)).holder).toEqual({ kind: 'process', pid: 7, name: 'nginx' })
  })
})
