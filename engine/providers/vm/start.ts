/** Bringing the virtual machine up, or taking over one that runs. */
import { chmod, mkdir, readFile } from 'node:fs/promises'
import { NaruError, fromEnvelope } from '../../contract/errors.ts'
import { systemClock, waitUntil } from '../../system/clock.ts'
import { takeLock } from '../../system/files.ts'
import { ensurePrivateFolder } from '../../system/private-folder.ts'
import { tailOfFile } from '../../system/log.ts'
import type { ProcessRef } from '../../system/processes.ts'
import { isAlive } from '../../system/processes.ts'
import { ping } from '../native/ping.ts'
import type { StartContext } from '../provider.ts'
import { within } from '../retry.ts'
import { openUnixSocket } from '../socket/dial.ts'
import type { MachineAcceleration, MachineFacts, QemuOrigin } from '../../contract/models.ts'
import { boot, planBoot } from './boot.ts'
import type { Ingredients } from './boot.ts'
import { fatalError, lastLine } from './console.ts'
import { checkDataDisk } from './disk-check.ts'
import { watchDisk } from './disk-watch.ts'
import type { DiskWatch } from './disk-watch.ts'
import { folderGuard } from './folder-guard.ts'
import { PortForwards } from './forwards.ts'
import { openGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { readImage, verifyFiles } from './image.ts'
import { createIdle } from './idle.ts'
import type { Idle } from './idle.ts'
import { ensureDataDisk } from './launch.ts'
import { createKeeper } from './kept.ts'
import { createLink } from './link.ts'
import type { GuestLink } from './link.ts'
import type { VmPaths } from './paths.ts'
import { watchPorts } from './port-watch.ts'
import { runningCount } from './published.ts'
import { findQemu, qemuVersion } from './qemu.ts'
import { openQmp } from './qmp.ts'
import type { Qmp } from './qmp.ts'
import { findMachine, waitForEnding } from './record.ts'
import type { StartOptions } from './start-options.ts'
import { StartTimes } from './start-times.ts'
import { endMachine } from './stop.ts'
import { enginePassage, portPassage } from './traffic.ts'
import { CONSOLE_LINES } from './watchdog.ts'

/** A machine that answers. */
export interface Running {
  readonly process: ProcessRef
  readonly adopted: boolean
  readonly acceleration: MachineAcceleration
  /** What it was started with. */
  readonly facts: MachineFacts
  readonly qemu: QemuOrigin | null
  readonly qmp: Qmp
  readonly link: GuestLink
  readonly disk: DiskWatch
  readonly idle: Idle
  readonly forwards: PortForwards
  readonly starts: StartTimes
  /** Ends everything on this side; the machine itself goes on. */
  readonly letGo: () => Promise<void>
}

const STEPS = ['image', 'machine', 'guest', 'ping'] as const
type Step = (typeof STEPS)[number]
/** How many steps a start has. */
export const START_STEPS = STEPS.length

/** Reading and comparing the files, making the disk. */
const IMAGE_MS = 120_000
const QMP_MS = 10_000
/** From userspace to the agent, and from the agent to the engine's first answer. */
const AGENT_MS = { hardware: 30_000, software: 120_000 }
const PING_MS = { hardware: 60_000, software: 300_000 }
const LOOK_EVERY_MS = 50

/** Starts or takes over the machine. One start at a time per state folder. */
export async function startMachine(options: StartOptions, context: StartContext): Promise<Running> {
  const { paths } = options
  await mkdir(paths.state, { recursive: true, mode: 0o700 })
  await chmod(paths.state, 0o700)
  await ensurePrivateFolder(paths.run)
  const lock = await takeLock(paths.lock)
  try {
    const running = await adopt(options, context)
    return running ?? (await bringUp(options, context))
  } finally {
    await lock.release()
  }
}

const step = (context: StartContext, name: Step, limitMs: number): void =>
  context.report({ step: name, index: STEPS.indexOf(name) + 1, total: STEPS.length, limitMs })

type Started = Pick<Running, 'process' | 'adopted' | 'acceleration' | 'facts' | 'qemu'>

/** Connects everything to a machine that runs; what was connected before a failure is let go. */
async function connect(options: StartOptions, machine: Started, context: StartContext): Promise<Running> {
  const { paths } = options
  const { signal, log } = context
  const speed = machine.acceleration.software ? 'software' : 'hardware'
  const qmp = await openQmp(await openUnixSocket(paths.qmp, signal, QMP_MS), { timeoutMs: QMP_MS, signal })
  const link = createLink(paths.api, log)
  const disk = watchDisk({ qmp, data: paths.data, log })
  const [idle, starts] = [createIdle({ qmp, link, process: machine.process, log }), new StartTimes()]
  let gateway: Gateway | undefined
  try {
    // One that was paused (host disk full, nap) goes on.
    await disk.resume()
    step(context, 'guest', AGENT_MS[speed])
    await watched({ paths, process: machine.process, disk }, context, () => link.ready(AGENT_MS[speed], signal))
    const [rules, keeper] = [{ ...folderGuard(machine.facts.folders.map(({ path }) => path)), seen: starts.seen }, { keep: createKeeper(link), log }]
    gateway = await openGateway(paths.socket, () => link.open('unix:/run/docker.sock'), { passage: () => enginePassage(idle.nap), rules, keeper })
    step(context, 'ping', PING_MS[speed])
    await watched({ paths, process: machine.process, disk }, context, () => answered(paths.socket, PING_MS[speed], signal))
    const forwards = new PortForwards((target) => link.open(target), log, () => portPassage(idle.nap))
    return { ...machine, qmp, link, disk, idle, forwards, starts, letGo: keepPorts({ paths, qmp, link, disk, idle, forwards, gateway, log }) }
  } catch (error) {
    disk.close()
    await Promise.all([gateway?.close(), idle.end(true)])
    link.close()
    qmp.close()
    throw error
  }
}

interface Connected extends Pick<Running, 'qmp' | 'link' | 'disk' | 'idle' | 'forwards'> {
  readonly paths: VmPaths
  readonly gateway: Gateway
  readonly log: (line: string) => void
}

/** Published ports from now on; what is returned ends them and all else. */
function keepPorts({ paths, qmp, link, disk, idle, forwards, gateway, log }: Connected): () => Promise<void> {
  const over = new AbortController()
  const { nap } = idle
  void watchPorts(paths.socket, forwards, { signal: over.signal, log, resting: () => nap.resting, onList: (answer) => nap.containers(runningCount(answer)) })
  return async () => {
    over.abort()
    disk.close()
    await idle.end(false)
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
  } catch (error) {
    throw await withConsole(error, paths.console)
  } finally {
    over.abort()
  }
}

/** What came too late is told with what the console said last. */
async function withConsole(error: unknown, path: string): Promise<unknown> {
  if (!(error instanceof NaruError) || error.code !== 'timeout') return error
  const detail = (await tailOfFile(path, CONSOLE_LINES)).join('\n')
  return new NaruError('provider.boot-failed', error.message, { hint: 'vm-silent', detail, cause: error })
}

/** A machine of an earlier Naru, when it answers; one that does not is ended. */
async function adopt(options: StartOptions, context: StartContext): Promise<Running | null> {
  const found = await findMachine(options.paths)
  if (!found) return null
  try {
    const { process, acceleration, facts, qemu } = found
    return await connect(options, { process, acceleration, facts, qemu, adopted: true }, context)
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
  step(context, 'image', IMAGE_MS)
  await waitForEnding(paths, signal)
  const programs = await findQemu(host, options.qemuFolder === undefined ? {} : { bundle: options.qemuFolder })
  const image = await readImage(options.imageFolder)
  const late = (): NaruError => new NaruError('timeout', `the virtual machine's files could not be read in ${IMAGE_MS} ms`)
  const [version] = await within(IMAGE_MS, signal, late, (both) =>
    Promise.all([
      qemuVersion(programs.emulator, both),
      verifyFiles({ ...image.digests, ...programs.digests }, both),
      ensureDataDisk(paths.data, programs.img, both).then(() => checkDataDisk(paths.data, options.repair ?? false, { img: programs.img, scratch: paths.scratch, signal: both })),
    ]),
  )
  return firstThatAnswers(options, { programs, image, version }, context)
}

/** Hardware's help may fail after the guest's first program, too: then the next acceleration is tried. */
async function firstThatAnswers(options: StartOptions, ingredients: Ingredients, context: StartContext): Promise<Running> {
  const { paths } = options
  const choice = await planBoot(options, ingredients.version)
  for (;;) {
    step(context, 'machine', choice.limitMs())
    const booted = await boot(options, ingredients, choice, context)
    try {
      const running = await connect(options, { ...booted, adopted: false }, context)
      // A machine that works is not given up for a note that could not be written.
      await choice.worked().catch((error: unknown) => context.log(`what worked is not remembered: ${String(error)}`))
      return running
    } catch (error) {
      await endMachine({ paths, process: booted.process, graceMs: 0 })
      if (context.signal.aborted || !choice.failedLate(error)) throw error
      context.log(`with ${booted.acceleration.name}: ${String(error)}; trying the next acceleration`)
    }
  }
}
