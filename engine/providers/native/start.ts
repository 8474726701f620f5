/** Bringing the embedded engine up as root: adopt what lives, heal what is broken, start what is missing. */
import { createConnection } from 'node:net'
import { existsSync } from 'node:fs'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { NaruError } from '../../contract/errors.ts'
import { waitUntil } from '../../system/clock.ts'
import { takeLock } from '../../system/files.ts'
import { rotateInPlace, tailOfFile } from '../../system/log.ts'
import { endProcess } from '../../system/processes.ts'
import type { ProcessRef } from '../../system/processes.ts'
import type { StartContext } from '../provider.ts'
import { verifyBundle } from './bundle-check.ts'
import { bootId, endDaemons, ladder, removeTraces } from './cleanup.ts'
import { containerdConfig, daemonArguments, daemonEnv, enterAsDaemon, spawnDetached } from './daemon.ts'
import { writeDaemonConfig } from './daemon-config.ts'
import type { Spawned } from './daemon.ts'
import { daemonCgroup, joinDaemonCgroup, startedIn } from './daemon-cgroup.ts'
import { findContainerd, findDaemon, survey } from './find.ts'
import type { Survey } from './find.ts'
import { daemonVersion, readManifest } from './manifest.ts'
import { ensureNamespace, ensureNetwork } from './network.ts'
import { clearDeadTasks, deadTasks } from './orphans.ts'
import type { NativePaths } from './paths.ts'
import { ping } from './ping.ts'
import { readRecord, writeRecord } from './record.ts'
import { resolverPlan } from './resolver.ts'
import { bundleEnv } from './tools.ts'

export interface Started {
  readonly daemon: ProcessRef
  readonly adopted: boolean
}

/** dockerd with thousands of containers takes its time; a hung one is told apart by its own log. */
const PING_WITHIN_MS = 60_000
/** A live daemon that does not answer for so long is replaced. */
const ADOPT_WITHIN_MS = 15_000
const CONTAINERD_WITHIN_MS = 20_000
/** What a dockerd that cannot reach its containerd gets to write down what it knows, milliseconds. */
const FORSAKEN_MS = 500
/** For so long a containerd that does not answer may be busy, milliseconds. */
const BUSY_MS = 300
const POLL_MS = 5
export const LOG_ROTATION = { maxBytes: 5 << 20, keep: 2 }

const STEPS = ['clean-up', 'network', 'daemon', 'ping'] as const

/** Starts or adopts the engine. One start at a time per state folder. */
export async function startEngine(paths: NativePaths, bundleFolder: string, context: StartContext): Promise<Started> {
  const step = (name: (typeof STEPS)[number], lastLine?: string): void =>
    context.report({ step: name, index: STEPS.indexOf(name) + 1, total: STEPS.length, ...(lastLine && { lastLine }) })
  step('clean-up')
  await mkdir(paths.state, { recursive: true, mode: 0o700 })
  const lock = await takeLock(paths.lock)
  try {
    const found = await survey(paths)
    if (found.daemon && (await adopt(paths, found.daemon, context))) {
      await repairNetwork(paths, bundleFolder, context)
      await joinDaemonCgroup(paths, found.daemon.pid)
      return { daemon: found.daemon, adopted: true }
    }
    await verifyBundle({ bundleFolder, kept: paths.compared, signal: context.signal, log: context.log })
    const containerd = await heal(paths, bundleFolder, found, context)
    step('network')
    return { daemon: await bringUp({ paths, bundleFolder, context, containerd, step }), adopted: false }
  } finally {
    await lock.release()
  }
}

/** True when our running daemon answers, and its containerd works. One that stays silent or has lost its containerd is ended. */
async function adopt(paths: NativePaths, daemon: ProcessRef, context: StartContext): Promise<boolean> {
  if (!(await hasContainerd(paths))) {
    await endForsaken(daemon, context.log)
    return false
  }
  const answers = await waitUntil(() => ping(paths.socket, 2_000), { withinMs: ADOPT_WITHIN_MS, everyMs: 100, signal: context.signal })
  if (answers) return true
  context.log(`dockerd ${daemon.pid} does not answer; ending it`)
  await endProcess(daemon, ladder(10_000))
  return false
}

