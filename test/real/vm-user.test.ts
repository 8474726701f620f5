/** Who is not root, on a machine where the embedded engine cannot run without root, gets the virtual machine by itself. */
import { existsSync } from 'node:fs'
import { chmod, chown, copyFile, cp, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { vmPaths } from '../../engine/providers/vm/paths.ts'
import { findMachine } from '../../engine/providers/vm/record.ts'
import { endMachine } from '../../engine/providers/vm/stop.ts'
import { exec } from '../../engine/system/exec.ts'
import { whyChosen } from '../../renderer/app/engine-choice.ts'
import { BUNDLES } from '../support/native.ts'
import { prepareVmImage, VM_IMAGE, VM_QEMU, whyNoVm } from '../support/vm.ts'
import type { VmUserReport } from '../support/vm-user.ts'
import { bundle } from '../support/worker.ts'

/** Nobody: a user without subordinate ids, whom rootless engines cannot serve. */
const NOBODY = 65_534
/** Where Naru would find another QEMU. */
const MACHINES = ['qemu-system-x86_64', 'qemu-img'].flatMap((name) => ['/usr/bin', '/usr/local/bin'].map((folder) => join(folder, name))).filter((path) => existsSync(path))
const reason = whyNoVm() ?? (process.getuid?.() === 0 ? null : 'only root can become a user who may do nothing')
if (reason) console.log(`skipped: the virtual machine of another user is not tried here (${reason})`)
else if (MACHINES.length < 2) console.log('skipped: the QEMU of this machine is not tried (there is none)')

describe.skipIf(reason !== null)('a user who may do nothing special', () => {
  let folder = ''
  beforeAll(prepareVmImage, 960_000)
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'naru-vu-')))
    // Where the originals lie, only root may look.
    await chmod(folder, 0o755)
  })
  afterEach(async () => {
    const paths = vmPaths(join(folder, 'state/vm'), folder)
    const machine = await findMachine(paths)
    if (machine) await endMachine({ paths, process: machine.process, graceMs: 0 })
    await rm(folder, { recursive: true, force: true })
  })
  const at = (name: string): string => join(folder, name)

  /** Runs Naru's engine room as nobody; `before` is a shell script that root runs in a mount namespace of its own first. */
  async function runAsNobody(before: string): Promise<VmUserReport> {
    const script = await bundle('test/support/vm-user.ts', 'vm-user.cjs')
    try {
      for (const name of ['engine', 'image']) await mkdir(at(name), { mode: 0o755 })
      const copies = [
        [join(BUNDLES.newest, 'manifest.json'), at('engine/manifest.json')],
        ...['manifest.json', 'vmlinux', 'initrd.zst', 'rootfs.sqfs'].map((name) => [join(VM_IMAGE, name), at(`image/${name}`)]),
        [script.path, at('user.cjs')],
      ] as const
      for (const [from = '', to = ''] of copies) {
        await copyFile(from, to)
        await chmod(to, 0o644)
      }
      await mkdir(at('state'), { mode: 0o700 })
      await chown(at('state'), NOBODY, NOBODY)
      const user = ['setpriv', '--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups', '--reset-env']
      const args = ['user.cjs', 'engine', 'image', 'qemu', 'state'].map(at)
      const { stdout } = await exec('unshare', ['--mount', 'sh', '-ec', `${before}exec "$@"`, 'sh', ...user, process.execPath, ...args], { cwd: '/', timeoutMs: 600_000 })
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as VmUserReport
    } finally {
      await script.remove()
    }
  }

  it('gets the virtual machine by itself, with the reason why, and it answers; no QEMU but Naru’s own can be found', async () => {
    await cp(VM_QEMU, at('qemu'), { recursive: true })
    const report = await runAsNobody(MACHINES.map((path) => `mount --bind /dev/null ${path}\n`).join(''))
    expect(report).toMatchObject({ uid: NOBODY, currentId: 'vm', stopped: 'stopped' })
    expect(report.engines.find(({ id }) => id === 'native')).toMatchObject({ status: 'absent', why: expect.stringMatching(/subuid-missing|program-missing|userns-off/) })
    // What the window says of it: why this one, and what would make the other one possible.
    const { engines } = report.snapshot
    expect(whyChosen({ engines, currentId: report.currentId, asked: 'auto', root: false })).toBe('machine')
    expect(engines.find(({ id }) => id === 'native')?.error?.params?.['command']).toMatch(/^sudo (apt-get install uidmap|usermod --add-subuids \d+-\d+ --add-subgids \d+-\d+ \S+|sysctl -w \S+)$/)
    expect(report.engines.find(({ id }) => id === 'vm')).toMatchObject({ status: 'ready', version: expect.stringMatching(/^28\./) })
    expect(report.machine).toMatchObject({ qemuOrigin: 'bundled', qemuVersion: expect.stringMatching(/^\d+\.\d+/) })
    // Not one library of this machine: what the bundle runs on does not matter to it.
    expect(report.mapped).toContain(at('qemu/bin/qemu-system-x86_64'))
    expect(report.mapped).toContain(at('qemu/lib/libc.so.6'))
    expect(report.mapped?.filter((path) => !path.startsWith(at('qemu/')))).toEqual([])
    expect(report.machine?.acceleration).toMatchObject(report.machine?.acceleration?.software ? { name: 'tcg', why: expect.stringMatching(/denied|absent|failed/) } : { name: 'kvm' })
    expect(report.machine?.phases.map(({ step }) => step)).toEqual(['image', 'machine', 'guest', 'ping'])
    expect(report.machine?.phases.every(({ tookMs, limitMs }) => tookMs !== undefined && tookMs < limitMs)).toBe(true)
    console.log(`boots as nobody with ${report.machine?.acceleration?.name}: ${report.machine?.phases.map(({ step, tookMs }) => `${step} ${tookMs} ms`).join(', ')}`)
  }, 900_000)

  it.skipIf(MACHINES.length < 2)('gets it in the QEMU of this machine where Naru’s own is not there', async () => {
    const report = await runAsNobody('')
    expect(report).toMatchObject({ currentId: 'vm', stopped: 'stopped', machine: { qemuOrigin: 'machine' } })
    expect(report.mapped?.some((path) => path.startsWith('/usr/bin/qemu-system'))).toBe(true)
  }, 900_000)
})
