/** Who gets where in the network of the embedded engine: every way was tried, those that are open are named as such. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { slotAt } from '../../engine/providers/native/addresses.ts'
import type { Slot } from '../../engine/providers/native/addresses.ts'
import { daemonCgroup } from '../../engine/providers/native/daemon-cgroup.ts'
import { findDaemon } from '../../engine/providers/native/find.ts'
import { ENGINE_LINK } from '../../engine/providers/native/paths.ts'
import { readRecord } from '../../engine/providers/native/record.ts'
import { DAEMON_GROUP } from '../../engine/providers/native/rules.ts'
import { exec } from '../../engine/system/exec.ts'
import { makeNativeHome, prepareNative, WELCOME, WELCOME_IMAGE, whyNoNative } from '../support/native.ts'
import type { NativeHome } from '../support/native.ts'
import { freePort } from '../support/registry.ts'
import { canForge, sendInContainer } from '../support/raw-datagrams.ts'
import type { Datagram } from '../support/raw-datagrams.ts'
import { nodeMounts, outcomes, probeFrom, probeInContainer } from '../support/reach.ts'
import type { Outcome, Target } from '../support/reach.ts'

const MINUTE = 60_000

describe.skipIf(whyNoNative() !== null).each(['newest', 'bookworm'] as const)('network of the embedded engine (%s)', (which) => {
  let home: NativeHome
  let slot: Slot
  let loopback: Held
  let everywhere: Held

  beforeAll(async () => {
    home = await makeNativeHome(await prepareNative(which))
    await home.start()
    await home.docker('load', '-i', WELCOME)
    slot = slotAt((await readRecord(home.paths))?.slot ?? -1)
    loopback = await hold('127.0.0.1')
    everywhere = await hold('0.0.0.0')
  }, 300_000)
  afterAll(async () => {
    await Promise.all([loopback?.close(), everywhere?.close()])
    await home?.destroy()
  }, MINUTE)

  /** Tries targets from a container of its own. */
  const from = async (options: readonly string[], targets: readonly Target[]): Promise<readonly Outcome[]> =>
    outcomes(await home.docker('run', '--rm', ...options, ...nodeMounts(), WELCOME_IMAGE, ...probeInContainer(targets)))

  it('leads the daemon to the machine’s loopback, and no container in host networking by any plain socket', async () => {
    const there = { host: slot.hostAddress, port: loopback.port }
    const targets: readonly Target[] = [
      { host: '127.0.0.1', port: loopback.port },
      { host: '127.9.9.9', port: loopback.port },
      there,
      { ...there, from: slot.loopbackSource },
      { ...there, from: '127.0.0.1' },
      { ...there, from: slot.hostAddress },
      { host: '127.0.0.1', port: loopback.port, from: slot.loopbackSource },
      // That the way there is open at all, and what listens for everybody is heard.
      { host: slot.hostAddress, port: everywhere.port },
    ]
    for (const options of [[], ['--group-add', String(DAEMON_GROUP)], ['--user', `0:${DAEMON_GROUP}`]]) {
      const said = await from(['--network', 'host', ...options], targets)
      expect([...said.slice(0, -1).map((each) => each === 'open'), said.at(-1)], options.join(' ')).toEqual([...targets.slice(1).map(() => false), 'open'])
    }
    expect(loopback.heard).toBe(0)
    await expect(home.docker('pull', `localhost:${loopback.port}/team/thing:1`)).rejects.toMatchObject({ code: 'internal' })
    expect(loopback.heard).toBeGreaterThan(0)
  }, 2 * MINUTE)

  it('takes a daemon that runs already into its control group', async () => {
    const group = await daemonCgroup(home.paths)
    if (group === null) return console.log('skipped: the daemon has no control group here (none of the second version)')
    const daemon = await findDaemon(home.paths)
    const members = async () => (await readFile(join(group, 'cgroup.procs'), 'utf8')).trim().split('\n')
    expect(await members()).toContain(String(daemon?.pid))
    // As an engine of an older Naru is found.
    await writeFile(join(dirname(group), 'cgroup.procs'), String(daemon?.pid))
    expect(await members()).not.toContain(String(daemon?.pid))
    expect((await home.start()).adopted).toBe(true)
    expect(await members()).toContain(String(daemon?.pid))
  }, MINUTE)

  it('leads nothing with a forged source address out of a container’s own network', async () => {
    const heard = await listenForDatagrams()
    const [bridge = ''] = slot.bridge.split('/')
    const taken = [slot.loopbackSource, slot.hostAddress, slot.engineAddress, '127.0.0.1']
    const targets = taken.slice(0, 1).map((address) => ({ host: slot.hostAddress, port: loopback.port, from: address }))
    const before = loopback.heard
    const take = `ip addr add ${slot.loopbackSource}/32 dev eth0; exec "$@"`
    const said = await home.docker('run', '--rm', '--cap-add', 'NET_ADMIN', ...nodeMounts(), WELCOME_IMAGE, 'sh', '-c', take, 'sh', ...probeInContainer(targets))
    expect(outcomes(said)).toEqual(['silent'])
    expect(loopback.heard).toBe(before)
    if (!canForge) return console.log('skipped: forged datagrams are not tried here (no Perl)')
    const { address } = JSON.parse(await home.docker('run', '--rm', WELCOME_IMAGE, 'sh', '-c', `ip -4 addr show eth0 | awk '/inet/ {split($2, a, "/"); print "{\\"address\\":\\"" a[1] "\\"}"}'`)) as { address: string }
    const to = slot.hostAddress
    const ways = ['ip', 'link'] as const
    const datagrams: readonly Datagram[] = [
      { how: 'plain', to, port: heard.everywhere, text: 'first' },
      { how: 'plain', to: bridge, port: 1, text: 'asks for the hardware address' },
      ...ways.map((how) => ({ how, from: address, to, port: heard.everywhere, text: `honest ${how}` })),
      ...taken.flatMap((forged) => ways.map((how) => ({ how, from: forged, to, port: heard.loopback, text: `forged ${how} ${forged}` }))),
      ...ways.map((how) => ({ how, from: address, to: '127.0.0.1', port: heard.loopback, text: `straight to loopback ${how}` })),
      { how: 'plain', to, port: heard.everywhere, text: 'last' },
    ]
    await home.docker('run', '--rm', ...nodeMounts(), WELCOME_IMAGE, ...sendInContainer('eth0', bridge, datagrams))
    await expect.poll(heard.all, { timeout: 10_000 }).toContain('last')
    // Those of an honest source prove that such packets arrive at all.
    expect(heard.all()).toEqual(['first', 'honest ip', 'honest link', 'last'])
    heard.close()
  }, 2 * MINUTE)

  it('is open to a container in host networking that writes packets of its own onto the link, as the threat model says', async () => {
    if (!canForge) return console.log('skipped: forged datagrams are not tried here (no Perl)')
    const heard = await listenForDatagrams()
    const to = slot.hostAddress
    const forged = (how: 'ip' | 'link'): Datagram => ({ how, from: slot.loopbackSource, to, port: heard.loopback, text: how })
    const datagrams: readonly Datagram[] = [
      { how: 'plain', to, port: heard.everywhere, text: 'first' },
      forged('ip'),
      forged('link'),
      { how: 'plain', to, port: heard.everywhere, text: 'last' },
    ]
    await home.docker('run', '--rm', '--network', 'host', ...nodeMounts(), WELCOME_IMAGE, ...sendInContainer(ENGINE_LINK, to, datagrams))
    await expect.poll(heard.all, { timeout: 10_000 }).toContain('last')
    expect(heard.all()).toEqual(['first', 'link', 'last'])
    heard.close()
  }, MINUTE)

  it('lets nobody on another machine reach a container but by a port published to everybody', async () => {
    const machine = await makeNeighbour(home, slot)
    try {
      const serve = ['httpd', '-f', '-p', '80', '-h', '/']
      await home.docker('run', '-d', '--name', 'inside', WELCOME_IMAGE, ...serve)
      await home.docker('run', '-d', '--name', 'shared', '--network', 'host', WELCOME_IMAGE, 'httpd', '-f', '-p', '8088', '-h', '/')
      const [all, own] = [await freePort(), await freePort()]
      await home.docker('run', '-d', '--name', 'published', '-p', `${all}:80`, '-p', `127.0.0.1:${own}:80`, WELCOME_IMAGE, ...serve)
      const addressOf = (name: string) => home.docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', name)
      const targets: readonly Target[] = [
        { host: await addressOf('inside'), port: 80 },
        { host: await addressOf('published'), port: 80 },
        { host: slot.engineAddress, port: 8088 },
        { host: slot.loopbackSource, port: 8088 },
        { host: machine.gateway, port: own },
        { host: slot.hostAddress, port: own },
        { host: slot.hostAddress, port: loopback.port },
        { host: machine.gateway, port: loopback.port },
        { host: machine.gateway, port: all },
      ]
      // From here all containers answer: what the other machine does not reach is kept from it.
      await expect.poll(() => probeFrom(process.pid, targets.slice(0, 3)), { timeout: 10_000 }).toEqual(['open', 'open', 'open'])
      const said = await probeFrom(machine.pid, targets)
      expect([...said.slice(0, -1).map((each) => each === 'open'), said.at(-1)]).toEqual([...targets.slice(1).map(() => false), 'open'])
    } finally {
      await machine.close()
      await home.docker('rm', '-f', 'inside', 'shared', 'published')
    }
  }, MINUTE)
})