/**
 * After a crash: no stale pid file, socket or namespace may stand in the way of the next start. Gives the containerd
 * that may go on.
 */
async function heal(paths: NativePaths, bundleFolder: string, found: Survey, context: StartContext): Promise<ProcessRef | null> {
  const [record, boot] = await Promise.all([readRecord(paths), bootId()])
  const living = found.shims.length > 0
  const ofThisBoot = record !== null && record.boot === boot
  let containerd: ProcessRef | null = found.containerd
  if (!living && !ofThisBoot && (existsSync(paths.run) || existsSync(`/sys/class/net/${paths.hostLink}`) || containerd)) {
    await endDaemons(paths, 5_000)
    await removeTraces(paths, bundleFolder)
    containerd = null
  }
  const dead = await deadTasks(paths)
  if (dead.length > 0) {
    context.log(`${dead.length} container(s) lost their shim; clearing up behind them`)
    // One that runs would not look at its notes again.
    if (containerd) await endProcess(containerd, ladder(2_000))
    containerd = null
  }
  await clearDeadTasks(paths, dead)
  await mkdir(paths.execRoot, { recursive: true, mode: 0o700 })
  await chmod(paths.run, 0o700)
  await mkdir(paths.data, { recursive: true, mode: 0o711 })
  // No dockerd of ours lives, so whoever these name or whoever listens there is somebody else.
  await rm(paths.daemonPid, { force: true })
  await rm(paths.socket, { force: true })
  for (const log of [paths.daemonLog, paths.containerdLog]) rotateInPlace(log, LOG_ROTATION)
  context.log(living ? 'containers of an earlier run live; starting around them' : 'starting')
  return containerd
}

async function repairNetwork(paths: NativePaths, bundleFolder: string, context: StartContext): Promise<void> {
  const record = await readRecord(paths)
  const options = { paths, bundleFolder, signal: context.signal, log: context.log, ...(record && { lastSlot: record.slot }) }
  await ensureNetwork(options, await ensureNamespace(paths, context.signal))
}

interface BringUp {
  readonly paths: NativePaths
  readonly bundleFolder: string
  readonly context: StartContext
  readonly containerd: ProcessRef | null
  readonly step: (name: 'daemon' | 'ping') => void
}

async function bringUp({ paths, bundleFolder, context, containerd, step }: BringUp): Promise<ProcessRef> {
  const { signal, log } = context
  const manifest = await readManifest(bundleFolder)
  if (!manifest) throw new NaruError('provider.absent', 'the engine bundle is missing', { hint: 'bundle-missing', params: { path: bundleFolder } })
  const record = await readRecord(paths)
  const isNew = await ensureNamespace(paths, signal)
  // containerd needs the namespace only, so it starts while link and rules are made.
  const options = { paths, bundleFolder, signal, log, ...(record && { lastSlot: record.slot }) }
  const network = ensureNetwork(options, isNew)
  const both = await Promise.allSettled([network, ensureContainerd(paths, bundleFolder, context, containerd)])
  for (const result of both) if (result.status === 'rejected') throw result.reason
  const slot = await network
  await writeRecord(paths, { boot: await bootId(), slot: slot.index, bundle: manifest.stamp })
  await writeDaemonConfig(paths, log)
  step('daemon')
  const { containerServers } = await resolverPlan(slot)
  const args = daemonArguments({ paths, bundleFolder, slot, version: daemonVersion(manifest), containerServers })
  const [file, rest] = startedIn(await daemonCgroup(paths), enterAsDaemon(paths, 'dockerd', args))
  const env = daemonEnv(paths, bundleEnv(bundleFolder))
  const spawned = spawnDetached(file, rest, { env, log: paths.daemonLog, cwd: '/' })
  step('ping')
  return awaitPing(paths, spawned, context)
}

