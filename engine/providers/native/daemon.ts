/** How containerd and dockerd are called. Pure but for `spawnDetached`. */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Slot } from './addresses.ts'
import { dataRootArgument } from './find.ts'
import type { NativePaths } from './paths.ts'
import { DAEMON_GROUP } from './rules.ts'

/** Arguments every embedded dockerd gets, rootless or not. */
export function commonArguments(paths: NativePaths): readonly string[] {
  return [
    `--config-file=${paths.daemonConfig}`,
    dataRootArgument(paths),
    `--exec-root=${paths.execRoot}`,
    `--pidfile=${paths.daemonPid}`,
    `--host=unix://${paths.socket}`,
    '--log-driver=json-file',
    '--log-opt=max-size=10m',
    '--log-opt=max-file=3',
  ]
}

export interface DaemonOptions {
  readonly paths: NativePaths
  readonly bundleFolder: string
  readonly slot: Slot
  /** dockerd's [major, minor]. */
  readonly version: readonly [number, number]
  /** Name servers for containers; empty = dockerd reads the machine's. */
  readonly containerServers: readonly string[]
}

/** Moby 28.2 blocks traffic to container addresses that does not come from its own bridges; the link is not one. */
const hasDirectRouting = ([major, minor]: readonly [number, number]): boolean => major > 28 || (major === 28 && minor >= 2)

/** Arguments of dockerd in its own namespace. */
export function daemonArguments({ paths, bundleFolder, slot, version, containerServers }: DaemonOptions): readonly string[] {
  return [
    ...commonArguments(paths),
    // Constant: one start without it kills what lives.
    '--live-restore',
    '--group=root',
    `--containerd=${paths.containerdSocket}`,
    `--bip=${slot.bridge}`,
    `--default-address-pool=base=${slot.pool},size=24`,
    `--userland-proxy-path=${join(bundleFolder, 'bin', 'naru-proxy')}`,
    `--host-gateway-ip=${slot.hostAddress}`,
    ...(hasDirectRouting(version) ? ['--allow-direct-routing'] : []),
    ...containerServers.map((server) => `--dns=${server}`),
  ]
}

const quoted = (text: string): string => JSON.stringify(text)

/**
 * Configuration of our own containerd. dockerd would otherwise take the system's when there is one, and with it the
 * system's containers. Plugins that write outside our folders are off.
 */
export function containerdConfig(paths: NativePaths): string {
  const disabled = [
    'io.containerd.grpc.v1.cri',
    'io.containerd.cri.v1.images',
    'io.containerd.cri.v1.runtime',
    'io.containerd.internal.v1.opt',
    'io.containerd.nri.v1.nri',
  ]
  return [
    'version = 2',
    `root = ${quoted(join(paths.data, 'containerd', 'daemon'))}`,
    `state = ${quoted(join(paths.execRoot, 'containerd', 'daemon'))}`,
    `disabled_plugins = [${disabled.map(quoted).join(', ')}]`,
    '[grpc]',
    `  address = ${quoted(paths.containerdSocket)}`,
    '[debug]',
    '  level = "info"',
    '',
  ].join('\n')
}

/** Proxy settings a person's environment may hold; dockerd uses them for pulls. */
const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']

/** Environment of the daemons: the bundle's programs first, the person's proxy settings, nothing else of the person's. */
export function daemonEnv(paths: NativePaths, bundled: NodeJS.ProcessEnv, from: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = [...PROXY_VARIABLES, 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'LANG', 'TZ'].filter((name) => from[name])
  return {
    ...Object.fromEntries(kept.map((name) => [name, from[name]])),
    PATH: bundled.PATH,
    XTABLES_LIBDIR: bundled.XTABLES_LIBDIR,
    HOME: from.HOME ?? '/root',
    NARU_HOST_NET: paths.hostNet,
  }
}

/** Command that runs a program inside the engine's namespace, marked as the daemon's for the firewall. */
export function enterAsDaemon(paths: NativePaths, program: string, args: readonly string[]): readonly [string, readonly string[]] {
  return ['nsenter', [`--net=${paths.engineNet}`, 'setpriv', '--groups', `0,${DAEMON_GROUP}`, '--', program, ...args]]
}

export interface Spawned {
  readonly pid: number
  /** Resolves with what ended it; never rejects. */
  readonly exited: Promise<string>
}

/** Starts a program in a session of its own, its output appended to a file; it outlives this process. */
export function spawnDetached(file: string, args: readonly string[], options: { readonly env: NodeJS.ProcessEnv; readonly log: string; readonly cwd: string }): Spawned {
  mkdirSync(dirname(options.log), { recursive: true, mode: 0o700 })
  const output = openSync(options.log, 'a', 0o600)
  try {
    const child = spawn(file, args, { env: options.env, cwd: options.cwd, detached: true, stdio: ['ignore', output, output] })
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('exit', (code, signal) => resolve(`ended with ${code ?? signal ?? 'unknown'}`))
    })
    child.unref()
    return { pid: child.pid ?? 0, exited }
  } finally {
    closeSync(output)
  }
}
