/** What the soak happens on: Naru in a world of its own with the embedded engine, and 200 containers in it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findDaemon } from '../../../engine/providers/native/find.ts'
import { inBatches } from '../../bench/support/engine.ts'
import { useDaemon, WELCOME_IMAGE, WELCOME_ARCHIVE } from '../../e2e/support/daemon.ts'
import type { Daemon } from '../../e2e/support/daemon.ts'
import { askEngine, endEngine, enginePaths } from '../../e2e/support/engine.ts'
import { makeWorld } from '../../e2e/support/environment.ts'
import type { World } from '../../e2e/support/environment.ts'
import { createCollector } from '../../e2e/support/naru.ts'
import { startShell } from '../../e2e/support/shells.ts'
import type { Shell } from '../../e2e/support/shells.ts'
import { connectInspector, inspectorAddress } from './inspector.ts'
import type { Inspector } from './inspector.ts'

export type Engine = Omit<Daemon, 'close'>

/** Containers there are all the time; of them run, and of those print. */
export const CONTAINERS = 200
export const RUNNING = 30
export const TALKERS = 3
const START_LIMIT_MS = 90_000
/** A click that cannot be done for so long will not be done, ms. */
const ACTION_LIMIT_MS = 60_000

/** Ends at once when it is told to; `sleep` as the first process would not. */
const SLEEPER = 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done'
const TALKER = 'trap "exit 0" TERM; i=0; while :; do i=$((i+1)); echo "INFO line $i of a container that talks"; sleep 1 & wait $!; done'

export interface Naru {
  readonly shell: Shell
  readonly inspector: Inspector
  /** Port of the web shell. */
  readonly port: number
  readonly close: () => Promise<void>
}

export interface Stage {
  readonly world: World
  /** Breaches of the page's policy and errors nobody caught. */
  readonly faults: readonly string[]
  /** Folder of temporary files of the engine room. */
  readonly temporary: string
  readonly socket: string
  readonly openNaru: () => Promise<Naru>
  /** Process of dockerd. */
  readonly daemonPid: () => Promise<number>
  /** Ends whatever is left and removes the world. */
  readonly remove: () => Promise<void>
}

/** A world with the embedded engine, which outlives its window here: it is measured with and without Naru. */
export function makeStage(): Stage {
  const world = makeWorld({ sockets: [], engine: 'native', env: {} })
  const temporary = join(world.user, '..', 'temporary')
  const collector = createCollector()
  mkdirSync(temporary)
  mkdirSync(world.home, { mode: 0o700 })
  writeFileSync(join(world.home, 'settings.json'), JSON.stringify({ stopWithNaru: 'never' }))
  const inspected: World = { ...world, env: { ...world.env, NODE_OPTIONS: '--inspect=127.0.0.1:0', TMPDIR: temporary } }
  const paths = enginePaths(world)
  return {
    world,
    faults: collector.all,
    temporary,
    socket: paths.socket,
    openNaru: async () => {
      const shell = await startShell('web', inspected, collector.watch)
      try {
        shell.context.setDefaultTimeout(ACTION_LIMIT_MS)
        const inspector = await connectInspector(inspectorAddress(shell.printed?.() ?? '') ?? '')
        const close = async (): Promise<void> => {
          inspector.close()
          await shell.close()
        }
        return { shell, inspector, port: Number(new URL(shell.page.url()).port), close }
      } catch (error) {
        await shell.close()
        throw error
      }
    },
    daemonPid: async () => {
      const found = await findDaemon(paths)
      if (!found) throw new Error('the embedded engine does not run')
      return found.pid
    },
    remove: async () => {
      await endEngine(world)
      world.remove()
    },
  }
}

async function untilAnswers(socket: string): Promise<void> {
  for (const end = Date.now() + START_LIMIT_MS; ; await sleep(200)) {
    const up = await askEngine(socket, '/version').then(() => true, () => false)
    if (up) return
    if (Date.now() > end) throw new Error('the embedded engine did not come up')
  }
}

export const nameOf = (index: number): string => (index < TALKERS ? `talker-${index}` : `base-${String(index).padStart(3, '0')}`)

/** Waits for the engine and makes the containers; the first ones run, ten have ended. */
export async function fill(socket: string): Promise<Engine> {
  await untilAnswers(socket)
  const engine = await useDaemon(socket)
  await engine.docker('load', '-i', WELCOME_ARCHIVE)
  await inBatches(Array.from({ length: CONTAINERS }, (_, index) => index), 4, async (index) => {
    const ended = index >= CONTAINERS - 10
    const script = ended ? `echo "bye from ${index}"; exit ${index % 2}` : index < TALKERS ? TALKER : SLEEPER
    const body = { Image: WELCOME_IMAGE, Cmd: ['sh', '-c', script], Labels: { half: String(index % 2), 'com.docker.compose.project': `project-${index % 7}` }, HostConfig: { NetworkMode: 'none' } }
    await must(engine, `/containers/create?name=${nameOf(index)}`, body)
    if (ended || index < RUNNING) await must(engine, `/containers/${nameOf(index)}/start`)
  })
  const running = async (): Promise<number> => (await pictureOf(engine)).filter((line) => line.endsWith(' running')).length
  for (const end = Date.now() + START_LIMIT_MS; (await running()) !== RUNNING; await sleep(200)) {
    if (Date.now() > end) throw new Error('the containers did not come to rest')
  }
  return engine
}

/** POST that has to succeed. */
export async function must(engine: Engine, path: string, body?: unknown): Promise<void> {
  const answer = await engine.call('POST', path, body)
  if (answer.status >= 400) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
}

interface Listed {
  readonly Names?: readonly string[]
  readonly State?: string
  readonly RepoTags?: readonly string[] | null
  readonly Id: string
}

/** Containers with their states and images with their names, as the engine tells them. */
export async function pictureOf(engine: Engine): Promise<readonly string[]> {
  const containers = (await engine.call('GET', '/containers/json?all=true')).body as readonly Listed[]
  const images = (await engine.call('GET', '/images/json')).body as readonly Listed[]
  return [
    ...containers.map(({ Names, State }) => `container ${Names?.join() ?? ''} ${State ?? ''}`),
    ...images.map(({ RepoTags, Id }) => `image ${RepoTags?.join() ?? Id}`),
  ].sort()
}

/** A port of this machine nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
