/** Provider of the bundled virtual machine: QEMU with Naru's own guest, an engine inside. */
import { mkdir, realpath } from 'node:fs/promises'
import { NaruError, isCancelled, toEnvelope } from '../../contract/errors.ts'
import { refuseForeignFolder } from '../../system/private-folder.ts'
import type { Detection, EngineHandle, EngineProvider, StartContext } from '../provider.ts'
import type { RestartPlan } from '../retry.ts'
import { vmData } from './data.ts'
import { createVmHandle } from './handle.ts'
import { vmPaths } from './paths.ts'
import type { VmPaths } from './paths.ts'
import type { Choices } from './plan.ts'
import { hostKind } from './platform.ts'
import type { HostKind } from './platform.ts'
import { PROVIDE_MS, canProvide, provide, whatIsMissing } from './provide.ts'
import type { VmSetup } from './provide.ts'
import { findMachine } from './record.ts'
import { START_STEPS, startMachine } from './start.ts'
import type { Running } from './start.ts'

export interface VmProviderOptions {
  /** Absolute folder for everything of this machine; made when missing. */
  readonly stateFolder: string
  /** What build-image.mjs made. */
  readonly imageFolder: string
  /** What build-qemu.mjs made; need not be there. */
  readonly qemuFolder?: string
  /** Makes QEMU and the image when they are missing; without it they have to be there. */
  readonly setup?: VmSetup
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

const lookFor = (host: HostKind, { imageFolder, qemuFolder }: VmProviderOptions): Promise<NaruError | null> =>
  whatIsMissing(host, { imageFolder, ...(qemuFolder !== undefined && { qemu: { bundle: qemuFolder } }) })

async function detect(paths: VmPaths, options: VmProviderOptions): Promise<Detection> {
  try {
    const host = supportedHost()
    if (await findMachine(paths)) return { state: 'running' }
    const missing = await lookFor(host, options)
    if (missing && !(await canProvide(options.setup))) throw missing
    return { state: 'startable' }
  } catch (error) {
    return { state: 'absent', error: toEnvelope(error) }
  }
}

/** Makes what is missing as a step of its own before the others; gives the context the others report to. */
async function prepare(options: VmProviderOptions, host: HostKind, context: StartContext): Promise<StartContext> {
  const { setup } = options
  const missing = await lookFor(host, options)
  if (!missing) return context
  if (!setup || !(await canProvide(setup))) throw missing
  const later: StartContext = { ...context, report: (phase) => context.report({ ...phase, index: phase.index + 1, total: phase.total + 1 }) }
  context.report({ step: 'provide', index: 1, total: START_STEPS + 1, limitMs: PROVIDE_MS })
  await provide(setup, context.signal, context.log)
  return later
}

async function start(options: VmProviderOptions, context: StartContext): Promise<EngineHandle> {
  const { stateFolder, imageFolder, qemuFolder, choices, onRunning, log } = options
  const host = supportedHost()
  await mkdir(stateFolder, { recursive: true, mode: 0o700 })
  const paths = vmPaths(await realpath(stateFolder))
  const both = (line: string): void => {
    log(line)
    context.log(line)
  }
  try {
    // Before anything in it is believed: a record or a socket there may be anybody's.
    await refuseForeignFolder(paths.run)
    const told = (await findMachine(paths)) ? { ...context, log: both } : await prepare(options, host, { ...context, log: both })
    const running = await startMachine({ paths, imageFolder, ...(qemuFolder !== undefined && { qemuFolder }), host, ...(await choices?.()), repair: context.repair ?? false }, told)
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
  const { stateFolder } = options
  return {
    id: VM_ENGINE_ID,
    kind: 'vm',
    name: '',
    origin: 'embedded',
    managed: true,
    restarts: RESTARTS,
    data: vmData(stateFolder),
    dockerHost: `unix://${vmPaths(stateFolder).socket}`,
    detect: async () => detect(vmPaths(await realpath(stateFolder).catch(() => stateFolder)), options),
    start: (context) => start(options, context),
  }
}
