/** For tests of the virtual machine: its image, a home of its own, the docker CLI against it. */
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { vmPaths } from '../../engine/providers/vm/paths.ts'
import type { VmPaths } from '../../engine/providers/vm/paths.ts'
import { findMachine } from '../../engine/providers/vm/record.ts'
import { endMachine } from '../../engine/providers/vm/stop.ts'
import { planShares } from '../../engine/providers/vm/shares.ts'
import type { SharedFolder } from '../../engine/providers/vm/shares.ts'
import type { Choices } from '../../engine/providers/vm/plan.ts'
import { findQemu, runProgram } from '../../engine/providers/vm/qemu.ts'
import { createVmProvider } from '../../engine/providers/vm/vm-provider.ts'
import type { Running } from '../../engine/providers/vm/start.ts'
import type { EngineHandle } from '../../engine/providers/provider.ts'
import { exec } from '../../engine/system/exec.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CACHE = process.env.NARU_TEST_CACHE ?? join(ROOT, '.naru/cache')
export const dockerProgram = join(CACHE, 'engine/bin/docker')

export const VM_IMAGE = join(CACHE, 'vm-image')

/** The QEMU that comes with Naru: what all tests of the machine run in, unless one says otherwise. */
export const VM_QEMU = join(CACHE, 'qemu')

/** Why the virtual machine cannot be tested here; null when it can. */
export function whyNoVm(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'not Linux on amd64'
  if (!existsSync(dockerProgram)) return 'no docker CLI in the engine bundle'
  const made = [VM_IMAGE, VM_QEMU].every((folder) => existsSync(join(folder, 'manifest.json')))
  return made || existsSync('/usr/bin/apt-get') ? null : 'no apt-get'
}

/** Builds (or finds) the guest image and QEMU. Takes some minutes the first time. */
export async function prepareVmImage(): Promise<void> {
  for (const [script, out] of [['qemu-bundle/build-qemu.mjs', VM_QEMU], ['image/build-image.mjs', VM_IMAGE]] as const) {
    await exec(process.execPath, [join(ROOT, 'engine/providers/vm', script), '--out', out, '--cache', join(CACHE, 'packages'), '--quiet'], { timeoutMs: 900_000 })
  }
}

/** Runs that QEMU's qemu-img; its output. */
export async function qemuImg(args: readonly string[], okCodes: readonly number[] = [0]): Promise<string> {
  const { img } = await findQemu({ platform: 'linux', arch: 'x64' }, { bundle: VM_QEMU })
  return (await runProgram(img, args, { okCodes, timeoutMs: 60_000 })).stdout
}

export interface VmHome {
  readonly folder: string
  readonly paths: VmPaths
  /** Lines the provider logged so far. */
  readonly lines: string[]
  /** Steps of the newest start. */
  readonly steps: string[]
  /** The machine's connections while it runs. */
  readonly running: () => Running | null
  readonly start: (choices?: Partial<Omit<Choices, 'shares'>> & { readonly shares?: readonly SharedFolder[] }) => Promise<EngineHandle>
  /** The docker CLI against this machine; its output, trimmed. */
  readonly docker: (args: readonly string[], input?: string) => Promise<string>
  readonly destroy: () => Promise<void>
}

/** A fresh home in a temporary folder. `qemuFolder`: where Naru's own QEMU is looked for; the machine's is taken when it is not there. */
export async function makeVmHome({ qemuFolder = VM_QEMU }: { readonly qemuFolder?: string } = {}): Promise<VmHome> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'naru-vm-')))
  // Tests look at it as other users, too: what must keep them out is the machine's own folder.
  await chmod(folder, 0o755)
  const stateFolder = join(folder, 'vm')
  const paths = vmPaths(stateFolder)
  const lines: string[] = []
  const steps: string[] = []
  let running: Running | null = null
  return {
    folder,
    paths,
    lines,
    steps,
    running: () => running,
    start: async ({ shares = [], ...choices } = {}) => {
      steps.length = 0
      const provider = createVmProvider({ stateFolder, imageFolder: VM_IMAGE, qemuFolder, log: (line) => lines.push(line), choices: async () => ({ ...choices, shares: planShares(shares) }), onRunning: (now) => (running = now) })
      const report = ({ step }: { step: string }): void => {
        if (steps.at(-1) !== step) steps.push(step)
      }
      return provider.start({ signal: AbortSignal.timeout(600_000), now: Date.now, log: () => undefined, report })
    },
    docker: async (args, input) => {
      const env = { PATH: '/usr/bin:/bin', HOME: folder, DOCKER_CONFIG: join(folder, 'cli') }
      return (await exec(dockerProgram, ['-H', `unix://${paths.socket}`, ...args], { env, timeoutMs: 120_000, ...(input !== undefined && { input }) })).stdout.trim()
    },
    destroy: async () => {
      const machine = await findMachine(paths)
      if (machine) await endMachine({ paths, process: machine.process, graceMs: 0 })
      await rm(paths.run, { recursive: true, force: true })
      await rm(folder, { recursive: true, force: true })
    },
  }
}