/** Another machine on a network of this one: a namespace behind a link, with a route to the engine's addresses. */
async function makeNeighbour({ paths }: NativeHome, slot: Slot): Promise<{ readonly pid: number; readonly gateway: string; readonly close: () => Promise<void> }> {
  const holder: ChildProcess = spawn('unshare', ['--net', 'sh', '-c', 'echo there; exec sleep 600'], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(holder.stdout ?? holder, 'data', { signal: AbortSignal.timeout(20_000) })
  const pid = holder.pid ?? 0
  const link = `nb${paths.tag.slice(-8)}`
  // TEST-NET-2 (RFC 5737): nobody's.
  const [gateway, other] = ['198.51.100.1', '198.51.100.2']
  const ip = (...args: string[]) => exec('ip', args)
  const inside = (...args: string[]) => exec('nsenter', [`--net=/proc/${pid}/ns/net`, 'ip', ...args])
  await ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid))
  await ip('addr', 'add', `${gateway}/30`, 'dev', link)
  await ip('link', 'set', link, 'up')
  await inside('addr', 'add', `${other}/30`, 'dev', 'eth0')
  await inside('link', 'set', 'eth0', 'up')
  await inside('route', 'add', slot.network, 'via', gateway)
  return {
    pid,
    gateway,
    async close() {
      const gone = once(holder, 'exit')
      holder.kill('SIGKILL')
      await gone
      // It goes with its namespace, a moment later.
      await ip('link', 'delete', link).catch(() => undefined)
    },
  }
}

/** What arrives at a port for everybody and at one of loopback alone, in the order it did. */
async function listenForDatagrams(): Promise<{ readonly everywhere: number; readonly loopback: number; readonly all: () => readonly string[]; readonly close: () => void }> {
  const said: string[] = []
  const open = async (address: string) => {
    const socket = createSocket('udp4').on('message', (datagram) => said.push(datagram.toString()))
    await once(socket.bind(0, address), 'listening')
    return socket
  }
  const [everywhere, loopback] = [await open('0.0.0.0'), await open('127.0.0.1')]
  return {
    everywhere: everywhere.address().port,
    loopback: loopback.address().port,
    all: () => [...said],
    close: () => [everywhere, loopback].forEach((socket) => socket.close()),
  }
}

interface Held {
  readonly port: number
  /** Connections so far. */
  readonly heard: number
  readonly close: () => Promise<void>
}

/** A program of this machine that counts who comes. */
async function hold(host: string): Promise<Held> {
  let heard = 0
  const server: Server = createServer((_call, answer) => answer.writeHead(404).end('{}')).on('connection', () => (heard += 1))
  await once(server.listen(0, host), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    get heard() {
      return heard
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
