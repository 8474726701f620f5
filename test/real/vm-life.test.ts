/**
 * What the virtual machine survives: Naru killed, QEMU killed at any moment, this machine's disk full, a damaged disk.
 * One machine for all of it, in this order; run with NARU_TEST_VM=all. NARU_VM_KILLS: how often QEMU is killed at a random moment (default 2).
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectEngine } from '../../engine/docker/connect.ts'
import { DEFAULT_TIMINGS } from '../../engine/providers/timings.ts'
import { EngineUnit } from '../../engine/providers/unit.ts'
import { findMachine } from '../../engine/providers/vm/record.ts'
import { createVmProvider } from '../../engine/providers/vm/vm-provider.ts'
import { waitUntil } from '../../engine/system/clock.ts'
import { exec } from '../../engine/system/exec.ts'
import { signalProcess } from '../../engine/system/processes.ts'
import { busyboxArchive, hasBusybox } from '../support/busybox-image.ts'
import { fetchPage } from '../support/page.ts'
import { dockerProgram, makeVmHome, prepareVmImage, qemuImg, VM_IMAGE, VM_QEMU, whyNoVm } from '../support/vm.ts'
import type { VmHome } from '../support/vm.ts'
import { bundle } from '../support/worker.ts'
import type { BuiltWorker } from '../support/worker.ts'

const asked = process.env['NARU_TEST_VM'] === 'all'
const reason = asked ? (whyNoVm() ?? (hasBusybox ? null : 'no static busybox')) : 'it takes minutes in emulation: NARU_TEST_VM=all runs it'
if (reason) console.log(`skipped: the life of the virtual machine is not tried here (${reason})`)

const MINUTES = 60_000
const MIB = 1024 ** 2
const KILLS = Number(process.env['NARU_VM_KILLS'] ?? 2)
const signal = new AbortController().signal

/** Writes files one after the other and names each, with its checksum, once the disk has it. */
const WRITER = `n=$(busybox ls /kept | busybox wc -l); while :; do n=$((n+1)); f=/kept/f$n
busybox dd if=/dev/urandom of=$f bs=4k count=$((n % 6 + 1)) conv=fsync 2>/dev/null && busybox sha256sum $f; busybox usleep 20000; done`
/** Checks a list of checksums on its input. */
const CHECK = 'busybox sha256sum -c - 2>&1 | busybox grep -v ": OK$" || echo all there'

