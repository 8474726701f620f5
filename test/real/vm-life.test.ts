/**
 * What the virtual machine survives: Naru killed, this machine's disk full, QEMU killed at any moment, a damaged disk.
 * One machine for all of it, in this order, because each boot takes its time: the one after a kill is the beginning of what
 * follows, and the last kill leaves the disk that is damaged. NARU_VM_KILLS: how often QEMU is killed (2 or more; default 2).
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
import { dockerProgram, makeVmHome, prepareVmImage, VM_IMAGE, VM_QEMU, whyNoVm } from '../support/vm.ts'
import type { VmHome } from '../support/vm.ts'
import { bundle } from '../support/worker.ts'
import type { BuiltWorker } from '../support/worker.ts'

const reason = whyNoVm() ?? (hasBusybox ? null : 'no static busybox')
if (reason) console.log(`skipped: the life of the virtual machine is not tried here (${reason})`)

const MINUTES = 60_000
const MIB = 1024 ** 2
const KILLS = Math.max(2, Number(process.env['NARU_VM_KILLS'] ?? 2))

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
  /** Checksums of the images that were on their way, by number; and those the engine said are there. */
  const sent = new Map<number, string>()
  const loaded = new Set<number>()

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
  /** Sends a file system of one random file to be imported. */
  const send = async (number: number): Promise<ChildProcess> => {
    const bytes = randomBytes(3 * MIB)
    const name = `p${number}`
    await writeFile(join(home.folder, name), bytes)
    await exec('tar', ['-C', home.folder, '-cf', join(home.folder, `${name}.tar`), name])
    sent.set(number, createHash('sha256').update(bytes).digest('hex'))
    const child = docker('import', join(home.folder, `${name}.tar`), `img:${number}`)
    child.once('close', (code) => code === 0 && loaded.add(number))
    return child
  }
  /** The one file of an image that was imported. */
  const imported = async (number: number): Promise<string> => {
    const id = await home.docker(['create', `img:${number}`, 'none'])
    await home.docker(['cp', `${id}:/p${number}`, join(home.folder, 'out')])
    await home.docker(['rm', id])
    return sha256(join(home.folder, 'out'))
  }
  const inside = (script: string, input?: string) => home.docker(['exec', ...(input === undefined ? [] : ['-i']), 'web', 'sh', '-c', script], input)
  const page = () => expect.poll(() => fetchPage('127.0.0.1', port).then(({ body }) => body, () => ''), { timeout: MINUTES }).toContain('page')
  /** Every file that was written down is there, every image that was said to be there is, and what is listed is whole. */
  const expectAll = async (files: ReadonlyMap<string, string>, images: ReadonlySet<number>): Promise<void> => {
    await page()
    expect(await inside(CHECK, [...files].map(([path, sum]) => `${sum}  ${path}\n`).join(''))).toBe('all there')
    const listed = (await home.docker(['images', '--format', '{{.Tag}}', 'img'])).split('\n').filter((tag) => tag !== '').map(Number)
    expect(listed).toEqual(expect.arrayContaining([...images]))
    for (const number of listed) expect({ number, sum: await imported(number) }).toEqual({ number, sum: sent.get(number) })
    console.log(`${files.size} files and ${images.size} images were promised and are there; ${listed.length} images are listed, all whole`)
  }

  it('goes on when Naru is killed in the middle of its work; the next one takes it over, ports and all', async () => {
    naru = spawn(process.execPath, [script.path, home.paths.state, VM_IMAGE, VM_QEMU], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(createInterface(naru.stdout ?? expect.fail('no output')), 'line')
    const archive = join(home.folder, 'bb.tar')
    await writeFile(archive, await busyboxArchive('bb:1'))
    await home.docker(['load', '-i', archive])
    port = await freePort()
    await home.docker(['run', '-d', '--restart', 'always', '--name', 'web', '-p', `127.0.0.1:${port}:80`, '-v', 'kept:/kept', 'bb:1', 'sh', '-c', 'echo page > /index.html; exec httpd -f -p 80 -h /'])
    await home.docker(['run', '-d', '--restart', 'always', '--name', 'writer', '-v', 'kept:/kept', 'bb:1', 'sh', '-c', WRITER])
    listen()
    // Its work: a log that is read, an image on its way.
    const load = await send(0)
    await expect.poll(() => sums.size, { timeout: MINUTES }).toBeGreaterThan(1)
    const before = await machine()
    const ended = Promise.all([once(naru, 'close'), once(load, 'close')])
    naru.kill('SIGKILL')
    await ended
    unit.open()
    await ready()
    expect((await machine()).process).toEqual(before.process)
    expect((await home.docker(['ps', '--format', '{{.Names}} {{.Status}}'])).split('\n')).toHaveLength(2)
    await page()
    listen()
    const known = sums.size
    await expect.poll(() => sums.size, { timeout: MINUTES }).toBeGreaterThan(known)
  }, 12 * MINUTES)

  it('is paused while this machine’s disk is full, says so, and goes on when there is room', async () => {
    if (!mounted) return console.log('skipped: no small disk without root: a full one is not tried')
    await home.docker(['stop', '-t', '0', 'writer'])
    const { bavail, bsize } = await statfs(home.paths.state)
    const filler = join(home.paths.state, 'filler')
    await exec('fallocate', ['-l', String(bavail * bsize - 16 * MIB), filler])
    const write = docker('exec', 'web', 'sh', '-c', 'cd /kept && busybox dd if=/dev/urandom bs=64k count=512 2>/dev/null | busybox tee big | busybox sha256sum > big.sum && busybox sync && echo written')
    let said = ''
    write.stdout?.on('data', (part: Buffer) => (said += part.toString()))
    const written = once(write, 'close')
    await expect.poll(() => unit.summary().error?.hint, { timeout: 3 * MINUTES }).toBe('vm-disk-full')
    expect(unit.summary()).toMatchObject({ error: { code: 'no-space', params: { path: home.paths.data } } })
    expect(['degraded', 'unreachable']).toContain(unit.status)
    await rm(filler)
    await ready()
    await written
    expect(said).toBe('written\n')
    expect(await inside('cd /kept && busybox sha256sum < big | busybox cmp - big.sum && echo same')).toBe('same')
    await home.docker(['start', 'writer'])
    listen()
  }, 12 * MINUTES)

  let importMs = 0
  /** Resolves when the engine tells of a new image from now on. */
  const imageNoted = (): Promise<unknown> => {
    const since = String(Math.floor(Date.now() / 1000))
    return once(docker('events', '--since', since, '--filter', 'type=image', '--format', '{{.Action}}').stdout ?? expect.fail('no output'), 'data', { signal: AbortSignal.timeout(2 * MINUTES) })
  }
  /** Kills QEMU and gives what was promised until then. */
  const killed = async (round: number): Promise<readonly [ReadonlyMap<string, string>, ReadonlySet<number>]> => {
    const known = sums.size
    await expect.poll(() => sums.size, { timeout: 2 * MINUTES, interval: 10 }).toBeGreaterThan(known + Math.floor(Math.random() * 6))
    const noted = round === 2 ? imageNoted() : undefined
    const began = performance.now()
    const load = await send(round)
    // As soon as who asked hears that the image is there; as soon as the engine has noted it, which nobody was promised; at
    // random moments of an import.
    await (round === 1 ? once(load, 'close') : (noted ?? delay(Math.random() * 1.2 * importMs)))
    if (round === 1) importMs = performance.now() - began
    const promised = [new Map(sums), new Set(loaded)] as const
    await kill()
    return promised
  }

  it(`keeps every file that was written down and every image when QEMU is killed ${KILLS} times, and starts by itself`, async () => {
    for (let round = 1; round < KILLS; round++) {
      const promised = await killed(round)
      // The first restart comes by itself, the others would wait longer and longer.
      if (round > 1) unit.retry()
      await ready()
      expect(told.at(-1)).toMatchObject({ code: 'provider.exited', detail: expect.stringContaining('NARU: ') })
      expect(await readFile(home.paths.console, 'latin1')).toMatch(/NARU: fsck rc=[01]: narudata: (?:recovering journal|clean)/)
      await expectAll(...promised)
      listen()
    }
  }, (4 + 4 * KILLS) * MINUTES)

  it('is left alone when its disk is damaged, until repair was agreed to; nothing was lost then', async () => {
    const promised = await killed(KILLS)
    const check = existsSync('/usr/bin/qemu-io')
    if (check) {
      // The number of inodes in the superblock: its checksum no longer fits. The next start by itself is seconds away.
      await exec('qemu-io', ['-f', 'qcow2', '-c', 'write -P 0xff 1024 4', home.paths.data])
      const before = await sha256(home.paths.data)
      unit.retry()
      await expect.poll(() => unit.summary().error?.hint, { timeout: 6 * MINUTES, interval: 50 }).toBe('vm-disk-check')
      expect(await sha256(home.paths.data)).toBe(before)
    } else console.log('skipped: no qemu-io to damage a disk with')
    await unit.start(new AbortController().signal, () => undefined, check)
    await expectAll(...promised)
  }, 12 * MINUTES)
})
