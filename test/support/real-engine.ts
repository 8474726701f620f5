/** Real daemons for tests, each in a temporary folder and a network namespace of its own: nothing of the host is touched. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { accessSync, constants, existsSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { unmountBelow } from '../../engine/providers/native/mounts.ts'
import { endProcess, findProcesses, listProcesses, readProcess } from '../../engine/system/processes.ts'

export interface RealEngine {
  readonly socketPath: string
  /** Its process; `nsenter --net=/proc/PID/ns/net` leads to its network. */
  readonly pid: () => number
  /** SIGKILL, as the kernel's out-of-memory killer would. */
  readonly kill: () => Promise<void>
  /** Ends it as a shutdown would; its data stays. */
  readonly stop: () => Promise<void>
  /** Starts it again over the same data. */
  readonly restart: () => Promise<void>
  readonly close: () => Promise<void>
}

const CACHE = process.env['NARU_TEST_CACHE'] ?? resolve(import.meta.dirname, '../../.naru/cache')
/** Folder of the engine bundle to test; when there is none its programs must be on the PATH. */
const BUNDLE = [process.env['NARU_TEST_ENGINE'], join(CACHE, 'engine')].find((folder) => folder && existsSync(folder))
const searchPath = [...(BUNDLE ? [join(BUNDLE, 'bin'), join(BUNDLE, 'iptables')] : []), '/usr/sbin', '/usr/bin', '/sbin', '/bin']

function find(program: string): string | undefined {
  for (const folder of [...searchPath, ...(process.env['PATH'] ?? '').split(delimiter)]) {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return join(folder, program)
    } catch {
      // Not in this folder.
    }
  }
  return undefined
}

const isRoot = process.getuid?.() === 0
export const canRunDockerd = isRoot && find('dockerd') !== undefined && find('containerd') !== undefined
export const canRunPodman = isRoot && find('podman') !== undefined && find('runc') !== undefined

/** Milliseconds a daemon has to end by itself. */
const STOP_MS = 10_000

/** A second address in the daemon's network, and a folder that stands for the machine's /etc/docker. */
export interface OwnNetwork {
  readonly address: string
  readonly etcDocker: string
}

