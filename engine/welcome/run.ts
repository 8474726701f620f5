/** "Run the welcome container": from nothing to a page in the browser, without a network. */
import { NaruError } from '../contract/errors.ts'
import type { ContainerRow, RunSpec } from '../contract/models.ts'
import { formatRunCommand, joinCommand } from '../containers/run-command.ts'
import { runContainer } from '../containers/run.ts'
import type { RunDeps } from '../containers/run.ts'
import type { ResultOf, RunContext } from '../operations/runner.ts'
import { findFreePort } from '../ports/check.ts'
import { tryTcp } from '../ports/probe.ts'
import { WELCOME_IMAGE, WELCOME_PORT, ensureWelcomeImage } from './image.ts'

const NAME = 'naru-welcome'
const FIRST_PORT = 8080
const LOOPBACK = '127.0.0.1'
/** Ports tried when someone takes the one found free a moment ago. */
const ATTEMPTS = 3
/** The page should answer when the person is told it does. */
const ANSWER_MS = 5_000

export interface WelcomeDeps extends Omit<RunDeps, 'ensureImage'> {
  /** Path of the bundled archive. */
  readonly archive: string
}

/** Starts the welcome container that is there, or makes one. @throws NaruError `port-in-use` when no port is free */
export async function runWelcome(deps: WelcomeDeps, context: RunContext): Promise<ResultOf<'welcome.run'>> {
  const { signal } = context
  context.report({ step: 'checking', parts: [] })
  const imageId = await ensureWelcomeImage(deps.client, deps.archive, signal, () => context.report({ step: 'loading', parts: [] }))
  const rows = await deps.readRows(signal)
  const result = (await startExisting(deps, rows, context)) ?? (await runNew(deps, imageId, rows, context))
  await untilAnswering(result.hostPort, signal)
  return result
}

const isWelcome = (row: ContainerRow): boolean => row.image.split(':')[0] === WELCOME_IMAGE.split(':')[0]

async function startExisting(deps: WelcomeDeps, rows: readonly ContainerRow[], context: RunContext): Promise<ResultOf<'welcome.run'> | null> {
  const there = rows.find((row) => row.name === NAME && isWelcome(row))
  if (!there) return null
  context.describe({ subject: there.name, targets: [there.id], command: joinCommand(['docker', 'start', there.name]) })
  context.report({ step: 'starting', parts: [] })
  const options = { signal: context.signal }
  if (there.state === 'paused') await deps.client.unpauseContainer(there.id, options)
  else if (there.state !== 'running') {
    try {
      await deps.client.startContainer(there.id, options)
    } catch (error) {
      // Its old port belongs to someone else now. A second one is made; the first may hold something of value.
      if (error instanceof NaruError && error.code === 'port-in-use') return null
      throw error
    }
  }
  const now = (await deps.readRows(context.signal)).find((row) => row.id === there.id)
  const hostPort = now?.ports.find((port) => port.containerPort === WELCOME_PORT && port.hostPort)?.hostPort
  return hostPort === undefined ? null : { containerId: there.id, hostPort }
}

async function runNew(deps: WelcomeDeps, imageId: string, rows: readonly ContainerRow[], context: RunContext): Promise<ResultOf<'welcome.run'>> {
  const name = freeName(rows)
  let from = FIRST_PORT
  for (let attempt = 1; ; attempt++) {
    const question = { hostIp: LOOPBACK, hostPort: from, protocol: 'tcp' } as const
    const hostPort = await findFreePort(question, deps.portContext(rows), context.signal)
    if (hostPort === undefined) throw new NaruError('port-in-use', `no free port above ${from}`, { params: { port: from } })
    const spec = welcomeSpec(name, hostPort)
    context.describe({ subject: name, command: formatRunCommand(spec) })
    try {
      const ensureImage = async () => ({ image: WELCOME_IMAGE, imageId })
      const { containerId } = await runContainer({ ...deps, ensureImage }, spec, context)
      return { containerId, hostPort }
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof NaruError) || error.code !== 'port-in-use') throw error
      from = hostPort + 1
    }
  }
}

function freeName(rows: readonly ContainerRow[]): string {
  const taken = new Set(rows.map((row) => row.name))
  for (let number = 1; ; number++) {
    const name = number === 1 ? NAME : `${NAME}-${number}`
    if (!taken.has(name)) return name
  }
}

function welcomeSpec(name: string, hostPort: number): RunSpec {
  return {
    image: WELCOME_IMAGE,
    name,
    ports: [{ containerPort: String(WELCOME_PORT), protocol: 'tcp', hostIp: LOOPBACK, hostPort: String(hostPort) }],
    env: [],
    volumes: [],
    restart: { name: 'no' },
    autoRemove: false,
    pull: 'never',
  }
}

/** Waits until the page answers; one that does not within the limit is shown as it is on the Ports screen. */
async function untilAnswering(port: number, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)])
  while (!limit.aborted) {
    const { http } = await tryTcp(LOOPBACK, port, limit)
    if (http) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
