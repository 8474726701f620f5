/** Provider of the bundled virtual machine: QEMU with Naru's own guest, an engine inside. */
import { mkdir, realpath } from 'node:fs/promises'
import { NaruError, isCancelled, toEnvelope } from '../../contract/errors.ts'
import type { Detection, EngineHandle, EngineProvider, StartContext } from '../provider.ts'
import type { RestartPlan } from '../retry.ts'
import { vmData } from './data.ts'
import { createVmHandle } from './handle.ts'
import { isImageThere, readImage } from './image.ts'
import { vmPaths } from './paths.ts'
import type { VmPaths } from './paths.ts'
import type { Choices } from './plan.ts'
import { hostKind } from './platform.ts'
import type { HostKind } from './platform.ts'
import { findQemu } from './qemu.ts'
import { findMachine } from './record.ts'
import { startMachine } from './start.ts'
import type { Running } from './start.ts'

export interface VmProviderOptions {
  /** Absolute folder for everything of this machine; made when missing. */
  readonly stateFolder: string
  /** What build-image.mjs made. */
  readonly imageFolder: string
  readonly log: (line: string) => void
  /** Asked at each start. Folders that are not among its shares are refused to containers. */
  readonly choices?: () => Promise<Partial<Choices>>
  /** Told of every machine that answers, and when it ended or was let go. */
  readonly onRunning?: (running: Running | null) => void
}

/** A boot is not cheap, and a machine that dies again and again needs a person. */
const RESTARTS: RestartPlan = { waitsMs: [1_000, 5_000, 30_000], healthyMs: 120_000 }
export const VM_ENGINE_ID = 'vm'

/** Only Linux is wired: elsewhere processes and sockets work another way, and nothing of it was ever run. */
function supportedHost(): HostKind {
  const host = hostKind(process.platform, process.arch)
  if (host?.platform === 'linux' && host.arch === 'x64') return host
  throw new NaruError('unsupported', `no virtual machine on ${process.platform} ${process.arch} yet`, { hint: 'vm-host' })
}

async function detect(paths: VmPaths, imageFolder: string): Promise<Detection> {
  try {
    const host = supportedHost()
    if (await findMachine(paths)) return { state: 'running' }
    await findQemu(host)
    if (!(await isImageThere(await readImage(imageFolder)))) {
      throw new NaruError('provider.absent', `no guest image in ${imageFolder}`, { params: { path: imageFolder }, hint: 'vm-image-missing' })
    }
    return { state: 'startable' }
  } catch (error) {
    return { state: 'absent', error: toEnvelope(error) }
  }
}

async function start({ stateFolder, imageFolder, choices, onRunning, log }: VmProviderOptions, context: StartContext): Promise<EngineHandle> {
  const host = supportedHost()
  await mkdir(stateFolder, { recursive: true, mode: 0o700 })
  const paths = vmPaths(await realpath(stateFolder))
  const both = (line: string): void => {
    log(line)
    context.log(line)
  }
  try {
    const running = await startMachine({ paths, imageFolder, host, ...(await choices?.()), repair: context.repair ?? false }, { ...context, log: both })
    const handle = createVmHandle(paths, running)
    onRunning?.(running)
    void handle.ended.then(() => onRunning?.(null))
    return handle
  } catch (error) {
    if (!isCancelled(error)) log(`the virtual machine did not start: ${toEnvelope(error).message}`)
    throw error
  }
}

/** The virtual machine of one state folder. */
export function createVmProvider(options: VmProviderOptions): EngineProvider {
  const { stateFolder, imageFolder } = options
  return {
    id: VM_ENGINE_ID,
    kind: 'vm',
    name: '',
    origin: 'embedded',
    managed: true,
    restarts: RESTARTS,
    data: vmData(stateFolder),
    dockerHost: `unix://${vmPaths(stateFolder).socket}`,
    detect: async () => detect(vmPaths(await realpath(stateFolder).catch(() => stateFolder)), imageFolder),
    start: (context) => start(options, context),
  }
}