/** Waits for the first answer; a daemon that ends before it fails the start with its last words. */
async function awaitPing(paths: NativePaths, spawned: Spawned, context: StartContext): Promise<ProcessRef> {
  let ended: string | undefined
  void spawned.exited.then((reason) => {
    ended = reason
  })
  try {
    const answers = await waitUntil(async () => ended !== undefined || (await ping(paths.socket, 2_000)), {
      withinMs: PING_WITHIN_MS,
      everyMs: POLL_MS,
      signal: context.signal,
    })
    const daemon = answers && ended === undefined ? await findDaemon(paths) : null
    if (daemon) {
      await chmod(paths.socket, 0o600)
      return daemon
    }
    throw await daemonError(paths, ended ?? 'no answer in time')
  } catch (error) {
    await endDaemons(paths, 5_000)
    throw error
  }
}

async function daemonError(paths: NativePaths, reason: string): Promise<NaruError> {
  const lines = await tailOfFile(paths.daemonLog, 8)
  const detail = lines.join('\n')
  if (/no space left on device/i.test(detail)) {
    return new NaruError('no-space', 'the disk is full', { params: { path: paths.data }, detail })
  }
  return new NaruError('provider.boot-failed', `dockerd ${reason}`, { hint: 'daemon-log', params: { path: paths.daemonLog }, detail })
}

const accepts = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ path })
    const settle = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })

const listens = async (paths: NativePaths, containerd: ProcessRef | null): Promise<boolean> => containerd !== null && accepts(paths.containerdSocket)

/** True while our containerd runs and listens. Asked for a moment: one that is very busy may refuse a single connection. */
export const hasContainerd = (paths: NativePaths, withinMs = BUSY_MS): Promise<boolean> =>
  waitUntil(async () => listens(paths, await findContainerd(paths)), { withinMs, everyMs: 50 })

/**
 * Ends a dockerd whose containerd is gone. It would go on beside a new one, but nobody tells it of what ended or began meanwhile:
 * it takes containers for running or restarting that are not. One that starts anew looks at all of them (docs/adr/0029).
 */
export async function endForsaken(daemon: ProcessRef, log: (line: string) => void): Promise<void> {
  log(`containerd is gone; dockerd ${daemon.pid} starts anew beside a new one`)
  await endProcess(daemon, ladder(FORSAKEN_MS))
}

/** Makes sure our containerd runs and listens; replaces `running` when it does not. */
async function ensureContainerd(
  paths: NativePaths,
  bundleFolder: string,
  context: Pick<StartContext, 'signal' | 'log'>,
  running: ProcessRef | null,
): Promise<void> {
  if (await listens(paths, running)) return
  if (running) await endProcess(running, ladder(2_000))
  await mkdir(paths.execRoot, { recursive: true, mode: 0o700 })
  for (const suffix of ['', '.ttrpc']) await rm(`${paths.containerdSocket}${suffix}`, { force: true })
  await writeFile(paths.containerdConfig, containerdConfig(paths))
  const [file, rest] = enterAsDaemon(paths, 'containerd', ['--config', paths.containerdConfig])
  const spawned = spawnDetached(file, rest, { env: daemonEnv(paths, bundleEnv(bundleFolder)), log: paths.containerdLog, cwd: '/' })
  let ended: string | undefined
  void spawned.exited.then((reason) => {
    ended = reason
  })
  const up = await waitUntil(async () => ended !== undefined || (await accepts(paths.containerdSocket)), {
    withinMs: CONTAINERD_WITHIN_MS,
    everyMs: POLL_MS,
    signal: context.signal,
  })
  if (up && ended === undefined) return
  const detail = (await tailOfFile(paths.containerdLog, 8)).join('\n')
  throw new NaruError('provider.boot-failed', `containerd ${ended ?? 'did not listen in time'}`, { hint: 'daemon-log', params: { path: paths.containerdLog }, detail })
}
