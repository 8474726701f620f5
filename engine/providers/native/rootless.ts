/** The embedded engine without root: dockerd inside a user namespace made by rootlesskit. */
import { mkdir, rm, writeFile, chmod } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { NaruError } from '../../contract/errors.ts'
import { waitUntil } from '../../system/clock.ts'
import { takeLock } from '../../system/files.ts'
import { rotateInPlace, tailOfFile } from '../../system/log.ts'
import { endProcess, findProcesses } from '../../system/processes.ts'
import type { ProcessRef } from '../../system/processes.ts'
import type { EngineHandle, StartContext } from '../provider.ts'
import { ladder } from './cleanup.ts'
import { commonArguments, daemonEnv, spawnDetached } from './daemon.ts'
import { findShims } from './find.ts'
import { createHandle } from './handle.ts'
import type { NativePaths } from './paths.ts'
import { ping } from './ping.ts'
import { checkRootless } from './preflight.ts'
import { LOG_ROTATION } from './start.ts'
import { SYSTEM_PATH } from './tools.ts'

export interface RootlessOptions {
  readonly bundleFolder: string
  readonly log: (line: string) => void
}

const STEPS = ['clean-up', 'daemon', 'ping'] as const
const PING_WITHIN_MS = 60_000

/** Where rootlesskit keeps its own state; also what tells our rootlesskit from any other. */
const kitFolder = (paths: NativePaths): string => join(paths.run, 'kit')

/** Our rootlesskit (the outer one: its child has the same arguments and is younger). */
async function findKit(paths: NativePaths): Promise<ProcessRef | null> {
  const kits = await findProcesses((args) => args.includes(`--state-dir=${kitFolder(paths)}`))
  return [...kits].sort((a, b) => a.startTime - b.startTime || a.pid - b.pid)[0] ?? null
}

function environment(paths: NativePaths, bundleFolder: string): NodeJS.ProcessEnv {
  const folders = ['bin', 'iptables', 'rootless'].map((name) => join(bundleFolder, name))
  const bundled = { PATH: `${folders.join(':')}:${SYSTEM_PATH}`, XTABLES_LIBDIR: join(bundleFolder, 'iptables', 'xtables') }
  return {
    ...daemonEnv(paths, bundled),
    HOME: homedir(),
    // Its own run folder: neither a rootless dockerd of the person's nor its sockets are in the way.
    XDG_RUNTIME_DIR: paths.run,
    DOCKERD_ROOTLESS_ROOTLESSKIT_STATE_DIR: kitFolder(paths),
    DOCKERD_ROOTLESS_ROOTLESSKIT_NET: 'slirp4netns',
    DOCKERD_ROOTLESS_ROOTLESSKIT_MTU: '65520',
    DOCKERD_ROOTLESS_ROOTLESSKIT_PORT_DRIVER: 'builtin',
  }
}

/** Ends rootlesskit (and with it everything in its namespaces) and removes the run folder. */
async function endRootless(paths: NativePaths, graceMs: number): Promise<void> {
  const kit = await findKit(paths)
  if (kit) await endProcess(kit, ladder(graceMs))
  // Orphans of a killed rootlesskit cannot be reached again by anybody.
  for (const shim of await findShims(paths)) await endProcess(shim, [{ signal: 'SIGKILL', waitMs: 2_000 }])
  await rm(paths.run, { recursive: true, force: true })
}

async function bringUp(paths: NativePaths, { bundleFolder }: RootlessOptions, context: StartContext): Promise<ProcessRef> {
  const script = join(bundleFolder, 'rootless', 'dockerd-rootless.sh')
  const spawned = spawnDetached('/bin/sh', [script, ...commonArguments(paths)], {
    env: environment(paths, bundleFolder),
    log: paths.daemonLog,
    cwd: '/',
  })
  let ended: string | undefined
  void spawned.exited.then((reason) => {
    ended = reason
  })
  context.report({ step: 'ping', index: 3, total: STEPS.length })
  const answers = await waitUntil(async () => ended !== undefined || (await ping(paths.socket, 2_000)), {
    withinMs: PING_WITHIN_MS,
    everyMs: 20,
    signal: context.signal,
  })
  const kit = answers && ended === undefined ? await findKit(paths) : null
  if (kit) return kit
  const detail = (await tailOfFile(paths.daemonLog, 8)).join('\n')
  throw new NaruError('provider.boot-failed', `rootless dockerd ${ended ?? 'gave no answer in time'}`, {
    hint: 'daemon-log',
    params: { path: paths.daemonLog },
    detail,
  })
}

/** Starts or adopts the rootless engine. */
export async function startRootless(paths: NativePaths, options: RootlessOptions, context: StartContext): Promise<EngineHandle> {
  const { username, uid } = userInfo()
  context.report({ step: 'clean-up', index: 1, total: STEPS.length })
  await checkRootless(options.bundleFolder, username, uid)
  const lock = await takeLock(paths.lock)
  try {
    const running = await findKit(paths)
    const adopted = running !== null && (await ping(paths.socket, 5_000))
    let daemon = running
    if (!adopted) {
      await endRootless(paths, 10_000)
      await mkdir(paths.run, { recursive: true, mode: 0o700 })
      await chmod(paths.run, 0o700)
      await mkdir(paths.data, { recursive: true })
      await writeFile(paths.daemonConfig, '{}\n')
      rotateInPlace(paths.daemonLog, LOG_ROTATION)
      context.report({ step: 'daemon', index: 2, total: STEPS.length })
      daemon = await bringUp(paths, options, context).catch(async (error: unknown) => {
        await endRootless(paths, 5_000)
        throw error
      })
    }
    if (!daemon) throw new NaruError('provider.boot-failed', 'rootlesskit is gone', { hint: 'daemon-log' })
    return createHandle({
      paths,
      daemon,
      adopted,
      log: options.log,
      keep: () => Promise.resolve(),
      end: (graceMs) => endRootless(paths, graceMs),
    })
  } finally {
    await lock.release()
  }
}
