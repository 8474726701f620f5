/** The embedded engine without root: dockerd inside a user namespace made by rootlesskit. */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { NaruError } from '../../contract/errors.ts'
import { waitUntil } from '../../system/clock.ts'
import { exec } from '../../system/exec.ts'
import { takeLock } from '../../system/files.ts'
import { ensurePrivateFolder, refuseForeignFolder } from '../../system/private-folder.ts'
import { rotateInPlace, tailOfFile } from '../../system/log.ts'
import { endProcess, findProcesses, listProcesses, readProcess } from '../../system/processes.ts'
import type { ProcessRef } from '../../system/processes.ts'
import type { EngineHandle, StartContext } from '../provider.ts'
import { verifyBundle } from './bundle-check.ts'
import { ladder } from './cleanup.ts'
import { commonArguments, daemonEnv, spawnDetached } from './daemon.ts'
import { writeDaemonConfig } from './daemon-config.ts'
import { findContainerd, findDaemon, findShims } from './find.ts'
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
    // The wrapper opens the machine's loopback to the daemon and shuts it for everything else in the namespace.
    DOCKERD_ROOTLESS_ROOTLESSKIT_DISABLE_HOST_LOOPBACK: 'false',
    DOCKERD: 'naru-rootless-dockerd',
  }
}

/**
 * Ends rootlesskit, and with it everything in its namespaces, then removes the run folder. dockerd stops the containers
 * on its way (no live-restore here: outside these namespaces nobody could reach them again).
 */
export async function endRootless(paths: NativePaths, bundleFolder: string, graceMs: number): Promise<void> {
  const kit = await findKit(paths)
  if (kit) await endProcess(kit, ladder(graceMs))
  // What outlives a killed rootlesskit can never be reached again: daemons, shims and the containers under them.
  const left = [...(await findShims(paths)), await findDaemon(paths), await findContainerd(paths)].filter((each) => each !== null)
  const parents = new Set(left.map(({ pid }) => pid))
  const children = (await Promise.all((await listProcesses()).map(readProcess))).filter((each) => each !== null && parents.has(each.parent))
  for (const each of [...children, ...left]) if (each) await endProcess(each, [{ signal: 'SIGKILL', waitMs: 2_000 }])
  // What lies in another user's folder is none of ours.
  if (!(await refuseForeignFolder(paths.run).then(() => true, () => false))) return
  await rm(paths.run, { recursive: true, force: true }).catch(() => removeAsMapped(paths, bundleFolder, paths.run))
}

/** Some files belong to numbers only the user namespace may touch: removes a folder from inside one. */
export async function removeAsMapped(paths: NativePaths, bundleFolder: string, folder: string, timeoutMs = 30_000): Promise<void> {
  const kit = join(bundleFolder, 'rootless', 'rootlesskit')
  // A name nobody can know before: the temporary folder is everybody's.
  const state = await mkdtemp(join(tmpdir(), 'naru-kit-'))
  try {
    await exec(kit, [`--state-dir=${state}`, 'rm', '-rf', folder], { env: environment(paths, bundleFolder), timeoutMs })
  } finally {
    await rm(state, { recursive: true, force: true })
  }
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
  if (kit) {
    // dockerd gives it to a group.
    await chmod(paths.socket, 0o600)
    return kit
  }
  const detail = (await tailOfFile(paths.daemonLog, 8)).join('\n')
  throw new NaruError('provider.boot-failed', `rootless dockerd ${ended ?? 'gave no answer in time'}`, {
    hint: 'daemon-log',
    params: { path: paths.daemonLog },
    detail,
  })
}

/** Starts or adopts the rootless engine. */
export async function startRootless(paths: NativePaths, options: RootlessOptions, context: StartContext): Promise<EngineHandle> {
  context.report({ step: 'clean-up', index: 1, total: STEPS.length })
  await checkRootless(options.bundleFolder)
  // Before anything in it is believed: an engine that answers there may be anybody's.
  await refuseForeignFolder(paths.run)
  const lock = await takeLock(paths.lock)
  try {
    const running = await findKit(paths)
    const adopted = running !== null && (await ping(paths.socket, 5_000))
    let daemon = running
    if (!adopted) {
      await verifyBundle({ bundleFolder: options.bundleFolder, kept: paths.compared, signal: context.signal, log: context.log })
      await endRootless(paths, options.bundleFolder, 10_000)
      await ensurePrivateFolder(paths.run)
      await mkdir(paths.data, { recursive: true })
      await writeDaemonConfig(paths, context.log)
      rotateInPlace(paths.daemonLog, LOG_ROTATION)
      context.report({ step: 'daemon', index: 2, total: STEPS.length })
      daemon = await bringUp(paths, options, context).catch(async (error: unknown) => {
        await endRootless(paths, options.bundleFolder, 5_000)
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
      end: (graceMs) => endRootless(paths, options.bundleFolder, graceMs),
    })
  } finally {
    await lock.release()
  }
}
