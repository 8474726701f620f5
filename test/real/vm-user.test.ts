/** Who is not root, on a machine where the embedded engine cannot run without root, gets the virtual machine by itself. */
import { chmod, chown, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { vmPaths } from '../../engine/providers/vm/paths.ts'
import { findMachine } from '../../engine/providers/vm/record.ts'
import { endMachine } from '../../engine/providers/vm/stop.ts'
import { exec } from '../../engine/system/exec.ts'
import { BUNDLES } from '../support/native.ts'
import { prepareVmImage, VM_IMAGE, whyNoVm } from '../support/vm.ts'
import type { VmUserReport } from '../support/vm-user.ts'
import { bundle } from '../support/worker.ts'

/** Nobody: a user without subordinate ids, whom rootless engines cannot serve. */
const NOBODY = 65_534
const reason = whyNoVm() ?? (process.getuid?.() === 0 ? null : 'only root can become a user who may do nothing')
if (reason) console.log(`skipped: the virtual machine of another user is not tried here (${reason})`)

describe.skipIf(reason !== null)('a user who may do nothing special', () => {
  beforeAll(prepareVmImage, 960_000)

  it('gets the virtual machine by itself, with the reason why, and it answers', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'naru-vu-'))
    const state = join(folder, 'state')
    const paths = vmPaths(join(state, 'vm'), folder)
    const script = await bundle('test/support/vm-user.ts', 'vm-user.cjs')
    try {
      // Where the originals lie, only root may look.
      await chmod(folder, 0o755)
      for (const name of ['engine', 'image']) await mkdir(join(folder, name), { mode: 0o755 })
      const copies = [
        [join(BUNDLES.newest, 'manifest.json'), join(folder, 'engine/manifest.json')],
        ...['manifest.json', 'vmlinux', 'initrd.zst', 'rootfs.sqfs'].map((name) => [join(VM_IMAGE, name), join(folder, 'image', name)]),
        [script.path, join(folder, 'user.cjs')],
      ] as const
      for (const [from = '', to = ''] of copies) {
        await copyFile(from, to)
        await chmod(to, 0o644)
      }
      await mkdir(state, { mode: 0o700 })
      await chown(state, NOBODY, NOBODY)
      const user = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups', '--reset-env']
      const args = ['user.cjs', 'engine', 'image', 'state'].map((name) => join(folder, name))
      const { stdout } = await exec('setpriv', [...user, process.execPath, ...args], { cwd: '/', timeoutMs: 600_000 })
      const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as VmUserReport
      expect(report).toMatchObject({ uid: NOBODY, currentId: 'vm', stopped: 'stopped' })
      expect(report.engines.find(({ id }) => id === 'native')).toMatchObject({ status: 'absent', why: expect.stringMatching(/subuid-missing|program-missing|userns-off/) })
      expect(report.engines.find(({ id }) => id === 'vm')).toMatchObject({ status: 'ready', version: expect.stringMatching(/^28\./) })
      expect(report.machine?.acceleration).toMatchObject(report.machine?.acceleration?.software ? { name: 'tcg', why: expect.stringMatching(/denied|absent|failed/) } : { name: 'kvm' })
      expect(report.machine?.phases.map(({ step }) => step)).toEqual(['image', 'machine', 'guest', 'ping'])
      expect(report.machine?.phases.every(({ tookMs, limitMs }) => tookMs !== undefined && tookMs < limitMs)).toBe(true)
      console.log(`boots as nobody with ${report.machine?.acceleration?.name}: ${report.machine?.phases.map(({ step, tookMs }) => `${step} ${tookMs} ms`).join(', ')}`)
    } finally {
      await script.remove()
      const machine = await findMachine(paths)
      if (machine) await endMachine({ paths, process: machine.process, graceMs: 0 })
      await rm(folder, { recursive: true, force: true })
    }
  }, 900_000)
})
