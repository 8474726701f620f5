/**
 * The embedded engine without root, tried from inside the account it belongs to. A program of its own:
 *   node check.cjs BUNDLE WELCOME.TAR STATE
 * Prints one line, a RootlessReport as JSON; what it found is judged by the test that called it.
 */
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { lstat, stat } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { waitUntil } from '../../../engine/system/clock.ts'
import { NaruError } from '../../../engine/contract/errors.ts'
import { exec } from '../../../engine/system/exec.ts'
import type { ExecResult } from '../../../engine/system/exec.ts'
import { isRootless, probeCapabilities } from '../../../engine/docker/capabilities.ts'
import type { RawInfo } from '../../../engine/docker/capabilities.ts'
import { createDialer } from '../../../engine/docker/dialer.ts'
import { createHttp } from '../../../engine/docker/http.ts'
import type { Http } from '../../../engine/docker/http.ts'
import { createStreamCalls } from '../../../engine/docker/streams.ts'
import type { StreamCalls } from '../../../engine/docker/streams.ts'
import type { Capabilities } from '../../../engine/contract/models.ts'
import { createNativeProvider } from '../../../engine/providers/native/native-provider.ts'
import { tailOfFile } from '../../../engine/system/log.ts'
import { bundleEnv } from '../../../engine/providers/native/tools.ts'
import type { EndReason, EngineHandle } from '../../../engine/providers/provider.ts'
import { WELCOME_IMAGE, WELCOME_PORT } from '../../../engine/welcome/image.ts'
import { fetchPage } from '../page.ts'
import { LOOK_FOR_SOCKETS } from '../reach.ts'

/** What happened, in the order it did; what was not reached is missing. */
export interface RootlessReport {
  uid: number
  /** Why this account cannot have the engine: nothing else was tried. */
  absent?: string
  /** What went wrong, with the last words of the daemon. */
  failed?: string
  /** Code and hint of the same. */
  error?: string
  adopted?: readonly boolean[]
  /** Modes of the run folder and of the socket in it, octal. */
  modes?: readonly string[]
  rootless?: boolean
  cgroupDriver?: string
  capabilities?: Capabilities
  /** Messages of `POST /images/load`. */
  loaded?: number
  /** Published by the container whose page it is. */
  port?: number
  page?: { readonly status: number; readonly body: string }
  /** What a registry on the machine's loopback was asked: by the daemon for a pull, and by a container. */
  asked?: { readonly daemon: readonly string[]; readonly container: readonly string[] }
  /** Sockets that containers find: their own network's and the engine's; and what listens in the latter but for the published port, as `HEX:PORT`. */
  inside?: { readonly own: string; readonly shared: string; readonly listening: readonly string[] }
  end?: EndReason
  /** The run folder (sockets, pid files) is gone. */
  runFolderGone?: boolean
  /** So are images and containers, after they were to be deleted. */
  dataGone?: boolean
  /** Milliseconds of each step. */
  times: Record<string, number>
}

interface Engine {
  readonly http: Http
  readonly calls: StreamCalls
  /** The bundle's docker CLI against this engine. */
  readonly docker: (...args: string[]) => Promise<ExecResult>
}

const [bundleFolder = '', welcome = '', stateFolder = ''] = process.argv.slice(2)
const provider = createNativeProvider({ stateFolder, bundleFolder, log: (line) => console.error(line) })
const report: RootlessReport = { uid: process.getuid?.() ?? -1, times: {} }

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  try {
    return await work()
  } finally {
    report.times[name] = Math.round(performance.now() - began)
  }
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listening(server)
  server.close()
  await once(server, 'close')
  return port
}

const start = (): Promise<EngineHandle> =>
  provider.start({ signal: AbortSignal.timeout(90_000), report: () => undefined, log: () => undefined, now: Date.now })

async function look({ http }: Engine): Promise<void> {
  await http.open({ method: 'GET', path: '/_ping' }).then((answer) => answer.resume())
  const info = (await http.json({ method: 'GET', path: '/info' })) as RawInfo
  report.rootless = isRootless(info)
  report.cgroupDriver = info.CgroupDriver ?? ''
  report.capabilities = await probeCapabilities(http, info, AbortSignal.timeout(20_000))
}

async function load({ calls }: Engine): Promise<void> {
  report.loaded = 0
  for await (const _message of calls.loadImage(createReadStream(welcome), { signal: AbortSignal.timeout(60_000) })) report.loaded++
}

