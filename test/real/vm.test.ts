/**
 * The virtual machine, really booted: one machine for all of this file, because a boot in emulation takes its time.
 * Tests build on each other, in their order.
 */
import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLink } from '../../engine/providers/vm/link.ts'
import { QEMU_USER } from '../../engine/providers/vm/share-access.ts'
import { findMachine } from '../../engine/providers/vm/record.ts'
import { growWhileAwake, machineUsage } from '../../engine/providers/vm/usage.ts'
import type { EngineHandle } from '../../engine/providers/provider.ts'
import { exec } from '../../engine/system/exec.ts'
import { argumentsOf, isAlive, signalProcess } from '../../engine/system/processes.ts'
import { busyboxArchive, hasBusybox } from '../support/busybox-image.ts'

import { makeVmHome, prepareVmImage, qemuImg, VM_IMAGE, VM_QEMU, whyNoVm } from '../support/vm.ts'
import type { VmHome } from '../support/vm.ts'
import { networkSuite, openNetworkSuite } from './vm-network-suite.ts'

const reason = whyNoVm() ?? (hasBusybox ? null : 'no static busybox')
if (reason) console.log(`skipped: the virtual machine is not tried here (${reason})`)

/** Limits are for what hangs: everything here is emulated, on a machine that may be busy with other things. */
const MINUTES = 60_000

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe.skipIf(reason !== null)('the virtual machine', () => {
  let home: VmHome
  let handle: EngineHandle

  beforeAll(async () => {
    await prepareVmImage()
    home = await makeVmHome()
    shared = join(home.folder, 'shared')
    // As root, QEMU opens a folder before it is a user of its own: the way there may be closed to others.
    const closed = join(home.folder, 'closed')
    await mkdir(closed, { mode: 0o700 })
    readOnly = join(closed, 'read-only')
    await mkdir(shared)
    await mkdir(readOnly)
    // QEMU has a user of its own when the tests run as root; nobody's files are opened to it for that.
    if (process.getuid?.() === 0) await chown(shared, QEMU_USER.uid, QEMU_USER.gid)
  }, 16 * MINUTES)

  afterAll(async () => {
    handle?.release()
    await home?.destroy()
  }, MINUTES)

  let port = 0
  let version = ''
  let shared = ''
  let readOnly = ''
  const start = (chosen: Parameters<VmHome['start']>[0] = {}) => home.start({ shares: [{ path: shared }, { path: readOnly, readonly: true }], ...chosen })
  /** What the published port gives: the page, or the error's code. */
  const page = async (): Promise<string> => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket.write('GET /index.html HTTP/1.0\r\n\r\n')
    return text(socket).then((answer) => answer.split('\r\n\r\n')[1] ?? '', (error: NodeJS.ErrnoException) => error.code ?? '')
  }

  let booting: 'not yet' | 'booted' | 'failed' = 'not yet'
  // Without a machine each would wait for its own time and say something else.
  beforeEach(() => {
    if (booting === 'failed') expect.fail('the machine did not boot: see the first test of this file')
  })

  const machine = async () => (await findMachine(home.paths)) ?? expect.fail('no machine runs')

  it('boots with what works here, told step by step; what hangs is given up and not tried again', async () => {
    booting = 'failed'
    handle = await start()
    booting = 'booted'
    expect(handle.adopted).toBe(false)
    version = home.running()?.qmp.version ?? ''
    expect(home.running()?.qemu).toBe('bundled')
    expect(home.steps).toEqual(['image', 'machine', 'guest', 'ping'])
    const memory = JSON.parse(await readFile(home.paths.memory, 'utf8')) as { accel: string }
    expect((await machine()).accel).toBe(memory.accel)
    // Each failure of an acceleration is in the log, with its reason.
    const failed = home.lines.filter((line) => line.startsWith('kvm -cpu'))
    failed.forEach((line) => expect(line).toMatch(/QEMU ended|no byte on the console|no userspace/))
    console.log([...failed, `boots with ${memory.accel}`].join('\n'))
  }, 12 * MINUTES)

  it('is unprivileged, confined, and listens nowhere on the network', async () => {
    const { process: qemu } = await machine()
    const status = await readFile(`/proc/${qemu.pid}/status`, 'utf8')
    if (process.getuid?.() === 0) expect(/^Uid:\s+(\d+)\s+(\d+)/m.exec(status)?.slice(1, 3)).toEqual([String(QEMU_USER.uid), String(QEMU_USER.uid)])
    expect(status).toMatch(/^CapEff:\s+0+$/m)
    expect(status).toMatch(/^Seccomp:\s+2$/m)
    expect((await argumentsOf(qemu.pid)).join(' ')).not.toMatch(/hostfwd|tcp:/)
    const inodes = (await exec('ls', ['-l', `/proc/${qemu.pid}/fd`])).stdout.match(/socket:\[(\d+)\]/g)?.map((each) => each.slice(8, -1)) ?? []
    // QEMU's network is inside its process: it has no socket of any family that waits for others.
    const tables = await Promise.all(['tcp', 'tcp6', 'udp', 'udp6'].map((name) => readFile(`/proc/${qemu.pid}/net/${name}`, 'utf8').catch(() => '')))
    const waiting = tables.join('\n').split('\n').map((line) => line.trim().split(/\s+/)).filter((words) => words[3] === '0A' || words[3] === '07')
    expect(waiting.filter((words) => inodes.includes(words[9] ?? ''))).toEqual([])
    expect((await stat(home.paths.socket)).mode & 0o777).toBe(0o600)
    expect((await stat(home.paths.run)).mode & 0o777).toBe(0o700)
    if (process.getuid?.() !== 0) return
    for (const path of [home.paths.socket, home.paths.api, home.paths.qmp]) {
      const tried = await exec('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'test', '-e', path], { okCodes: [0, 1] })
      expect(tried.code).toBe(1)
    }
  }, MINUTES)

  it('is an engine: version, an image, a container’s output', async () => {
    expect(await home.docker(['version', '--format', '{{.Server.Version}}'])).toMatch(/^28\./)
    const archive = join(home.folder, 'busybox.tar')
    await writeFile(archive, await busyboxArchive('bb:1'))
    expect(await home.docker(['load', '-i', archive])).toContain('bb:1')
    expect(await home.docker(['run', '--rm', 'bb:1', 'echo', 'hello from inside'])).toBe('hello from inside')
    // The docker CLI's starts are seen like anybody's.
    expect(home.running()?.starts.typicalMs).toBeGreaterThan(0)
  }, 6 * MINUTES)

  it('keeps both halves of an exec apart: input that ends, output that goes on', async () => {
    port = await freePort()
    const script = 'echo kept > /kept/file; echo page > /index.html; exec httpd -f -p 80 -h /'
    await home.docker(['run', '-d', '--name', 'web', '-p', `127.0.0.1:${port}:80`, '-v', 'kept:/kept', 'bb:1', 'sh', '-c', script])
    expect(await home.docker(['exec', '-i', 'web', 'sh', '-c', 'cat; echo after the end'], 'first\nsecond\n')).toBe('first\nsecond\nafter the end')
  }, 6 * MINUTES)

  it('published ports are there by themselves, and go with their container', async () => {
    await expect.poll(page, { timeout: MINUTES }).toBe('page\n')
    await home.docker(['stop', '-t', '0', 'web'])
    await expect.poll(page, { timeout: MINUTES }).toBe('ECONNREFUSED')
    await home.docker(['start', 'web'])
    await expect.poll(page, { timeout: MINUTES }).toBe('page\n')
  }, 6 * MINUTES)

  it('shows shared folders at their own path, to both sides, whoever a file belongs to inside', async () => {
    expect(handle.folders).toEqual([readOnly, shared])
    await writeFile(join(shared, 'in'), 'from the host\n')
    const script = 'cat in; echo from inside > out; busybox chown 12:34 out; busybox stat -c %u:%g out'
    expect(await home.docker(['run', '--rm', '-v', `${shared}:/there`, '-w', '/there', 'bb:1', 'sh', '-c', script])).toBe('from the host\n12:34')
    expect(await readFile(join(shared, 'out'), 'utf8')).toBe('from inside\n')
    expect((await stat(join(shared, 'out'))).uid).toBe(process.getuid?.() === 0 ? QEMU_USER.uid : process.getuid?.())
  }, 3 * MINUTES)

  networkSuite({ home: () => home, handle: () => handle, shared: () => shared, readOnly: () => readOnly })

  it('its disk grows while it is in use, and space of what is deleted comes back', async () => {
    const machine = home.running() ?? expect.fail('no machine')
    const usage = async () => (await machineUsage(home.paths, machine)).disk
    const bytesInside = async (): Promise<number> => Number((await home.docker(['exec', 'web', 'busybox', 'df', '-k', '/'])).split('\n')[1]?.trim().split(/\s+/)[1]) * 1024
    const before = await usage()
    const grown = before.virtualBytes + 8 * 1024 ** 3
    const grow = (bytes: number) => growWhileAwake(machine, { bytes, signal: AbortSignal.timeout(MINUTES), onStep: () => undefined })
    await expect(grow(before.virtualBytes - 1)).rejects.toMatchObject({ hint: 'vm-disk-shrink' })
    await grow(grown)
    expect(await usage()).toMatchObject({ virtualBytes: grown })
    expect(await bytesInside()).toBeGreaterThan(before.virtualBytes)
    const mib = 1024 ** 2
    await home.docker(['exec', 'web', 'sh', '-c', 'busybox dd if=/dev/urandom of=/big bs=1M count=40 2>/dev/null; busybox sync'])
    const full = await usage()
    expect(full.hostBytes - before.hostBytes).toBeGreaterThan(30 * mib)
    expect((full.usedBytes ?? 0) - (before.usedBytes ?? 0)).toBeGreaterThan(30 * mib)
    await home.docker(['exec', 'web', 'sh', '-c', 'busybox rm /big; busybox sync'])
    await expect.poll(async () => (await usage()).hostBytes - before.hostBytes, { timeout: MINUTES, interval: 500 }).toBeLessThan(20 * mib)
  }, 6 * MINUTES)

  it('naps while nobody uses it, and is there for who comes, with the right time', async () => {
    const { idle, link, qmp } = home.running() ?? expect.fail('no machine')
    const paused = async (): Promise<unknown> => Object(await qmp.execute('query-status')).status
    const asleep = () => expect.poll(() => idle.nap.phase, { timeout: MINUTES }).toBe('napping')
    try {
      // Containers run, and what the person did not choose does not happen.
      const udp = await freePort()
      const echoes = await home.docker(['run', '-d', '--name', 'echo', '-p', `${udp}:53/udp`, '-v', `${readOnly}:/there`, 'bb:1', '/there/echo']).then(() => true, () => false)
      await expect.poll(() => idle.nap.facts.containers, { timeout: MINUTES }).toBe(echoes ? 3 : 2)
      idle.nap.setRules({ afterMs: 2_000, withContainers: false })
      idle.nap.setRules({ afterMs: 2_000, withContainers: true })
      await asleep()
      expect(await paused()).toBe('paused')
      expect(handle.nap?.resting()).toBe(true)
      const since = Date.now()
      await expect.poll(() => Date.now() - since, { timeout: MINUTES }).toBeGreaterThan(1_500)
      // What it takes is told without waking it.
      expect(await machineUsage(home.paths, { idle, qmp, process: (await machine()).process })).toMatchObject({ napping: true })
      expect(await paused()).toBe('paused')
      expect(await page()).toBe('page\n')
      expect(Math.abs(Number(await link.ask('clock')) - Date.now())).toBeLessThan(1_000)
      await asleep()
      if (echoes) {
        // The very first datagram wakes it, and is answered.
        const socket = createSocket('udp4')
        const heard = once(socket, 'message', { signal: AbortSignal.timeout(MINUTES) })
        socket.send('are you there', udp, '127.0.0.1')
        expect(String((await heard)[0])).toBe('are you there')
        socket.close()
        await asleep()
      } else console.log('skipped: waking by a datagram is not tried here (no C compiler)')
      expect((await home.docker(['ps', '--format', '{{.Names}}'])).split('\n').filter((name) => name !== 'echo').sort()).toEqual(['late', 'web'])
      await home.docker(['rm', '-f', 'echo']).catch(() => undefined)
    } finally {
      idle.nap.setRules({ afterMs: 0, withContainers: false })
    }
    await expect.poll(paused, { timeout: MINUTES }).toBe('running')
  }, 6 * MINUTES)

  it('outlives Naru: the next one takes it over with everything in it', async () => {
    const before = await machine()
    handle.release()
    await handle.ended
    expect(await page()).toBe('ECONNREFUSED')
    const link = createLink(home.paths.api, () => undefined)
    try {
      // Nobody but the one host end at a time; it may be any.
      await link.ready(MINUTES, AbortSignal.timeout(MINUTES))
      expect(Math.abs(Number(await link.ask('clock')) - Date.now())).toBeLessThan(5_000)
      expect(await link.ask('stats')).toMatch(/^memoryTotal=\d+ .*diskTotal=\d{10,} /)
    } finally {
      link.close()
    }
    handle = await start()
    expect(handle.adopted).toBe(true)
    expect(handle.folders).toEqual([readOnly, shared])
    expect(home.steps).not.toContain('machine')
    expect((await machine()).process).toEqual(before.process)
    expect((await home.docker(['ps', '--format', '{{.Names}}'])).split('\n').sort()).toEqual(['late', 'web'])
    await expect.poll(page, { timeout: MINUTES }).toBe('page\n')
  }, 4 * MINUTES)

  it('loses nothing that was written down when QEMU is killed, and says that it ended', async () => {
    await home.docker(['exec', 'web', 'sh', '-c', 'seq 1 20000 > /kept/numbers; sync'])
    const { process: qemu } = await machine()
    await signalProcess(qemu, 'SIGKILL')
    expect(await handle.ended).toMatchObject({ kind: 'exited', error: { code: 'provider.exited' } })
    expect(await isAlive(qemu)).toBe(false)
    const since = home.lines.length
    handle = await start({ hostLoopback: true, publishEverywhere: true })
    // What worked is remembered: no second hang.
    expect(home.lines.slice(since).some((line) => line.startsWith('kvm -cpu'))).toBe(false)
    expect(await home.docker(['images', '-q', 'bb:1'])).not.toBe('')
    const read = await home.docker(['run', '--rm', '-v', 'kept:/kept', 'bb:1', 'cat', '/kept/file', '/kept/numbers'])
    expect(read.split('\n')).toEqual(['kept', ...Array.from({ length: 20_000 }, (_, index) => String(index + 1))])
  }, 12 * MINUTES)

  openNetworkSuite({ home: () => home })

  it('stops when asked, cleanly, and leaves nothing that runs', async () => {
    const { process: qemu } = await machine()
    await handle.stop({ graceMs: 60_000 })
    expect(await handle.ended).toEqual({ kind: 'stopped' })
    expect(await isAlive(qemu)).toBe(false)
    expect(await readFile(home.paths.console, 'latin1')).toContain('NARU: clean')
    expect(await qemuImg(['check', home.paths.data], [0, 1, 2, 3])).toContain('No errors')
    await expect(once(createConnection(home.paths.socket), 'connect')).rejects.toThrow()
  }, 3 * MINUTES)

  it('refuses a disk that is not its own and does not touch it', async () => {
    const other = await makeVmHome()
    try {
      await mkdir(other.paths.state, { recursive: true })
      const raw = join(other.folder, 'foreign.img')
      const bytes = Buffer.alloc(4 << 20, 'somebody else')
      await writeFile(raw, bytes)
      await qemuImg(['convert', '-f', 'raw', '-O', 'qcow2', raw, other.paths.data])
      await expect(other.start({ softwareOnly: true })).rejects.toMatchObject({ code: 'provider.boot-failed', hint: 'vm-disk-foreign' })
      const after = join(other.folder, 'after.img')
      await qemuImg(['convert', '-f', 'qcow2', '-O', 'raw', other.paths.data, after])
      expect(Buffer.compare(await readFile(after), bytes)).toBe(0)
      expect(await findMachine(other.paths)).toBeNull()
    } finally {
      await other.destroy()
    }
  }, 6 * MINUTES)

  it('was built as its lock promises', async () => {
    const manifest = JSON.parse(await readFile(join(VM_IMAGE, 'manifest.json'), 'utf8'))
    expect(manifest.downloadBytes).toBeLessThanOrEqual(65_000_000)
    if (!manifest.pinned) return console.log('the mirror has newer packages than packages.lock.json: the image is not the pinned one')
    const lock = JSON.parse(await readFile(new URL('../../engine/providers/vm/image/packages.lock.json', import.meta.url), 'utf8'))
    expect(manifest.recipe, 'after a change of the recipe: build-image.mjs --lock').toBe(lock.recipe)
    const digests = Object.entries(manifest.files as Record<string, { sha256: string }>).map(([name, { sha256 }]) => [name, sha256])
    expect(Object.fromEntries(digests)).toEqual(lock.files)
  })

  it('runs in the QEMU that comes with Naru, whose files are those of the pinned packages', async () => {
    const manifest = JSON.parse(await readFile(join(VM_QEMU, 'manifest.json'), 'utf8'))
    expect(manifest.versions['qemu-system-x86_64']).toContain(`version ${version} `)
    if (!manifest.pinned) return console.log('the mirror has newer packages than packages.lock.json: this QEMU is not the pinned one')
    const lock = JSON.parse(await readFile(new URL('../../engine/providers/vm/qemu-bundle/packages.lock.json', import.meta.url), 'utf8'))
    expect(manifest.recipe, 'after a change of the recipe: build-qemu.mjs --lock').toBe(lock.recipe)
    expect(createHash('sha256').update(JSON.stringify(manifest.files)).digest('hex')).toBe(lock.digest)
  })
})