const sha256 = async (path: string): Promise<string> => createHash('sha256').update(await readFile(path)).digest('hex')

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe.skipIf(reason !== null)('the virtual machine’s life', () => {
  let home: VmHome
  let unit: EngineUnit
  let script: BuiltWorker
  let naru: ChildProcess | undefined
  let mounted = false
  let port = 0
  const children = new Set<ChildProcess>()
  /** Files the guest says its disk has. */
  const sums = new Map<string, string>()
  /** Ends that were shown. */
  const told: unknown[] = []
  /** Checksums of images that the guest's disk has: the engine itself writes down names, not contents, before it says so. */
  const loaded = new Map<number, string>()

  beforeAll(async () => {
    await prepareVmImage()
    home = await makeVmHome()
    await mkdir(home.paths.state, { recursive: true })
    // A small disk of its own for the disk; only root may have one.
    mounted = await exec('mount', ['-t', 'tmpfs', '-o', 'size=700m', 'naru-test', home.paths.state]).then(() => true, () => false)
    script = await bundle('test/support/vm-room.ts', 'vm-room.cjs')
    const provider = createVmProvider({
      stateFolder: home.paths.state, imageFolder: VM_IMAGE, qemuFolder: VM_QEMU, log: (line) => home.lines.push(line), choices: async () => ({ softwareOnly: true, shares: [] }),
    })
    unit = new EngineUnit({
      provider, connect: connectEngine, timings: DEFAULT_TIMINGS, now: Date.now, random: Math.random, log: (line) => home.lines.push(line), onChange: () => void (unit.summary().error?.code === 'provider.exited' && told.push(unit.summary().error)), onConnection: () => undefined,
    })
    unit.setCurrent(true)
  }, 16 * MINUTES)

  afterAll(async () => {
    naru?.kill('SIGKILL')
    for (const child of children) child.kill('SIGKILL')
    await unit?.close()
    const machine = home && (await findMachine(home.paths))
    if (machine) await signalProcess(machine.process, 'SIGKILL')
    const unmount = (): Promise<boolean> => exec('umount', [home.paths.state]).then(() => true, () => false)
    if (mounted) await waitUntil(unmount, { withinMs: 30_000, everyMs: 200 })
    await home?.destroy()
    await script?.remove()
  }, 2 * MINUTES)

  const ready = () => expect.poll(() => unit.status, { timeout: 6 * MINUTES, interval: 100 }).toBe('ready')
  const machine = async () => (await findMachine(home.paths)) ?? expect.fail('no machine runs')
  const kill = async (): Promise<void> => {
    await signalProcess((await machine()).process, 'SIGKILL')
    await expect.poll(() => unit.status, { timeout: MINUTES, interval: 20 }).not.toBe('ready')
  }
  const docker = (...args: string[]): ChildProcess => {
    const child = spawn(dockerProgram, ['-H', `unix://${home.paths.socket}`, ...args], { stdio: ['ignore', 'pipe', 'ignore'], env: { PATH: '/usr/bin:/bin', HOME: home.folder, DOCKER_CONFIG: join(home.folder, 'cli') } })
    children.add(child)
    child.once('close', () => children.delete(child))
    return child
  }
  /** What the writer names from now on is promised to be there for ever. */
  const listen = (): void => {
    const out = docker('logs', '-f', 'writer').stdout ?? expect.fail('no output')
    createInterface(out).on('line', (line) => {
      const [sum = '', path = ''] = line.split(/\s+/)
      if (/^[0-9a-f]{64}$/.test(sum)) sums.set(path, sum)
    })
  }
  /** A file system of one random file, to be imported; and that file's checksum. */
  const payload = async (name: string): Promise<{ readonly tar: string; readonly sum: string }> => {
    const bytes = randomBytes(3 * MIB)
    await writeFile(join(home.folder, name), bytes)
    await exec('tar', ['-C', home.folder, '-cf', join(home.folder, `${name}.tar`), name])
    return { tar: join(home.folder, `${name}.tar`), sum: createHash('sha256').update(bytes).digest('hex') }
  }
  /** The one file of an image that was imported. */
  const imported = async (round: number): Promise<string> => {
    const id = await home.docker(['create', `img:${round}`, 'none'])
    await home.docker(['cp', `${id}:/p${round}`, join(home.folder, 'out')])
    await home.docker(['rm', id])
    return sha256(join(home.folder, 'out'))
  }

  it('goes on when Naru is killed in the middle of its work; the next one takes it over, ports and all', async () => {
    naru = spawn(process.execPath, [script.path, home.paths.state, VM_IMAGE, VM_QEMU], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(createInterface(naru.stdout ?? expect.fail('no output')), 'line')
    const archive = join(home.folder, 'bb.tar')
    await writeFile(archive, await busyboxArchive('bb:1'))
    await home.docker(['load', '-i', archive])
    port = await freePort()
    await home.docker(['run', '-d', '--restart', 'always', '--name', 'web', '-p', `127.0.0.1:${port}:80`, 'bb:1', 'sh', '-c', 'echo page > /index.html; exec httpd -f -p 80 -h /'])
    await home.docker(['run', '-d', '--restart', 'always', '--name', 'writer', '-v', 'kept:/kept', 'bb:1', 'sh', '-c', WRITER])
    listen()
    // Its work: a log that is read, an image on its way.
    const load = docker('import', (await payload('p0')).tar, 'cut:1')
    await expect.poll(() => sums.size, { timeout: MINUTES }).toBeGreaterThan(1)
    const before = await machine()
    const ended = Promise.all([once(naru, 'close'), once(load, 'close')])
    naru.kill('SIGKILL')
    await ended
    unit.open()
    await ready()
    expect((await machine()).process).toEqual(before.process)
    expect((await home.docker(['ps', '--format', '{{.Names}} {{.Status}}'])).split('\n')).toHaveLength(2)
    await expect.poll(() => fetchPage('127.0.0.1', port).then(({ body }) => body), { timeout: MINUTES }).toContain('page')
    listen()
    const known = sums.size
    await expect.poll(() => sums.size, { timeout: MINUTES }).toBeGreaterThan(known)
  }, 12 * MINUTES)

  it('is paused while this machine’s disk is full, says so, and goes on when there is room', async () => {
    if (!mounted) return console.log('skipped: no small disk without root: a full one is not tried')
    await home.docker(['stop', '-t', '0', 'writer'])
    const { bavail, bsize } = await statfs(home.paths.state)
    const filler = join(home.paths.state, 'filler')
    await exec('fallocate', ['-l', String(bavail * bsize - 32 * MIB), filler])
    const write = docker('run', '--rm', '-v', 'kept:/kept', 'bb:1', 'sh', '-c', 'cd /kept && busybox dd if=/dev/urandom bs=64k count=1024 2>/dev/null | busybox tee big | busybox sha256sum > big.sum && busybox sync && echo written')
    let said = ''
    write.stdout?.on('data', (part: Buffer) => (said += part.toString()))
    await expect.poll(() => unit.summary().error?.hint, { timeout: 3 * MINUTES }).toBe('vm-disk-full')
    expect(unit.summary()).toMatchObject({ error: { code: 'no-space', params: { path: home.paths.data } } })
    expect(['degraded', 'unreachable']).toContain(unit.status)
    await rm(filler)
    await ready()
    await once(write, 'close')
    expect(said).toBe('written\n')
    expect(await home.docker(['run', '--rm', '-v', 'kept:/kept', 'bb:1', 'sh', '-c', 'cd /kept && busybox sha256sum < big | busybox cmp - big.sum && echo same'])).toBe('same')
    await home.docker(['start', 'writer'])
    listen()
  }, 12 * MINUTES)

  it(`keeps every file that was written down and every image when QEMU is killed at ${KILLS} random moments, and starts by itself`, async () => {
    for (let round = 1; round <= KILLS; round++) {
      const known = sums.size
      await expect.poll(() => sums.size, { timeout: 2 * MINUTES, interval: 10 }).toBeGreaterThan(known + Math.floor(Math.random() * 6))
      const { tar, sum } = await payload(`p${round}`)
      docker('import', tar, `img:${round}`).once('close', (code) => {
        if (code === 0) docker('exec', 'web', 'busybox', 'sync').once('close', (synced) => synced === 0 && loaded.set(round, sum))
      })
      await delay(Math.random() * 2_500)
      const promised = new Map(sums)
      const images = new Map(loaded)
      await kill()
      // The first restart comes by itself, the others would wait longer and longer.
      if (round > 1) unit.retry()
      await ready()
      expect(told.at(-1)).toMatchObject({ code: 'provider.exited', detail: expect.stringContaining('NARU: ') })
      expect(await readFile(home.paths.console, 'latin1')).toMatch(/NARU: fsck rc=[01]: narudata: (?:recovering journal|clean)/)
      const list = [...promised].map(([path, sum]) => `${sum}  ${path}\n`).join('')
      const wrong = (await home.docker(['run', '--rm', '-i', '-v', 'kept:/kept', 'bb:1', 'sh', '-c', CHECK], list)).trim()
      expect(wrong).toBe('all there')
      expect(await home.docker(['images', '-q', 'bb:1'])).not.toBe('')
      for (const [each, wanted] of images) expect(await imported(each)).toBe(wanted)
      console.log(`kill ${round}: ${promised.size} files and ${images.size + 1} images were promised and are there`)
      listen()
    }
    await expect.poll(() => fetchPage('127.0.0.1', port).then(({ body }) => body), { timeout: MINUTES }).toContain('page')
  }, (4 + 4 * KILLS) * MINUTES)

  it('is left alone when its disk is damaged, until repair was agreed to; nothing was lost then', async () => {
    await unit.stop({ containers: 'keep', graceSeconds: 1, signal })
    expect(await readFile(home.paths.console, 'latin1')).toContain('NARU: clean')
    expect(await qemuImg(['check', home.paths.data], [0, 1, 2, 3])).toContain('No errors')
    if (!existsSync('/usr/bin/qemu-io')) return console.log('skipped: no qemu-io to damage a disk with')
    // The number of inodes in the superblock: its checksum no longer fits.
    await exec('qemu-io', ['-f', 'qcow2', '-c', 'write -P 0xff 1024 4', home.paths.data])
    const before = await sha256(home.paths.data)
    await expect(unit.start(signal, () => undefined)).rejects.toMatchObject({ code: 'provider.boot-failed', hint: 'vm-disk-check' })
    expect(await sha256(home.paths.data)).toBe(before)
    await unit.start(signal, () => undefined, true)
    const list = [...sums].map(([path, sum]) => `${sum}  ${path}\n`).join('')
    expect(await home.docker(['run', '--rm', '-i', '-v', 'kept:/kept', 'bb:1', 'sh', '-c', CHECK], list)).toBe('all there')
  }, 12 * MINUTES)
})
