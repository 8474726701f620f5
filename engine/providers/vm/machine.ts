/** The bundled virtual machine as a whole: the engine it yields, and what else there is to see and to do. */
import { rm } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { NaruError } from '../../contract/errors.ts'
import type { FolderOffer, MachineFacts, MachineState, MachineUsage, VmFolder, VmSettings } from '../../contract/models.ts'
import { createBroadcast } from '../../host/broadcast.ts'
import { tailOfFile } from '../../system/log.ts'
import type { EngineProvider } from '../provider.ts'
import { accelerations, describeAcceleration, isSoftware } from './acceleration.ts'
import { defaultSize } from './arguments.ts'
import { listFor, offerFolder } from './folder-offer.ts'
import type { OfferOptions } from './folder-offer.ts'
import { accelerationDevice, readMemory } from './launch.ts'
import { vmPaths } from './paths.ts'
import { PhaseTimes } from './phases.ts'
import { changesFor, planMachine } from './plan.ts'
import type { Choices, HostSize } from './plan.ts'
import { hostKind } from './platform.ts'
import { findQemu } from './qemu.ts'
import { qemuUser } from './share-access.ts'
import { VM_ENGINE_ID, createVmProvider } from './vm-provider.ts'
import type { VmProviderOptions } from './vm-provider.ts'
import type { Running } from './start.ts'
import { growWhileAwake, napRules, watchUsage } from './usage.ts'

export interface Machine {
  readonly provider: EngineProvider
  /** Begins with the present state. */
  readonly watch: (signal: AbortSignal) => AsyncIterable<MachineState>
  /** What it takes, while it runs. */
  readonly usage: (signal: AbortSignal) => AsyncIterable<MachineUsage>
  /** @throws NaruError `engine.unreachable` while it does not run; see disk.ts */
  readonly growDisk: (options: Parameters<typeof growWhileAwake>[1]) => Promise<void>
  /** Newest lines of the console, oldest first. */
  readonly console: () => Promise<readonly string[]>
  /** The next start tries every acceleration again. */
  readonly forgetAcceleration: () => Promise<void>
  /** What it would take to show a path of this machine to containers. */
  readonly offerFolder: (path: string) => Promise<FolderOffer>
  /** The shared folders with the one that shows `path`. @throws NaruError `invalid-request` {path}, see folder-offer.ts */
  readonly foldersWith: (path: string, readonly: boolean) => Promise<readonly VmFolder[]>
  /** Its connections while it runs; null otherwise. */
  readonly running: () => Running | null
  /** Something that the state tells changed elsewhere: settings, or what another part added to it. */
  readonly changed: () => void
  readonly close: () => void
}

export interface MachineOptions extends Pick<VmProviderOptions, 'stateFolder' | 'imageFolder' | 'qemuFolder' | 'setup' | 'log'> {
  readonly home: string
  readonly settings: () => VmSettings
}

const CONSOLE_LINES = 40

