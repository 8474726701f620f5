/** One virtual machine for the bench: its starts, the bare kernel beside it, its processor time and memory. */
import { spawn } from 'node:child_process'
import { chown, mkdir, readFile, rm } from 'node:fs/promises'
import { release } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { accelerations, isSoftware } from '../../../engine/providers/vm/acceleration.ts'
import { defaultSize, qemuArguments } from '../../../engine/providers/vm/arguments.ts'
import { readImage } from '../../../engine/providers/vm/image.ts'
import { ensureDataDisk } from '../../../engine/providers/vm/launch.ts'
import { findQemu, qemuVersion } from '../../../engine/providers/vm/qemu.ts'
import { QEMU_USER } from '../../../engine/providers/vm/share-access.ts'
import { findMachine } from '../../../engine/providers/vm/record.ts'
import { headOfFile, USERSPACE_MARKER } from '../../../engine/providers/vm/watchdog.ts'
import type { EngineHandle } from '../../../engine/providers/provider.ts'
import { makeVmHome, VM_IMAGE, VM_QEMU } from '../../support/vm.ts'
import type { VmHome } from '../../support/vm.ts'
import { cpuSeconds, residentMegabytes } from './processes.ts'

const HOST = { platform: 'linux', arch: 'x64' } as const
/** The field notes were measured on it; hardware acceleration is another matter. */
const SOFTWARE = accelerations(HOST).find(isSoftware)

export interface Started {
  readonly handle: EngineHandle
  /** From the wish to the engine's answer. */
  readonly seconds: number
  /** Of QEMU, until then. */
  readonly cpuSeconds: number
  readonly residentMiB: number
}

export interface BenchVm {
  readonly home: VmHome
  /** A folder of this machine that containers see. */
  readonly shared: string
  readonly start: () => Promise<Started>
  /** Without its disk: the next start is a first one. */
  readonly forget: () => Promise<void>
  /** Seconds from the start of QEMU until the kernel's first program speaks; nothing else of the guest is run. */
  readonly bareKernel: () => Promise<number>
  readonly close: () => Promise<void>
}

export const kernelNote = (): string => `software emulation, Linux ${release()}`

export async function openBenchVm(): Promise<BenchVm> {
  const home = await makeVmHome()
  const shared = join(home.folder, 'shared')
  await mkdir(shared)
  if (process.getuid?.() === 0) await chown(shared, QEMU_USER.uid, QEMU_USER.gid)
  return {
    home,
    shared,
    start: async () => {
      const began = performance.now()
      // QEMU's network is a yardstick: its connections come from the address that is else closed to the guest.
      const handle = await home.start({ softwareOnly: true, hostLoopback: true, shares: [{ path: shared }] })
      const seconds = (performance.now() - began) / 1000
      const pid = (await findMachine(home.paths))?.process.pid ?? Number.NaN
      return { handle, seconds, cpuSeconds: await cpuSeconds(pid), residentMiB: (await residentMegabytes(pid)) * (1e6 / 2 ** 20) }
    },
    forget: () => rm(home.paths.data, { force: true }),
    bareKernel: () => bareKernel(home),
    close: () => home.destroy(),
  }
}

async function bareKernel(home: VmHome): Promise<number> {
  if (!SOFTWARE) throw new Error('no software emulation')
  const { emulator, img } = await findQemu(HOST, { bundle: VM_QEMU })
  const { kernel, initrd, root } = await readImage(VM_IMAGE)
  const folder = join(home.folder, 'bare')
  await mkdir(folder, { recursive: true })
  const at = (name: string): string => join(folder, name)
  await ensureDataDisk(at('data.qcow2'), img, AbortSignal.timeout(30_000))
  await rm(at('console'), { force: true })
  const version = await qemuVersion(emulator, AbortSignal.timeout(30_000))
  const machine = { host: HOST, version, acceleration: SOFTWARE, ...defaultSize(SOFTWARE, 2), kernel, initrd, root, data: at('data.qcow2'), api: at('api'), qmp: at('qmp'), serialLog: at('console') }
  const began = performance.now()
  const child = spawn(emulator.file, [...emulator.args, ...qemuArguments(machine)], { stdio: 'ignore' })
  const gone = new Promise((resolve) => child.once('exit', resolve))
  try {
    while (!(await headOfFile(at('console'))).includes(USERSPACE_MARKER)) {
      if (child.exitCode !== null || performance.now() - began > 120_000) throw new Error(`the bare kernel did not boot: ${await readFile(at('console'), 'utf8').catch(() => '')}`)
      await sleep(10)
    }
    return (performance.now() - began) / 1000
  } finally {
    child.kill('SIGKILL')
    await gone
    await rm(folder, { recursive: true, force: true })
  }
}
