/** Bringing the virtual machine up, or taking over one that runs. */
import { chmod, mkdir, readFile } from 'node:fs/promises'
import { availableParallelism, release } from 'node:os'
import { NaruError, fromEnvelope } from '../../contract/errors.ts'
import { systemClock, waitUntil } from '../../system/clock.ts'
import { takeLock } from '../../system/files.ts'
import type { ProcessRef } from '../../system/processes.ts'
import { isAlive } from '../../system/processes.ts'
import { ping } from '../native/ping.ts'
import type { StartContext } from '../provider.ts'
import { openUnixSocket } from '../socket/dial.ts'
import { chooseAccelerations, isSoftware, memoryKey } from './acceleration.ts'
import type { Acceleration } from './acceleration.ts'
import { defaultSize } from './arguments.ts'
import type { Share } from './arguments.ts'
import { fatalError, lastLine } from './console.ts'
import { checkDataDisk } from './disk-check.ts'
import { watchDisk } from './disk-watch.ts'
import type { DiskWatch } from './disk-watch.ts'
import { PortForwards } from './forwards.ts'
import { openGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { readImage, verifyImage } from './image.ts'
import type { GuestImage } from './image.ts'
import { ensureDataDisk, launch, readMemory, usableAccelerators, writeMemory } from './launch.ts'
import { createLink } from './link.ts'
import type { GuestLink } from './link.ts'
import type { VmPaths } from './paths.ts'
import type { HostKind } from './platform.ts'
import { watchPorts } from './port-watch.ts'
import { findQemu, qemuVersion } from './qemu.ts'
import type { QemuPrograms } from './qemu.ts'
import { openQmp } from './qmp.ts'
import type { Qmp } from './qmp.ts'
import { findMachine } from './record.ts'
import { endMachine } from './stop.ts'
import { bootWatched, headOfFile } from './watchdog.ts'

export interface StartOptions {
  readonly paths: VmPaths
  readonly imageFolder: string
  readonly host: HostKind
  /** The person's choices; see arguments.ts for the defaults. */
  readonly memoryMiB?: number
  readonly cpus?: number
  readonly softwareOnly?: boolean
  readonly hostLoopback?: boolean
  readonly shares?: readonly Share[]
  /** The person agreed that the check of a damaged disk may change it. */
  readonly repair?: boolean
}

/** A machine that answers. */
export interface Running {
  readonly process: ProcessRef
  readonly adopted: boolean
  /** Folders of the host that the guest sees. */
  readonly folders: readonly string[]
  readonly qmp: Qmp
  readonly link: GuestLink
  readonly disk: DiskWatch
  /** Ends everything on this side; the machine itself goes on. */
  readonly letGo: () => Promise<void>
}

const STEPS = ['image', 'machine', 'guest', 'ping'] as const
type Step = (typeof STEPS)[number]

const QMP_MS = 10_000
/** From userspace to the agent, and from the agent to the engine's first answer. */
const AGENT_MS = { hardware: 30_000, software: 120_000 }
const PING_MS = { hardware: 60_000, software: 300_000 }
const LOOK_EVERY_MS = 50

/** Starts or takes over the machine. One start at a time per state folder. */
export async function startMachine(options: StartOptions, context: StartContext): Promise<Running> {
  const { paths } = options
  await mkdir(paths.state, { recursive: true, mode: 0o700 })
  await mkdir(paths.run, { recursive: true, mode: 0o700 })
  for (const folder of [paths.state, paths.run]) await chmod(folder, 0o700)
  const lock = await takeLock(paths.lock)
  try {
    const running = await adopt(options, context)
    return running ?? (await bringUp(options, context))
  } finally {
    await lock.release()
  }
}

const step = (context: StartContext, name: Step, line?: string): void =>
  context.report({ step: name, index: STEPS.indexOf(name) + 1, total: STEPS.length, ...(line && { lastLine: line }) })

interface Started extends Pick<Running, 'process' | 'adopted' | 'folders'> {
  readonly software: boolean
}

/** Connects everything to a machine that runs; what was connected before a failure is let go. */
async function connect(options: StartOptions, machine: Started, context: StartContext): Promise<Running> {
  const { paths } = options
  const { signal, log } = context
  const speed = machine.software ? 'software' : 'hardware'
  const qmp = await openQmp(await openUnixSocket(paths.qmp, signal, QMP_MS), { timeoutMs: QMP_MS, signal })
  const link = createLink(paths.api, log)
  const disk = watchDisk({ qmp, data: paths.data, log })
  let gateway: Gateway | undefined
  try {
    // One that was paused (host disk full, nap) goes on.
    await disk.resume()
    if (!machine.adopted) step(context, 'guest')
    await watched({ paths, process: machine.process, disk }, context, () => link.ready(AGENT_MS[speed], signal))
    gateway = await openGateway(paths.socket, () => link.open('unix:/run/docker.sock'))
    step(context, 'ping')
    await watched({ paths, process: machine.process, disk }, context, () => answered(paths.socket, PING_MS[speed], signal))
    return { process: machine.process, adopted: machine.adopted, folders: machine.folders, qmp, link, disk, letGo: keepPorts({ paths, qmp, link, disk, gateway, log }) }
  } catch (error) {
    disk.close()
    await gateway?.close()
    link.close()
    qmp.close()
    throw error
  }
}

interface Connected {
  readonly paths: VmPaths
  readonly qmp: Qmp
  readonly link: GuestLink
  readonly disk: DiskWatch
  readonly gateway: Gateway
  readonly log: (line: string) => void
}

/** Published ports from now on; what is returned ends them and all else. */
function keepPorts({ paths, qmp, link, disk, gateway, log }: Connected): () => Promise<void> {
  const over = new AbortController()
  const forwards = new PortForwards((target) => link.open(target), log)
  void watchPorts(paths.socket, forwards, over.signal, log)
  return async () => {
    over.abort()
    disk.close()
    link.close()
    qmp.close()
    await Promise.all([forwards.close(), gateway.close()])
  }
}

async function answered(socket: string, withinMs: number, signal: AbortSignal): Promise<void> {
  if (await waitUntil(() => ping(socket, 5_000), { withinMs, everyMs: LOOK_EVERY_MS, signal })) return
  throw new NaruError('timeout', `the engine in the virtual machine did not answer in ${withinMs} ms`)
}

interface Watched {
  readonly paths: VmPaths
  readonly process: ProcessRef
  readonly disk: DiskWatch
}

/** Waits for `work` while the guest goes on, neither giving up nor ending; its newest line is told on the way. */
async function watched<T>({ paths, process, disk }: Watched, context: StartContext, work: () => Promise<T>): Promise<T> {
  const over = new AbortController()
  let told = ''
  const look = async (): Promise<never> => {
    for (;;) {
      const text = await readFile(paths.console, 'utf8').catch(() => '')
      const fatal = fatalError(text, paths.data)
      if (fatal) throw fatal
      const held = disk.now()
      if (held) throw fromEnvelope(held)
      if (!(await isAlive(process))) throw new NaruError('provider.boot-failed', 'QEMU ended', { hint: 'vm-boot', detail: text.split('\n').slice(-40).join('\n') })
      const line = lastLine(text)
      if (line !== told) context.log(line)
      told = line
      await systemClock.sleep(250, over.signal)
    }
  }
  const watching = look()
  watching.catch(() => undefined)
  try {
    return await Promise.race([work(), watching])
  } finally {
    over.abort()
  }
}

/** A machine of an earlier Naru, when it answers; one that does not is ended. */
async function adopt(options: StartOptions, context: StartContext): Promise<Running | null> {
  const found = await findMachine(options.paths)
  if (!found) return null
  step(context, 'guest')
  try {
    return await connect(options, { process: found.process, software: found.accel.startsWith('tcg'), adopted: true, folders: found.folders }, context)
  } catch (error) {
    // One that waits for room on this machine's disk is well: what it has not written yet must not be lost.
    if (context.signal.aborted || (error instanceof NaruError && error.hint?.startsWith('vm-disk-'))) throw error
    context.log(`the virtual machine that runs does not answer (${String(error)}); ending it`)
    await endMachine({ paths: options.paths, process: found.process, graceMs: 0 })
    return null
  }
}

async function bringUp(options: StartOptions, context: StartContext): Promise<Running> {
  const { paths, host } = options
  const { signal } = context
  step(context, 'image')
  const programs = await findQemu(host)
  const image = await readImage(options.imageFolder)
  const [version] = await Promise.all([
    qemuVersion(programs.emulator, signal),
    verifyImage(image, signal),
    ensureDataDisk(paths.data, programs.img, signal).then(() => checkDataDisk(paths.data, options.repair ?? false, { img: programs.img, scratch: paths.scratch, signal })),
  ])
  step(context, 'machine')
  const { process, acceleration } = await boot(options, { programs, image, version }, context)
  try {
    return await connect(options, { process, software: isSoftware(acceleration), adopted: false, folders: (options.shares ?? []).map(({ path: folder }) => folder) }, context)
  } catch (error) {
    await endMachine({ paths, process, graceMs: 0 })
    throw error
  }
}

interface Ingredients {
  readonly programs: QemuPrograms
  readonly image: GuestImage
  readonly version: string
}

/** Boots with what works, and remembers it. */
async function boot(options: StartOptions, { programs, image, version }: Ingredients, context: StartContext): Promise<{ readonly process: ProcessRef; readonly acceleration: Acceleration }> {
  const { paths, host, softwareOnly = false, hostLoopback = false, shares = [], repair = false } = options
  const key = memoryKey(host, release(), version)
  const candidates = chooseAccelerations(host, { softwareOnly, remembered: await readMemory(paths), key, usable: await usableAccelerators() })
  let process: ProcessRef | undefined
  const booted = await bootWatched({
    candidates,
    signal: context.signal,
    console: () => headOfFile(paths.console),
    onFailure: ({ acceleration, why, tookMs }) => context.log(`${acceleration.accel} -cpu ${acceleration.cpu}: ${why} (${tookMs} ms)`),
    launch: async (acceleration) => {
      const size = defaultSize(acceleration, availableParallelism())
      const { kernel, initrd, root } = image
      const machine = {
        host, kernel, initrd, root, hostLoopback, shares, repair,
        cpus: options.cpus ?? size.cpus,
        memoryMiB: options.memoryMiB ?? size.memoryMiB,
        data: paths.data,
        api: paths.api,
        qmp: paths.qmp,
        serialLog: paths.console,
      }
      const attempt = await launch({ paths, emulator: programs.emulator, machine }, acceleration)
      process = attempt.process
      return attempt
    },
  })
  if (!process) throw new NaruError('internal', 'a machine booted without a process')
  const { accel, cpu } = booted.acceleration
  if (!softwareOnly) await writeMemory(paths, { key, accel, cpu })
  context.log(`userspace after ${booted.userspaceMs} ms with ${accel}`)
  return { process, acceleration: booted.acceleration }
}