export function createMachine(options: MachineOptions): Machine {
  const { stateFolder, home, settings } = options
  const paths = vmPaths(stateFolder)
  const host: HostSize = { memoryMiB: Math.floor(totalmem() / 1024 ** 2), cpus: availableParallelism() }
  const states = createBroadcast<MachineState>()
  const times = new PhaseTimes()
  let running: Running | null = null
  const plan = (): Promise<Choices> => planMachine({ settings: settings(), home, host })

  const sharing = async (): Promise<OfferOptions> => {
    const chosen = settings().folders
    const listed = chosen ?? foldersOf(await plan().catch(() => null))
    return { seen: running?.facts.folders ?? listed, listed, user: qemuUser() }
  }

  const state = async (): Promise<MachineState> => {
    // Why a choice is refused is told by the start that refuses it.
    const wanted = await plan().catch(() => null)
    const acceleration = running?.acceleration ?? (await expected(settings(), paths))
    return {
      engineId: VM_ENGINE_ID,
      running: running !== null,
      qemuVersion: running?.qmp.version ?? '',
      qemuOrigin: running ? running.qemu : await wouldRunIn(options.qemuFolder),
      acceleration,
      containerStartMs: running?.starts.typicalMs ?? null,
      ...(running?.facts ?? factsOf(wanted, acceleration?.software ?? true)),
      restartFor: running && wanted ? changesFor(wanted, running.facts, running.acceleration) : [],
      limits: host,
      phases: times.list,
    }
  }
  let asked = 0
  const publish = async (): Promise<void> => {
    asked += 1
    const mine = asked
    const now = await state()
    // A newer question answers for this one, too.
    if (mine === asked) states.publish(now)
  }
  const changed = (): void => {
    void publish().catch((error: unknown) => options.log(`the virtual machine's state: ${String(error)}`))
  }
  const provider = createVmProvider({
    ...options,
    choices: plan,
    onRunning: (now) => {
      running = now
      now?.idle.nap.setRules(napRules(settings()))
      now?.starts.onChange(changed)
      changed()
    },
  })

  return {
    provider: { ...provider, start: timed(provider, times, changed) },
    async *watch(signal) {
      const items = states.subscribe(signal)
      yield await state()
      yield* items
    },
    usage: (signal) => watchUsage(paths, () => running, signal),
    growDisk: async (options) => {
      if (!running) throw new NaruError('engine.unreachable', 'the virtual machine does not run', { engineId: VM_ENGINE_ID })
      await growWhileAwake(running, options)
    },
    console: () => tailOfFile(paths.console, CONSOLE_LINES),
    forgetAcceleration: async () => {
      await rm(paths.memory, { force: true })
      changed()
    },
    offerFolder: async (path) => offerFolder(path, await sharing()),
    foldersWith: async (path, readonly) => listFor(path, readonly, await sharing()),
    running: () => running,
    changed: () => {
      running?.idle.nap.setRules(napRules(settings()))
      changed()
    },
    close: () => states.close(),
  }
}

/** The provider's start with its steps timed. */
function timed(provider: EngineProvider, times: PhaseTimes, changed: () => void): EngineProvider['start'] {
  return async (context) => {
    times.begin()
    changed()
    const handle = await provider.start({
      ...context,
      report: (phase) => {
        context.report(phase)
        if (times.report(phase, context.now())) changed()
      },
    })
    if (handle.adopted) times.begin()
    else times.end(context.now())
    changed()
    return handle
  }
}

/** Which QEMU the next start would take. */
async function wouldRunIn(bundle: string | undefined): Promise<MachineState['qemuOrigin']> {
  const host = hostKind(process.platform, process.arch)
  if (!host) return null
  return findQemu(host, bundle === undefined ? {} : { bundle }).then(({ origin }) => origin, () => null)
}

/** What the next start would take, as far as it is known. */
async function expected({ softwareOnly = false }: VmSettings, paths: ReturnType<typeof vmPaths>): Promise<MachineState['acceleration']> {
  const host = hostKind(process.platform, process.arch)
  if (!host) return null
  const [remembered, device] = await Promise.all([readMemory(paths), accelerationDevice()])
  const known = accelerations(host).find(({ accel, cpu }) => accel === remembered?.accel && cpu === remembered.cpu)
  const software = accelerations(host).find(isSoftware)
  // One remembered from a time when the device could not be used says nothing now.
  const holds = known && (!isSoftware(known) || (remembered?.tried ?? []).length > 0)
  const next = softwareOnly || (host.platform === 'linux' && device !== 'usable') ? software : holds ? known : undefined
  return next ? describeAcceleration(next, remembered?.tried ?? [], { softwareOnly, device }) : null
}

const foldersOf = (wanted: Choices | null): readonly VmFolder[] => wanted?.shares.map(({ path, readonly }) => ({ path, readonly })) ?? []

function factsOf(wanted: Choices | null, software: boolean): MachineFacts {
  const size = defaultSize({ name: software ? 'tcg' : 'kvm', accel: '', cpu: '' }, availableParallelism())
  return {
    memoryMiB: wanted?.memoryMiB ?? size.memoryMiB,
    cpus: wanted?.cpus ?? size.cpus,
    folders: foldersOf(wanted),
    hostLoopback: wanted?.hostLoopback ?? false,
    publishEverywhere: wanted?.publishEverywhere ?? false,
  }
}
