/** Provider of the engine Naru brings itself: Moby from the bundle, as root in a namespace of its own, else rootless. */
import { mkdir, realpath } from 'node:fs/promises'
import { isCancelled, toEnvelope } from '../../contract/errors.ts'
import { takeLock } from '../../system/files.ts'
import type { Detection, EngineHandle, EngineProvider, StartContext } from '../provider.ts'
import { endDaemons, hasContainers, removeTraces } from './cleanup.ts'
import { nativeData } from './data.ts'
import { findDaemon } from './find.ts'
import { createHandle } from './handle.ts'
import { createDeadSweep } from './orphans.ts'
import { nativePaths } from './paths.ts'
import type { NativePaths } from './paths.ts'
import { ping } from './ping.ts'
import { checkRoot, checkRootless } from './preflight.ts'
import { startRootless } from './rootless.ts'
import { endForsaken, hasContainerd, startEngine } from './start.ts'
import { createUnknownSweep, endUnknown, findUnknown } from './unknown.ts'
import { createUntoldSweep } from './untold.ts'

export interface NativeProviderOptions {
  /** Absolute folder for everything of this engine; made when missing. */
  readonly stateFolder: string
  /** What build-bundle.mjs made. */
  readonly bundleFolder: string
  readonly log: (line: string) => void
}

const isRoot = (): boolean => process.getuid?.() === 0

async function detect(paths: NativePaths, bundleFolder: string): Promise<Detection> {
  try {
    if ((await findDaemon(paths)) && (await ping(paths.socket, 2_000))) return { state: 'running' }
    if (isRoot()) await checkRoot(bundleFolder)
    else await checkRootless(bundleFolder)
    return { state: 'startable' }
  } catch (error) {
    return { state: 'absent', error: toEnvelope(error) }
  }
}

/** The ladder of a stop. Containers that still live keep their namespace, so that the next start finds them working. */
async function stopEngine(paths: NativePaths, bundleFolder: string, graceMs: number): Promise<void> {
  const lock = await takeLock(paths.lock)
  try {
    const unknown = await findUnknown(paths)
    await endDaemons(paths, graceMs)
    await endUnknown(paths, unknown)
    if (!(await hasContainers(paths))) await removeTraces(paths, bundleFolder)
  } finally {
    await lock.release()
  }
}

/** What is done to an engine beside its use: never while it is started or stopped, which would make a second containerd. */
interface House {
  /** The handle that keeps it: the newest. */
  keeper: AbortController
  /** Never rejects. */
  rest: Promise<unknown>
}

/** Nobody keeps it any more from here on. */
async function leaveAlone(house: House): Promise<void> {
  house.keeper.abort()
  await house.rest
}

async function startRoot(paths: NativePaths, { bundleFolder, log }: NativeProviderOptions, context: StartContext, house: House): Promise<EngineHandle> {
  await checkRoot(bundleFolder)
  await leaveAlone(house)
  const both = (line: string): void => {
    log(line)
    context.log(line)
  }
  let started
  try {
    started = await startEngine(paths, bundleFolder, { ...context, log: both })
  } catch (error) {
    // A start that was given up leaves nothing, unless another one holds the lock or containers live.
    if (isCancelled(error)) await stopEngine(paths, bundleFolder, 5_000).catch((failure: unknown) => log(String(failure)))
    throw error
  }
  const keep = new AbortController()
  house.keeper = keep
  const sweep = createDeadSweep(paths)
  const told = createUntoldSweep(paths, log)
  const known = createUnknownSweep(paths)
  const keepHouse = async (): Promise<void> => {
    if (keep.signal.aborted) return
    if (!(await hasContainerd(paths))) {
      // Its end is told by the handle, and who holds that starts both anew.
      if (!keep.signal.aborted) await endForsaken(started.daemon, log)
      return
    }
    // Each by itself: what one cannot do must not keep the others from their work.
    const look = async (find: () => Promise<number>, said: (count: number) => string): Promise<void> => {
      const count = await find().catch((error: unknown) => {
        if (!keep.signal.aborted) log(`keeping house: ${String(error)}`)
        return 0
      })
      if (count > 0) log(said(count))
    }
    await look(sweep, (count) => `${count} process(es) or notes of containers that nothing watched were taken away`)
    await look(() => told(keep.signal), (count) => `dockerd was told of the end of ${count} container(s)`)
    await look(known, (count) => `${count} container(s) that dockerd did not know were ended`)
  }
  const handle = createHandle({
    paths,
    ...started,
    log,
    keep: () => {
      const work = house.rest.then(keepHouse)
      house.rest = work.catch(() => undefined)
      return work
    },
    end: async (graceMs) => {
      await leaveAlone(house)
      await stopEngine(paths, bundleFolder, graceMs)
    },
  })
  void handle.ended.then(() => keep.abort())
  return handle
}

/** The embedded engine of one state folder. */
export function createNativeProvider(options: NativeProviderOptions): EngineProvider {
  const planned = nativePaths(options.stateFolder)
  const house: House = { keeper: new AbortController(), rest: Promise.resolve() }
  // One folder, one engine: links in its path must not give it two names.
  const resolved = async (): Promise<NativePaths> => {
    await mkdir(options.stateFolder, { recursive: true, mode: 0o700 })
    return nativePaths(await realpath(options.stateFolder))
  }
  return {
    id: 'native',
    kind: 'native',
    name: '',
    origin: 'embedded',
    managed: true,
    dockerHost: `unix://${planned.socket}`,
    data: nativeData(options.stateFolder, options.bundleFolder),
    detect: async () => detect(nativePaths(await realpath(options.stateFolder).catch(() => options.stateFolder)), options.bundleFolder),
    start: async (context) => (isRoot() ? startRoot(await resolved(), options, context, house) : startRootless(await resolved(), options, context)),
  }
}
