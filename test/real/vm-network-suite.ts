/** Ports, folders and isolation of the virtual machine, in the one machine of vm.test.ts. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { EngineHandle } from '../../engine/providers/provider.ts'
import { exec } from '../../engine/system/exec.ts'
import { LOOK_FOR_SOCKETS } from '../support/reach.ts'
import { buildUdpEcho } from '../support/udp-echo.ts'
import type { VmHome } from '../support/vm.ts'

export interface NetworkSuite {
  readonly home: () => VmHome
  readonly handle: () => EngineHandle
  /** Shared for writing, and for reading alone. */
  readonly shared: () => string
  readonly readOnly: () => string
}

const MINUTES = 60_000

/** What a port of this machine serves; the error's code when it does not. */
const pageAt = (port: number, host = '127.0.0.1'): Promise<string> =>
  fetch(`http://${host}:${port}/index.html`, { signal: AbortSignal.timeout(20_000) }).then((answer) => answer.text(), (error: Error & { cause?: { code?: string } }) => error.cause?.code ?? error.name)

/** A program of this machine at a port of its loopback. */
async function hold(port = 0): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((_, response) => response.end('of this machine\n'))
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

const closed = (server: Server): Promise<unknown> => {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(resolve))
}

/** Why the docker CLI failed. */
const refusalOf = (work: Promise<string>): Promise<string> =>
  work.then((said) => expect.fail(`it worked: ${said}`), (error: Error & { detail?: string }) => error.detail ?? error.message)

/** The loopback of this machine, seen from a container. */
const loopback = (home: VmHome, port: number): Promise<string> => {
  const script = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | busybox nc -w 10 10.0.2.2 ${port} 2>/dev/null | busybox grep machine || echo no way`
  return home.docker(['exec', 'late', 'sh', '-c', script])
}

let latePort = 0

/** Before the machine is killed; the container `late` stays, and always comes back. */
export function networkSuite({ home, handle, shared, readOnly }: NetworkSuite): void {
  it('carries datagrams; a port without an address is for this computer alone', async () => {
    const built = await buildUdpEcho(join(readOnly(), 'echo'))
    if (!built) console.log('skipped: datagrams into a container are not tried here (no C compiler)')
    const { server, port } = await hold()
    await closed(server)
    await home().docker(['run', '-d', '--name', 'echo', '-p', `${port}:53/udp`, '-v', `${readOnly()}:/there`, 'bb:1', ...(built ? ['/there/echo'] : ['sleep', '1000'])])
    expect(await home().docker(['port', 'echo'])).toBe(`53/udp -> 127.0.0.1:${port}`)
    const socket = createSocket('udp4')
    // The datagrams of the first moments are lost while its listener is not there yet, as on any network.
    const heard = new Promise<string>((resolve) => socket.once('message', (datagram) => resolve(datagram.toString())))
    const again = setInterval(() => socket.send('there and back', port, '127.0.0.1'), 250)
    if (built) expect(await heard).toBe('there and back')
    clearInterval(again)
    socket.close()
    await home().docker(['rm', '-f', 'echo'])
    // Gone with it: the port can be taken by others.
    await expect.poll(async () => {
      const other = createSocket('udp4')
      const free = new Promise((resolve) => other.once('error', () => resolve(false)).bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(true)))
      return free.finally(() => other.close())
    }, { timeout: MINUTES }).toBe(true)
  }, 4 * MINUTES)

  it('tells a port that is taken here, and opens it when it becomes free', async () => {
    const { server, port } = await hold()
    latePort = port
    const script = 'echo late > /index.html; exec httpd -f -p 80 -h /'
    const id = await home().docker(['run', '-d', '--name', 'late', '--restart', 'always', '-p', `${port}:80`, 'bb:1', 'sh', '-c', script])
    await expect.poll(() => handle().hostPorts?.closed(), { timeout: MINUTES }).toEqual([{ containerId: id, hostIp: '127.0.0.1', hostPort: port, protocol: 'tcp', code: 'EADDRINUSE' }])
    expect(await pageAt(port)).toBe('of this machine\n')
    await closed(server)
    await expect.poll(() => pageAt(port), { timeout: MINUTES }).toBe('late\n')
    expect(handle().hostPorts?.closed()).toEqual([])
  }, 4 * MINUTES)

  it('refuses folders it does not see to the docker CLI, with the folder to add; nothing is made', async () => {
    const other = join(home().folder, 'other')
    await mkdir(other)
    for (const source of ['/etc', '/usr', '/var/lib', '/unshared/dir']) {
      expect(await refusalOf(home().docker(['run', '--rm', '-v', `${source}:/x`, 'bb:1', 'true']))).toContain(`${source} of this computer cannot be shared with Naru's virtual machine`)
    }
    expect(await refusalOf(home().docker(['run', '--rm', '-v', `${other}:/x`, 'bb:1', 'true']))).toContain(`Add ${other} to the shared folders in Naru`)
    expect(await refusalOf(home().docker(['create', '--mount', `type=bind,source=${other},target=/x`, 'bb:1']))).toContain(`Add ${other}`)
    expect(await refusalOf(home().docker(['volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', 'device=/etc', 'fake']))).toContain('/etc of this computer')
    expect(await home().docker(['ps', '-aq', '--filter', 'status=created'])).toBe('')
  }, 3 * MINUTES)

  it('lets the engine’s own socket through; past the guard there is still no folder to be made', async () => {
    const make = "for each in srv tmp var; do busybox mkdir /proc/1/root/$each/folder 2>&1 | busybox grep -o 'Read-only file system'; done"
    // Those that are there say whose they are.
    const look = 'for each in srv home tmp; do cat /proc/1/root/$each/NOT-SHARED; done | busybox grep -c virtual'
    const script = `[ -S /run/docker.sock ] && echo there; ${make}; ${look}`
    expect(await home().docker(['run', '--rm', '--privileged', '--pid', 'host', '-v', '/var/run/docker.sock:/run/docker.sock', 'bb:1', 'sh', '-c', script])).toBe(`there\n${'Read-only file system\n'.repeat(3)}3`)
  }, 2 * MINUTES)

  it('a folder shared for reading cannot be written to, not by root with all rights either', async () => {
    await writeFile(join(readOnly(), 'file'), 'as it was\n')
    const script = 'echo new > /ro/file; busybox mount -o remount,rw /ro; echo new > /ro/file; cat /ro/file'
    expect(await home().docker(['run', '--rm', '--privileged', '-v', `${readOnly()}:/ro`, 'bb:1', 'sh', '-c', script])).toBe('as it was')
    expect(await readFile(join(readOnly(), 'file'), 'utf8')).toBe('as it was\n')
    expect(await home().docker(['run', '--rm', '-v', `${shared()}:/rw`, 'bb:1', 'sh', '-c', 'echo new > /rw/file; cat /rw/file'])).toBe('new')
  }, 3 * MINUTES)

  it('keeps other users of this machine out of the engine, its agent and QEMU', async () => {
    if (process.getuid?.() !== 0) return console.log('skipped: other users are not tried here (not root)')
    const { socket, api, qmp } = home().paths
    const script = `const net = require('node:net'); for (const path of process.argv.slice(1)) net.connect(path).on('connect', () => console.log('in')).on('error', (e) => console.log(e.code))`
    const tried = await exec('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e', script, socket, api, qmp], { cwd: '/', timeoutMs: 30_000 })
    expect(tried.stdout.trim().split('\n')).toEqual(['EACCES', 'EACCES', 'EACCES'])
  }, MINUTES)

  it('listens on no network inside either but for published ports', async () => {
    // A container in the guest's own network sees what all of them could connect to.
    const tables = await home().docker(['run', '--rm', '--network', 'host', 'bb:1', 'cat', '/proc/net/tcp', '/proc/net/tcp6'])
    const listening = tables.split('\n').map((line) => line.trim().split(/\s+/)).filter((words) => words[3] === '0A').map((words) => Number.parseInt(words[1]?.split(':')[1] ?? '', 16))
    const published = (await home().docker(['ps', '--format', '{{.Ports}}'])).match(/(?<=:)\d+(?=->)/g)?.map(Number) ?? []
    expect(listening.filter((port) => !published.includes(port))).toEqual([])
    expect(published).toContain(latePort)
  }, 2 * MINUTES)

  it('shows a container no socket of the engine, in its files or its network', async () => {
    const look = LOOK_FOR_SOCKETS.replace(/^find/, 'busybox find')
    for (const options of [[], ['--network', 'host']]) {
      expect(await home().docker(['run', '--rm', ...options, 'bb:1', 'sh', '-c', look]), options.join(' ')).toBe('')
    }
    // What is given to a container is found.
    expect(await home().docker(['run', '--rm', '-v', '/var/run/docker.sock:/docker.sock', 'bb:1', 'sh', '-c', look])).toBe('/docker.sock')
  }, 2 * MINUTES)

  it('has no way to this machine’s loopback', async () => {
    const { server, port } = await hold()
    expect(await loopback(home(), port)).toBe('no way')
    await closed(server)
  }, 2 * MINUTES)
}

