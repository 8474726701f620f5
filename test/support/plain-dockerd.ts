/**
 * A bare dockerd from the engine bundle, without networks, in a network namespace of its own: for tests of what needs
 * a real daemon but no provider. It can be killed and started again; containers outlive it (live-restore).
 */
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pack } from 'tar-stream'
import { connectEngine } from '../../engine/docker/connect.ts'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import { commonArguments, containerdConfig } from '../../engine/providers/native/daemon.ts'
import { nativePaths } from '../../engine/providers/native/paths.ts'

const BUNDLE = process.env.NARU_TEST_BUNDLE ?? fileURLToPath(new URL('../../.naru/cache/engine', import.meta.url))
const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path))

/** Why a dockerd cannot be run here; null when it can. */
export function whyNoDockerd(): string | null {
  if (process.getuid?.() !== 0) return 'not root'
  if (!existsSync(join(BUNDLE, 'bin', 'dockerd'))) return 'no engine bundle'
  if (!BUSYBOX) return 'no busybox'
  return null
}

/** Image with a static busybox and nothing else; `loadBusybox` puts it into the engine. */
export const TEST_IMAGE = 'naru-test/busybox:latest'

export class PlainDockerd {
  /** Short: a unix socket's path ends at 107 bytes. Made by the first start. */
  readonly folder = join(tmpdir(), `naru-d-${randomBytes(4).toString('hex')}`)
  readonly #paths = nativePaths(this.folder)
  readonly #log = join(this.folder, 'dockerd.log')
  #dockerd: ChildProcess | null = null
  #containerd: ChildProcess | null = null

  get socket(): string {
    return this.#paths.socket
  }

  /** Starts it, or starts it again; returns when it answers. */
  async start(): Promise<EngineClient> {
    const paths = this.#paths
    for (const folder of [paths.data, paths.run]) mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(paths.daemonConfig, '{}')
    if (!this.#containerd) {
      writeFileSync(paths.containerdConfig, containerdConfig(paths))
      // Its own, because dockerd waits ten seconds before it takes over one that a killed dockerd left.
      this.#containerd = this.#spawn('containerd', ['--config', paths.containerdConfig])
      for (let tries = 0; tries < 200 && !existsSync(paths.containerdSocket); tries++) await sleep(50)
    }
    this.#dockerd = this.#spawn('dockerd', [
      ...commonArguments(paths),
      ...[`--containerd=${paths.containerdSocket}`, '--group=root', '--bridge=none', '--iptables=false'],
      ...['--ip6tables=false', '--storage-driver=vfs', '--exec-opt=native.cgroupdriver=cgroupfs'],
    ])
    return this.connect(30_000).catch((error: unknown) => {
      throw new Error(`dockerd did not start:\n${tryRead(this.#log).slice(-4000)}`, { cause: error })
    })
  }

  /** In a network namespace of its own, with nothing in it. */
  #spawn(program: string, args: readonly string[]): ChildProcess {
    const log = openSync(this.#log, 'a')
    const env = { ...process.env, PATH: `${join(BUNDLE, 'bin')}:${process.env.PATH}` }
    const command = ['--net', join(BUNDLE, 'bin', program), ...args]
    const child = spawn('unshare', command, { stdio: ['ignore', log, log], env, detached: true })
    closeSync(log)
    return child
  }

  /** A client; waits until the daemon answers. */
  async connect(limitMs: number): Promise<EngineClient> {
    const end = Date.now() + limitMs
    for (;;) {
      try {
        return await connectEngine(async () => connect(this.socket), {
          engineId: 'plain',
          signal: AbortSignal.timeout(limitMs),
        })
      } catch (error) {
        if (Date.now() > end) throw error
        await sleep(50)
      }
    }
  }

  /** kill -9; containers and containerd go on. */
  async kill(): Promise<void> {
    await end(this.#dockerd, 'SIGKILL')
    this.#dockerd = null
  }

  /** Stops it and what it started, and removes every trace. Remove the containers before. */
  async dispose(): Promise<void> {
    await end(this.#dockerd, 'SIGTERM')
    await end(this.#containerd, 'SIGTERM')
    this.#endShims()
    for (const line of readFileSync('/proc/self/mounts', 'utf8').split('\n').reverse()) {
      const point = line.split(' ')[1]
      if (point?.startsWith(`${this.folder}/`)) execFileSync('umount', ['-l', point])
    }
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Containers a failed test left: their shims live on without the daemon, and hold them alive. */
  #endShims(): void {
    const processes = readdirSync('/proc').map(Number).filter((pid) => pid > 0)
    const shims = processes.filter((pid) => tryRead(`/proc/${pid}/cmdline`).includes(this.#paths.containerdSocket))
    const parentOf = (pid: number) => Number(/^\d+ \(.*\) \S (\d+)/s.exec(tryRead(`/proc/${pid}/stat`))?.[1])
    for (const pid of [...processes.filter((one) => shims.includes(parentOf(one))), ...shims]) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // Gone already.
      }
    }
  }
}

async function end(child: ChildProcess | null, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
  await ended
  clearTimeout(timer)
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

async function tarOf(files: ReadonlyArray<readonly [string, string | Buffer, number?]>): Promise<Buffer> {
  const archive = pack()
  for (const [name, content, mode] of files) archive.entry({ name, mode: mode ?? 0o644 }, content)
  archive.finalize()
  const parts: Buffer[] = []
  for await (const part of archive) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** Loads TEST_IMAGE. */
export async function loadBusybox(client: EngineClient): Promise<void> {
  const layer = await tarOf([['bin/busybox', readFileSync(BUSYBOX ?? ''), 0o755]])
  const diff = `sha256:${createHash('sha256').update(layer).digest('hex')}`
  const config = { architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [diff] }, history: [] }
  const archive = await tarOf([
    ['layer.tar', layer],
    ['config.json', JSON.stringify(config)],
    ['manifest.json', JSON.stringify([{ Config: 'config.json', RepoTags: [TEST_IMAGE], Layers: ['layer.tar'] }])],
  ])
  const send = async function* () {
    yield archive
  }
  for await (const message of client.loadImage(send())) void message
}

/** Creates and starts a container that runs a busybox shell script. Returns its id. */
export async function runScript(
  client: EngineClient,
  script: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const body = {
    Image: TEST_IMAGE,
    Cmd: ['/bin/busybox', 'sh', '-c', script],
    HostConfig: { NetworkMode: 'none', ...(more.HostConfig as object) },
    Tty: more.Tty,
  }
  const { Id } = await client.createContainer(body, {})
  await client.startContainer(Id)
  return Id
}