interface Program {
  readonly own?: OwnNetwork
  readonly folder: string
  readonly socketPath: string
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** Ends what outlives its engine: Podman's conmon names the folder, and holds the process of a container. */
async function endLeft(folder: string): Promise<void> {
  const kill = [{ signal: 'SIGKILL', waitMs: 3_000 }] as const
  for (const keeper of await findProcesses((args) => /conmon$/.test(args[0] ?? '') && args.some((word) => word.startsWith(`${folder}/`)))) {
    const all = await Promise.all((await listProcesses()).map(readProcess))
    const held = all.filter((each) => each !== null).filter(({ parent }) => parent === keeper.pid)
    for (const each of [keeper, ...held]) await endProcess(each, kill)
  }
}

async function runDaemon(program: Program): Promise<RealEngine> {
  const { folder, socketPath, command, env, own } = program
  let child: ChildProcess | undefined
  const start = async (): Promise<void> => {
    const log = openSync(join(folder, 'log'), 'a')
    const script = own
      ? 'ip link set lo up; ip addr add "$1/32" dev lo; mkdir -p /etc/docker; mount --bind "$2" /etc/docker; shift 2; exec "$@"'
      : 'ip link set lo up; exec "$@"'
    const more = own ? [own.address, own.etcDocker] : []
    const started = spawn('unshare', ['--net', ...(own ? ['--mount'] : []), 'sh', '-c', script, 'sh', ...more, ...command], { cwd: folder, env, stdio: ['ignore', log, log] })
    child = started
    for (const end = Date.now() + 60_000; !(await answers(socketPath)); await sleep(20)) {
      if (started.exitCode !== null || Date.now() > end) {
        throw new Error(`${command[0]} did not come up: ${(await readFile(join(folder, 'log'), 'utf8')).slice(-1_000)}`)
      }
    }
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = new Promise((resolve) => ending.once('exit', resolve))
    ending.kill(signal)
    // Podman waits for its clients before it ends.
    const impatient = setTimeout(() => ending.kill('SIGKILL'), STOP_MS)
    await gone
    clearTimeout(impatient)
  }
  await start()
  return {
    socketPath,
    pid: () => child?.pid ?? 0,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    restart: async () => {
      // Left by a kill, they name what may be another process by now; dockerd would refuse or wait for it.
      await Promise.all(['d.pid', 'exec/containerd/containerd.pid'].map((file) => rm(join(folder, file), { force: true })))
      await start()
    },
    close: async () => {
      await end('SIGTERM')
      await endLeft(folder)
      // Podman leaves its storage mounted on itself; a killed dockerd leaves everything.
      await unmountBelow(folder)
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ socketPath, path: '/_ping', timeout: 1_000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.on('error', () => resolve(false))
    request.on('timeout', () => request.destroy())
  })
}

/**
 * A dockerd that keeps containers alive when it is killed; of another bundle when a folder is given, with a network of
 * its own when one is, with more flags.
 */
export async function startDockerd(bundleOrNetwork: string | OwnNetwork | undefined = BUNDLE, flags: readonly string[] = []): Promise<RealEngine> {
  const own = typeof bundleOrNetwork === 'object' ? bundleOrNetwork : undefined
  const bundle = typeof bundleOrNetwork === 'object' ? BUNDLE : bundleOrNetwork
  const folder = await mkdtemp(join(tmpdir(), 'naru-dockerd-'))
  const socketPath = join(folder, 'd.sock')
  const command = [
    bundle && bundle !== BUNDLE ? join(bundle, 'bin/dockerd') : (find('dockerd') ?? 'dockerd'),
    `--data-root=${join(folder, 'data')}`,
    `--exec-root=${join(folder, 'exec')}`,
    `--pidfile=${join(folder, 'd.pid')}`,
    `--host=unix://${socketPath}`,
    '--live-restore',
    ...flags,
  ]
  const extensions = bundle && join(bundle, 'iptables', 'xtables')
  const libraries = extensions && existsSync(extensions) ? { XTABLES_LIBDIR: extensions } : {}
  const path = [...(bundle && bundle !== BUNDLE ? [join(bundle, 'bin'), join(bundle, 'iptables')] : []), ...searchPath, process.env['PATH'] ?? ''].join(delimiter)
  return runDaemon({ folder, socketPath, command, env: { ...process.env, ...libraries, PATH: path }, ...(own && { own }) })
}

/**
 * Everything of Podman's in the folder; runc, because crun refuses hybrid control groups. Locks too: in shared memory, where
 * they are by default, Podmans with different containers share them.
 */
function containersConf(folder: string): string {
  return `[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
log_driver = "k8s-file"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
tmp_dir = "${join(folder, 'tmp')}"
static_dir = "${join(folder, 'static')}"
volume_path = "${join(folder, 'volumes')}"
[network]
network_backend = "netavark"
network_config_dir = "${join(folder, 'networks')}"
`
}

/** Podman's Docker-compatible socket. */
export async function startPodman(own?: OwnNetwork): Promise<RealEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-podman-'))
  const socketPath = join(folder, 'p.sock')
  const conf = join(folder, 'containers.conf')
  await writeFile(conf, containersConf(folder))
  const command = [
    find('podman') ?? 'podman',
    `--root=${join(folder, 'root')}`,
    `--runroot=${join(folder, 'run')}`,
    'system',
    'service',
    '--time=0',
    `unix://${socketPath}`,
  ]
  return runDaemon({ folder, socketPath, command, env: { ...process.env, CONTAINERS_CONF: conf }, ...(own && { own }) })
}
