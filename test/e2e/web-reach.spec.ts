/**
 * Nothing of Naru is to be reached from inside a container (the kind of CVE-2025-9074): the web shell and the embedded
 * engine run, every address they listen at is read from the kernel, and containers of every kind of network try each at
 * every address they could know.
 */
import { networkInterfaces } from 'node:os'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { nativePaths } from '../../engine/providers/native/paths.ts'
import { inEngineNet } from '../../engine/providers/native/network.ts'
import { bundleEnv } from '../../engine/providers/native/tools.ts'
import { exec } from '../../engine/system/exec.ts'
import { listenersOf, processesOf } from '../support/listeners.ts'
import { LOOK_FOR_SOCKETS, nodeMounts, outcomes, probeInContainer } from '../support/reach.ts'
import type { Target } from '../support/reach.ts'
import { freePort } from '../support/registry.ts'
import { CACHE } from './support/environment.ts'
import type { World } from './support/environment.ts'
import { askEngine, engineSocket, whyNoEngine } from './support/engine.ts'
import { expect, test } from './support/naru.ts'
import { startWebProcess } from './support/shells.ts'

test.use({ worldOptions: { engine: 'native' } })
test.skip(whyNoEngine() !== null, whyNoEngine() ?? '')

const IMAGE = 'naru/welcome:latest'
const BUNDLE = join(CACHE, 'engine')

const NETWORKS: Readonly<Record<string, readonly string[]>> = {
  bridge: ['--add-host', 'host.docker.internal:host-gateway'],
  'of its own': ['--network', 'own', '--add-host', 'host.docker.internal:host-gateway'],
  'with IPv6': ['--network', 'six', '--add-host', 'host.docker.internal:host-gateway'],
  host: ['--network', 'host', '--add-host', 'host.docker.internal:host-gateway'],
}

/** Addresses a container could try: the machine's, the engine's, those every machine has, and what it is told itself. */
async function addresses(world: World, docker: (...args: string[]) => Promise<string>): Promise<readonly string[]> {
  const machine = Object.entries(networkInterfaces()).flatMap(([name, all]) => (all ?? []).flatMap(({ address }) => (address.startsWith('fe80') ? [`${address}%eth0`, `${address}%uplink`, ...(name === 'lo' ? [address] : [])] : [address])))
  const [file, args] = inEngineNet(nativePaths(join(world.home, 'engine')), join(BUNDLE, 'iptables/ip'), ['-o', 'addr'])
  const engine = [...(await exec(file, args, { env: bundleEnv(BUNDLE) })).stdout.matchAll(/inet6? ([\da-f.:]+)/g)].flatMap(([, address = '']) => (address.startsWith('fe80') ? [`${address}%eth0`, `${address}%uplink`] : [address]))
  const gateways = (await docker('network', 'inspect', 'bridge', 'own', 'six', '--format', '{{range .IPAM.Config}}{{.Gateway}} {{end}}')).split(/\s+/).filter(Boolean)
  return [...new Set([...machine, ...engine, ...gateways, '127.0.0.1', '::1', '0.0.0.0', '169.254.169.254', 'host.docker.internal', 'fe80::1%eth0', 'ff02::1%eth0'])]
}

test('nothing of Naru is reached from inside a container, at no address it listens at', async ({ world }) => {
  test.setTimeout(180_000)
  const web = await startWebProcess(world)
  const machine = createServer((_call, answer) => answer.end('of this machine'))
  await once(machine.listen(0, '0.0.0.0'), 'listening')
  const control = (machine.address() as AddressInfo).port
  const docker = async (...args: string[]): Promise<string> =>
    (await exec(join(BUNDLE, 'bin/docker'), ['-H', `unix://${engineSocket(world)}`, ...args], { env: { ...bundleEnv(BUNDLE), DOCKER_CONFIG: join(world.home, 'cli') }, timeoutMs: 90_000 })).stdout.trim()
  try {
    await expect.poll(() => askEngine<unknown>(engineSocket(world), `/images/${IMAGE}/json`).then(() => 'there', () => ''), { timeout: 60_000 }).toBe('there')
    await docker('network', 'create', 'own')
    await docker('network', 'create', '--ipv6', '--subnet', 'fd00:6e61::/64', 'six')
    const published = await freePort()
    await docker('run', '-d', '--name', 'web', '--network', 'own', '-p', `127.0.0.1:${published}:80`, IMAGE)
    const listeners = await listenersOf(await processesOf(world.home))
    // Beside the web shell: the port that was asked for, and the resolver of names that the engine puts into a container.
    const heard = listeners.filter(({ kind }) => kind !== 'unix').map(({ program, kind, at }) => `${program} ${kind} ${at.replace(/(127\.0\.0\.11):\d+$/, '$1')}`)
    expect([...new Set(heard)].sort()).toEqual([`docker-proxy tcp 127.0.0.1:${published}`, 'dockerd tcp 127.0.0.11', 'dockerd udp 127.0.0.11', `node tcp ${new URL(web.origin).host}`])
    const paths = listeners.filter(({ kind }) => kind === 'unix').map(({ at }) => at)
    expect(paths).toContain(engineSocket(world))
    expect(paths.filter((path) => !path.startsWith(`${world.home}/`) && !path.startsWith('/run/containerd/s/'))).toEqual([])

    const ports = [...new Set(listeners.flatMap(({ port }) => port ?? []))]
    const tried = (await addresses(world, docker)).flatMap((host) => ports.map((port) => ({ host, port })))
    // What listens for everybody on this machine is reached, as with Docker: the way is there, and the program that tries works.
    const targets: readonly Target[] = [...tried, { host: 'host.docker.internal', port: control }]
    for (const [name, options] of Object.entries(NETWORKS)) {
      const said = outcomes(await docker('run', '--rm', ...options, ...nodeMounts(), IMAGE, ...probeInContainer(targets)))
      const open = targets.filter((_, n) => said[n] === 'open').map(({ host, port }) => `${host} ${port}`)
      expect.soft(open, `reached from a container in the network “${name}”`).toEqual([`host.docker.internal ${control}`])
      expect.soft(await docker('run', '--rm', ...options, IMAGE, 'sh', '-c', LOOK_FOR_SOCKETS), `sockets in a container in the network “${name}”`).toBe('')
    }
  } finally {
    await web.stop()
    machine.close()
  }
})