async function serve({ http }: Engine): Promise<void> {
  const port = await freePort()
  report.port = port
  const published = { [`${WELCOME_PORT}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(port) }] }
  await http.json({
    method: 'POST',
    path: '/containers/create',
    query: { name: 'welcome' },
    body: { Image: WELCOME_IMAGE, ExposedPorts: { [`${WELCOME_PORT}/tcp`]: {} }, HostConfig: { PortBindings: published } },
  })
  await http.json({ method: 'POST', path: '/containers/welcome/start' })
  await waitUntil(async () => (report.page = await fetchPage('127.0.0.1', port)).status === 200, { withinMs: 10_000, everyMs: 50 })
}

/** The daemon may use what listens on the machine's loopback (a registry, a proxy); containers may not. */
async function reachLoopback({ calls, docker }: Engine): Promise<void> {
  const asked: string[] = []
  const registry = createHttpServer((call, answer) => {
    asked.push(call.url ?? '')
    answer.writeHead(call.url === '/v2/' ? 200 : 404).end('{}')
  })
  const port = await listening(registry)
  try {
    const pull = async (): Promise<void> => {
      for await (const _message of calls.pullImage({ name: `localhost:${port}/x`, tag: '1' }, { signal: AbortSignal.timeout(20_000) })) continue
    }
    await pull().catch(() => undefined)
    const daemon = asked.splice(0)
    await docker('exec', 'welcome', 'true')
    await docker('exec', 'welcome', 'wget', '-T', '1', '-q', '-O-', `http://10.0.2.2:${port}/v2/`).catch(() => undefined)
    // In host networking one is beside the daemon; whatever it does not mean to do does not get it through.
    for (const host of ['10.0.2.2', '127.0.0.1']) {
      await docker('run', '--rm', '--network', 'host', WELCOME_IMAGE, 'wget', '-T', '1', '-q', '-O-', `http://${host}:${port}/v2/`).catch(() => undefined)
    }
    report.asked = { daemon, container: [...asked] }
  } finally {
    registry.close()
  }
}

async function lookInside({ docker }: Engine): Promise<void> {
  const run = async (options: readonly string[], script: string): Promise<string> => (await docker('run', '--rm', ...options, WELCOME_IMAGE, 'sh', '-c', script)).stdout.trim()
  const tables = await run(['--network', 'host'], 'cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6')
  // 0A: listens. 07: a datagram socket that is bound, and connected to nobody.
  const listening = tables.split('\n').map((line) => line.trim().split(/\s+/)).filter((words) => words[3] === '0A' || words[3] === '07').map((words) => words[1] ?? '')
    .filter((at) => Number.parseInt(at.split(':')[1] ?? '', 16) !== report.port)
  report.inside = { own: await run([], LOOK_FOR_SOCKETS), shared: await run(['--network', 'host'], LOOK_FOR_SOCKETS), listening }
}

async function useEngine(handle: EngineHandle): Promise<void> {
  const dialer = createDialer(handle.dial)
  const http = createHttp(dialer, { engineId: 'native' })
  const env = { ...bundleEnv(bundleFolder), DOCKER_CONFIG: join(stateFolder, 'cli') }
  const docker = (...args: string[]) => exec(join(bundleFolder, 'bin/docker'), ['-H', handle.dockerHost ?? '', ...args], { env })
  const engine: Engine = { http, calls: createStreamCalls(http, 'native'), docker }
  try {
    await timed('look', () => look(engine))
    await timed('load', () => load(engine))
    await timed('serve', () => serve(engine))
    await timed('loopback', () => reachLoopback(engine))
    await timed('inside', () => lookInside(engine))
  } finally {
    dialer.close()
  }
}

const isGone = (name: string): Promise<boolean> => stat(join(stateFolder, name)).then(() => false, () => true)

async function lifetime(): Promise<void> {
  const first = await timed('start', start)
  first.release()
  const handle = await timed('adopt', start)
  report.adopted = [first.adopted, handle.adopted]
  report.modes = await Promise.all(['run', 'run/docker.sock'].map(async (name) => ((await lstat(join(stateFolder, name))).mode & 0o777).toString(8)))
  try {
    await useEngine(handle)
  } finally {
    await timed('stop', () => handle.stop({ graceMs: 20_000 }))
  }
  report.end = await handle.ended
  report.runFolderGone = await isGone('run')
  // Layers belong to numbers of the user namespace: the account itself cannot delete them.
  await timed('wipe', async () => provider.data?.wipe())
  report.dataGone = await isGone('data')
}

async function main(): Promise<void> {
  const { state, error } = await provider.detect(AbortSignal.timeout(10_000))
  if (state === 'absent') report.absent = [error?.message, error?.params?.['command']].filter(Boolean).join('; ')
  else await lifetime()
}

main()
  .catch(async (error: unknown) => {
    const words = error instanceof NaruError ? `${error.message}\n${error.detail ?? ''}` : String(error)
    report.error = error instanceof NaruError ? `${error.code} ${error.hint ?? ''}` : ''
    const log = await tailOfFile(join(stateFolder, 'logs/dockerd.log'), 20).catch(() => [])
    report.failed = [words, ...log].join('\n')
  })
  .finally(() => process.stdout.write(`${JSON.stringify(report)}\n`))
