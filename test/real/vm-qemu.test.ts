/** The QEMU that comes with Naru, in a root where there is nothing else: no libraries, no devices, no /proc. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accelerations, isSoftware } from '../../engine/providers/vm/acceleration.ts'
import { defaultSize, qemuArguments } from '../../engine/providers/vm/arguments.ts'
import { readImage } from '../../engine/providers/vm/image.ts'
import { ensureDataDisk } from '../../engine/providers/vm/launch.ts'
import { findQemu, parseVersion, qemuVersion } from '../../engine/providers/vm/qemu.ts'
import type { Program } from '../../engine/providers/vm/qemu.ts'
import { headOfFile, USERSPACE_MARKER } from '../../engine/providers/vm/watchdog.ts'
import { exec } from '../../engine/system/exec.ts'
import { prepareVmImage, VM_IMAGE, VM_QEMU, whyNoVm } from '../support/vm.ts'

const HOST = { platform: 'linux', arch: 'x64' } as const
const signal = AbortSignal.timeout(600_000)
const reason = whyNoVm() ?? (process.getuid?.() === 0 ? null : 'only root can change the root')
if (reason) console.log(`skipped: the bundled QEMU is not tried in an empty root (${reason})`)

describe.skipIf(reason !== null)('the bundled QEMU', () => {
  let root = ''
  beforeAll(async () => {
    await prepareVmImage()
    root = await mkdtemp(join(tmpdir(), 'naru-root-'))
    await cp(VM_QEMU, join(root, 'qemu'), { recursive: true })
    await mkdir(join(root, 'vm'))
    for (const name of ['manifest.json', 'vmlinux', 'initrd.zst', 'rootfs.sqfs']) await copyFile(join(VM_IMAGE, name), join(root, 'vm', name))
  }, 960_000)
  afterAll(() => rm(root, { recursive: true, force: true }))

  /** As the root's inhabitants see it. */
  const inside = ({ file, args }: Program, more: readonly string[]): string[] => [root, file, ...args, ...more].map((each, index) => (index === 0 ? each : each.replaceAll(`${root}/`, '/')))

  it('answers, makes a disk and boots the guest with nothing but its own files', async () => {
    const { origin, emulator, img } = await findQemu(HOST, { bundle: join(root, 'qemu'), path: '', folders: [] })
    expect(origin).toBe('bundled')
    const chroot = async (program: Program, more: readonly string[]) => (await exec('chroot', inside(program, more), { env: { PATH: process.env.PATH }, signal })).stdout
    const version = parseVersion(await chroot(emulator, ['--version']))
    expect(version).toBe(await qemuVersion(emulator, signal))
    await chroot(img, ['create', '-q', '-f', 'qcow2', '/vm/data.qcow2', '1G'])
    const acceleration = accelerations(HOST).find(isSoftware) ?? expect.fail('no software emulation')
    const { kernel, initrd, root: system } = await readImage(join(root, 'vm'))
    const at = (name: string): string => join(root, 'vm', name)
    const machine = { host: HOST, version, acceleration, ...defaultSize(acceleration, 2), kernel, initrd, root: system, data: at('data.qcow2'), api: at('api'), qmp: at('qmp'), serialLog: at('console') }
    const child = spawn('chroot', inside(emulator, qemuArguments(machine)), { env: { PATH: process.env.PATH }, stdio: ['ignore', 'ignore', 'pipe'] })
    let words = ''
    child.stderr.on('data', (part: Buffer) => (words += part.toString()))
    const gone = once(child, 'exit')
    try {
      await expect.poll(async () => (child.exitCode === null ? headOfFile(at('console')) : expect.fail(words)), { timeout: 120_000, interval: 50 }).toContain(USERSPACE_MARKER)
      expect(await readFile(`/proc/${child.pid}/status`, 'utf8')).toMatch(/^Seccomp:\s+2$/m)
      expect(await readFile(`/proc/${child.pid}/comm`, 'utf8')).toBe('naru-vm\n')
    } finally {
      child.kill('SIGKILL')
      await gone
    }
  }, 180_000)

  it('makes disks this machine can read, and stays small', async () => {
    const { img } = await findQemu(HOST, { bundle: VM_QEMU })
    await ensureDataDisk(join(root, 'made.qcow2'), img, signal)
    expect((await stat(join(root, 'made.qcow2'))).size).toBeLessThan(1 << 20)
    const { bytes } = JSON.parse(await readFile(join(VM_QEMU, 'manifest.json'), 'utf8')) as { bytes: number }
    expect(bytes).toBeLessThan(75_000_000)
    expect(bytes).toBeGreaterThan(20_000_000)
  }, 60_000)
})
