import { describe, expect, it } from 'vitest'
import { slotAt } from '../../../engine/providers/native/addresses.ts'
import { commonArguments, containerdConfig, daemonArguments, daemonEnv } from '../../../engine/providers/native/daemon.ts'
import { daemonVersion } from '../../../engine/providers/native/manifest.ts'
import { parseMountPoints } from '../../../engine/providers/native/mounts.ts'
import { nativePaths } from '../../../engine/providers/native/paths.ts'
import { hasCapabilities, freeSubordinates, hasSubordinateIds } from '../../../engine/providers/native/preflight.ts'
import { createNativeProvider } from '../../../engine/providers/native/native-provider.ts'
import { nameServers, planFor } from '../../../engine/providers/native/resolver.ts'

const paths = nativePaths('/home/someone/.local/share/naru/engine', '/run')
const daemon = (version: readonly [number, number], containerServers: readonly string[] = []) =>
  daemonArguments({ paths, bundleFolder: '/opt/My Naru/engine', slot: slotAt(0), version, containerServers })

describe('paths', () => {
  it('keeps sockets inside the state folder, or short when that is long', () => {
    expect(paths.socket).toBe('/home/someone/.local/share/naru/engine/run/docker.sock')
    const long = nativePaths(`/home/${'x'.repeat(90)}/naru`, '/run')
    expect(long.run).toMatch(/^\/run\/naru-[0-9a-f]{8}$/)
    for (const each of [paths, long]) {
      expect(Buffer.byteLength(`${each.containerdSocket}.ttrpc`)).toBeLessThanOrEqual(107)
      expect(each.hostLink.length).toBeLessThanOrEqual(15)
    }
  })
  it('gives every state folder its own names', () => {
    expect(nativePaths('/a', '/run').tag).not.toBe(nativePaths('/b', '/run').tag)
  })
})

describe('daemon', () => {
  it('always restores, always rotates, never shares', () => {
    const args = daemon([28, 5])
    expect(args).toContain('--live-restore')
    expect(args).toContain('--log-opt=max-size=10m')
    expect(args).toContain('--log-opt=max-file=3')
    expect(args).toContain(`--containerd=${paths.containerdSocket}`)
    expect(args).toContain('--userland-proxy-path=/opt/My Naru/engine/bin/naru-proxy')
    expect(args.some((arg) => arg.startsWith('--bridge'))).toBe(false)
  })
  it('asks for direct routing only where it exists', () => {
    expect(daemon([28, 2])).toContain('--allow-direct-routing')
    expect(daemon([28, 1])).not.toContain('--allow-direct-routing')
    expect(daemon([20, 10])).not.toContain('--allow-direct-routing')
    expect(daemonVersion({ stamp: '', versions: { 'bin/dockerd': 'Docker version 28.5.2+dfsg4, build x' } })).toEqual([28, 5])
    expect(daemonVersion({ stamp: '', versions: {} })).toEqual([0, 0])
  })
  it('passes proxies on and little else', () => {
    const env = daemonEnv(paths, { PATH: '/e/bin' }, { HTTPS_PROXY: 'http://127.0.0.1:3128', DOCKER_HOST: 'x', SECRET: 'y', HOME: '/root' })
    expect(env).toMatchObject({ HTTPS_PROXY: 'http://127.0.0.1:3128', PATH: '/e/bin', HOME: '/root', NARU_HOST_NET: paths.hostNet })
    expect(env).not.toHaveProperty('DOCKER_HOST')
    expect(env).not.toHaveProperty('SECRET')
  })
  it('listens on its socket and on no network, whatever else it is told', () => {
    for (const args of [daemon([28, 5], ['192.0.2.53']), daemon([20, 10]), commonArguments(paths)]) {
      expect(args.filter((arg) => /^(?:-H|--host)(?:=|$)/.test(arg))).toEqual([`--host=unix://${paths.socket}`])
      expect(args.join(' ')).not.toMatch(/tcp:|--metrics-addr|--tls|--debug/)
    }
    expect(containerdConfig(paths).match(/address = .*/g)).toEqual([`address = "${paths.containerdSocket}"`])
    expect(containerdConfig(paths)).not.toMatch(/tcp|metrics/)
  })
  it('quotes folders in the configuration', () => {
    expect(containerdConfig(nativePaths('/a "b"', '/run'))).toContain('root = "/a \\"b\\"/data/containerd/daemon"')
  })
})

describe('name resolution', () => {
  it('carries a loopback resolver over, and only then gives containers another', () => {
    expect(planFor('nameserver 192.0.2.53\n', '10.213.1.1')).toEqual({ containerServers: [] })
    expect(planFor('# x\nnameserver 127.0.0.53\noptions edns0\n', '10.213.1.1')).toEqual({ stubResolver: '127.0.0.53', containerServers: ['10.213.1.1'] })
    expect(planFor('nameserver 127.0.0.1\nnameserver 192.0.2.53\n', 'h')).toEqual({ stubResolver: '127.0.0.1', containerServers: [] })
    expect(nameServers('nameserver\tfe80::1\n;nameserver 1.1.1.1\n')).toEqual(['fe80::1'])
  })
})

describe('mounts', () => {
  it('reads mount points with spaces', () => {
    const text = '36 35 98:0 / /a\\040b rw - ext4 /dev/x rw\n37 36 0:3 net:[4026] /a\\040b/run/engine.net rw - nsfs nsfs rw\n\n'
    expect(parseMountPoints(text)).toEqual(['/a b', '/a b/run/engine.net'])
  })
})

describe('what is missing is named', () => {
  it('reads capabilities and subordinate numbers', () => {
    expect(hasCapabilities('CapEff:\t000001ffffffffff\n', [12n, 21n])).toBe(true)
    expect(hasCapabilities('CapEff:\t00000000a80425fb\n', [12n, 21n])).toBe(false)
    expect(hasCapabilities('', [12n])).toBe(false)
    expect(hasSubordinateIds('me:100000:65536\n', 'me', 1000)).toBe(true)
    expect(hasSubordinateIds('1000:100000:65536\n', 'me', 1000)).toBe(true)
    expect(hasSubordinateIds('me:100000:10\nother:1:65536\n', 'me', 1000)).toBe(false)
  })

  it('offers numbers that nobody has', () => {
    expect(freeSubordinates(['', ''])).toBe(100_000)
    // Two accounts with the same numbers would own each other's containers.
    expect(freeSubordinates(['ana:100000:65536\nben:231072:65536\n', 'ana:100000:65536\n'])).toBe(296_608)
    expect(freeSubordinates(['# none\nbroken:line\n', 'ana:1000000:65536\n'])).toBe(1_065_536)
  })
  it('tells of a missing bundle with the command that makes it', async () => {
    const provider = createNativeProvider({ stateFolder: '/nonexistent/naru', bundleFolder: '/nonexistent/engine', log: () => undefined })
    expect(provider).toMatchObject({ id: 'native', kind: 'native', managed: true, origin: 'embedded' })
    expect(await provider.detect(AbortSignal.timeout(5_000))).toMatchObject({
      state: 'absent',
      error: { code: 'provider.absent', hint: process.platform === 'linux' ? 'bundle-missing' : 'not-linux' },
    })
  })
})
