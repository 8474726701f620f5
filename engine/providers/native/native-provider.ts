/** Provider of the engine Naru brings itself: Moby from the bundle, as root in a namespace of its own, else rootless. */
import { mkdir, realpath } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { isCancelled, toEnvelope } from '../../contract/errors.ts'
import { takeLock } from '../../system/files.ts'
import type { Detection, EngineHandle, EngineProvider, StartContext } from '../provider.ts'
import { endDaemons, hasContainers, removeTraces } from './cleanup.ts'
import { nativeData } from './data.ts'
import { findContainerd, findDaemon } from './find.ts'
import { createHandle } from './handle.ts'
import { nativePaths } from './paths.ts'
import type { NativePaths } from './paths.ts'
import { ping } from './ping.ts'
import { checkRoot, checkRootless } from './preflight.ts'
import { startRootless } from './rootless.ts'
import { ensureContainerd, startEngine } from './start.ts'

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
    else await checkRootless(bundleFolder, userInfo().username, userInfo().uid)
    return { state: 'startable' }
  } catch (error) {
    return { state: 'absent', error: toEnvelope(error) }
  }
}

/** The ladder of a stop. Containers that still live keep their namespace, so that the next start finds them working. */
async function stopEngine(paths: NativePaths, bundleFolder: string, graceMs: number): Promise<void> {
  const lock = await takeLock(paths.lock)
  try {
    await endDaemons(paths, graceMs)
    if (!(await hasContainers(paths))) await removeTraces(paths, bundleFolder)
  } finally {
    await lock.release()
  }
}

async function startRoot(paths: NativePaths, { bundleFolder, log }: NativeProviderOptions, context: StartContext): Promise<EngineHandle> {
  await checkRoot(bundleFolder)
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
  const handle = createHandle({
    paths,
    ...started,
    log,
    keep: async () => ensureContainerd(paths, bundleFolder, { signal: keep.signal, log }, await findContainerd(paths)),
    end: (graceMs) => stopEngine(paths, bundleFolder, graceMs),
  })
  void handle.ended.then(() => keep.abort())
  return handle
}

/** The embedded engine of one state folder. */
export function createNativeProvider(options: NativeProviderOptions): EngineProvider {
  const planned = nativePaths(options.stateFolder)
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
    start: async (context) => (isRoot() ? startRoot(await resolved(), options, context) : startRootless(await resolved(), options, context)),
  }
}
