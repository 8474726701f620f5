/** Where the embedded engine keeps what: everything is named after its state folder, so several can live side by side. */
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface NativePaths {
  readonly state: string
  /** Images, containers, volumes: the only thing worth a backup. */
  readonly data: string
  /** Sockets, pid files, namespaces; gone after a stop. */
  readonly run: string
  readonly logs: string
  readonly execRoot: string
  readonly socket: string
  readonly daemonPid: string
  readonly daemonConfig: string
  readonly daemonLog: string
  readonly containerdSocket: string
  readonly containerdConfig: string
  readonly containerdLog: string
  /** Handle of the engine's network namespace. */
  readonly engineNet: string
  /** Handle of the machine's own network namespace, for the port proxies. */
  readonly hostNet: string
  /** What was set up, for the next start. */
  readonly record: string
  /** Which files of the bundle were compared with its manifest; see bundle-check.ts. */
  readonly compared: string
  readonly lock: string
  /** `naru-` and eight hex digits: names the firewall rules. */
  readonly tag: string
  /** The machine's end of the link to the engine's namespace. */
  readonly hostLink: string
}

/** The engine's own end of the link, inside its namespace. */
export const ENGINE_LINK = 'uplink'

/**
 * Longest run folder in bytes. A unix socket's path ends at 107 bytes, and the longest socket below the run folder is
 * `/exec/containerd/containerd.sock.ttrpc` (38 bytes).
 */
export const RUN_FOLDER_MAX = 68

/** Where short-lived files of this user belong when the state folder's path is too long for sockets. */
function runtimeFolder(): string {
  return process.getuid?.() === 0 ? '/run' : (process.env.XDG_RUNTIME_DIR ?? tmpdir())
}

/** Paths for an absolute, real state folder. */
export function nativePaths(stateFolder: string, runtime = runtimeFolder()): NativePaths {
  const hash = createHash('sha256').update(stateFolder).digest('hex').slice(0, 8)
  const inside = join(stateFolder, 'run')
  const run = Buffer.byteLength(inside) <= RUN_FOLDER_MAX ? inside : join(runtime, `naru-${hash}`)
  const logs = join(stateFolder, 'logs')
  const execRoot = join(run, 'exec')
  return {
    state: stateFolder,
    data: join(stateFolder, 'data'),
    run,
    logs,
    execRoot,
    socket: join(run, 'docker.sock'),
    daemonPid: join(run, 'docker.pid'),
    daemonConfig: join(run, 'daemon.json'),
    daemonLog: join(logs, 'dockerd.log'),
    containerdSocket: join(execRoot, 'containerd', 'containerd.sock'),
    containerdConfig: join(run, 'containerd.toml'),
    containerdLog: join(logs, 'containerd.log'),
    engineNet: join(run, 'engine.net'),
    hostNet: join(run, 'host.net'),
    record: join(run, 'record.json'),
    compared: join(stateFolder, 'compared.json'),
    lock: join(stateFolder, 'engine.lock'),
    tag: `naru-${hash}`,
    hostLink: `naru${hash}`,
  }
}