/** After a second boot, with `hostLoopback` and `publishEverywhere` chosen. */
export function openNetworkSuite({ home }: Pick<NetworkSuite, 'home'>): void {
  it('containers that always come back do, with their ports; the engine may start again as well', async () => {
    await expect.poll(() => pageAt(latePort), { timeout: 2 * MINUTES }).toBe('late\n')
    await home().docker(['run', '--rm', '--privileged', '--pid', 'host', 'bb:1', 'busybox', 'killall', '-9', 'dockerd']).catch(() => 'the engine went while it was asked')
    await expect.poll(() => home().docker(['ps', '--format', '{{.Names}}']).catch(() => 'away'), { timeout: 3 * MINUTES }).toContain('late')
    await expect.poll(() => pageAt(latePort), { timeout: MINUTES }).toBe('late\n')
  }, 8 * MINUTES)

  it('reaches this machine’s loopback when that was chosen', async () => {
    const { server, port } = await hold()
    expect(await loopback(home(), port)).toBe('of this machine')
    await closed(server)
  }, 2 * MINUTES)

  it('publishes to everyone when that was chosen', async () => {
    const { server, port } = await hold()
    await closed(server)
    await home().docker(['run', '-d', '--name', 'open', '-p', `${port}:80`, 'bb:1', 'sleep', '1000'])
    expect(await home().docker(['port', 'open'])).toContain(`80/tcp -> 0.0.0.0:${port}`)
    await home().docker(['rm', '-f', 'open'])
  }, 3 * MINUTES)
}
