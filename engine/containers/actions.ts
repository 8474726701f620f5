/** What is done to one container. Requests only; checks before them where the engine's own refusal would say too little. */
import { NaruError } from '../contract/errors.ts'
import type { PortSpec } from '../contract/models.ts'
import type { RawContainerInspect } from '../docker/api-types.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { explainRefusal, refuseTakenPorts } from './conflicts.ts'
import type { RefusedRun } from './conflicts.ts'
import { checkName } from './create-body.ts'
import { containerDetail } from './inspect.ts'
import type { Awaiting } from '../terminals/service.ts'

/** Mounting many layers and setting up networks takes long on a loaded machine. */
const START_MS = 180_000
/** Explaining a refusal must not hold it back for long. */
const EXPLAIN_MS = 4_000

export interface StartDeps extends Pick<RefusedRun, 'readRows' | 'portContext'> {
  /** The engine itself would not notice a taken port: Naru opens its ports (EngineHandle.hostPorts). */
  readonly checkPorts?: boolean
}

/** @param attach attaches before the start; null when nobody is there to see it
 * @throws NaruError `port-in-use` {port, holder, holderKind, holderId?, pid?}, and what the runtime says */
export async function startContainer(
  client: EngineClient,
  id: string,
  deps: StartDeps,
  signal: AbortSignal,
  attach?: () => Promise<Awaiting | null>,
): Promise<{ readonly sessionId?: string }> {
  if (deps.checkPorts) await refuseTakenPorts(wantedPorts(await client.inspectContainer(id, { signal })), deps.portContext(await deps.readRows(signal)), signal)
  const terminal = (await attach?.()) ?? null
  try {
    await client.startContainer(id, { signal, timeoutMs: START_MS })
    await terminal?.started(signal)
    return terminal ? { sessionId: terminal.sessionId } : {}
  } catch (error) {
    await terminal?.drop()
    if (!(error instanceof NaruError) || error.code !== 'port-in-use') throw error
    const limit = AbortSignal.timeout(EXPLAIN_MS)
    const ports = await client.inspectContainer(id, { signal: limit }).then(wantedPorts, () => [])
    throw await explainRefusal(error, { ...deps, client, name: undefined, ports }, limit)
  }
}

/** The host ports a stopped container will ask for. */
function wantedPorts(raw: RawContainerInspect): PortSpec[] {
  return containerDetail(raw).ports.flatMap(({ containerPort, protocol, hostIp, hostPort }) =>
    hostPort === undefined ? [] : [{ containerPort: String(containerPort), protocol, hostIp: hostIp ?? '', hostPort: String(hostPort) }],
  )
}

/** @param graceSeconds absent = the container's or engine's own */
export async function stopContainer(client: EngineClient, id: string, graceSeconds: number | undefined, signal: AbortSignal): Promise<void> {
  await client.stopContainer(id, graceSeconds, { signal })
}

export async function restartContainer(client: EngineClient, id: string, graceSeconds: number | undefined, signal: AbortSignal): Promise<void> {
  await client.restartContainer(id, graceSeconds, { signal })
}

/** @throws NaruError `invalid-request` {field: name}, `name-in-use` {name, holder} */
export async function renameContainer(client: EngineClient, id: string, newName: string, signal: AbortSignal): Promise<void> {
  if (newName === '') throw new NaruError('invalid-request', 'a container needs a name', { params: { field: 'name' }, hint: 'name.format' })
  checkName(newName)
  try {
    await client.renameContainer(id, newName, { signal })
  } catch (error) {
    throw await nameTheHolder(client, error, newName, signal)
  }
}

async function nameTheHolder(client: EngineClient, error: unknown, name: string, signal: AbortSignal): Promise<unknown> {
  if (!(error instanceof NaruError) || (error.code !== 'name-in-use' && error.code !== 'conflict')) return error
  const all = await client.listContainers({ all: true }, { signal }).catch(() => [])
  const holder = all.find(({ Names }) => Names?.some((known) => known.replace(/^\//, '') === name))
  if (!holder) return error
  return new NaruError('name-in-use', `the name ${name} is taken`, {
    params: { name, holder: name, holderId: holder.Id, state: holder.State, field: 'name' },
    detail: error.detail,
    cause: error,
  })
}

export interface RemoveOptions {
  /** Kills a running container. */
  readonly force: boolean
  /** Stops a running container first, with its grace. */
  readonly stopFirst: boolean
  /** Removes its anonymous volumes too. */
  readonly volumes: boolean
  readonly graceSeconds?: number
}

/** @throws NaruError `running` {name} for a running or paused container when neither forced nor stopped first */
export async function removeContainer(client: EngineClient, id: string, options: RemoveOptions, signal: AbortSignal): Promise<void> {
  const { force, volumes } = options
  if (!force) {
    const { State, Name } = await client.inspectContainer(id, { signal })
    const alive = ['running', 'paused', 'restarting'].includes(State.Status)
    const name = Name.replace(/^\//, '')
    if (alive && !options.stopFirst) {
      throw new NaruError('running', `${name} is ${State.Status}`, { params: { name, container: name, state: State.Status } })
    }
    if (alive) await stopContainer(client, id, options.graceSeconds, signal)
  }
  try {
    await client.removeContainer(id, { force, volumes }, { signal, timeoutMs: 120_000 })
  } catch (error) {
    // One that removes itself when it stops is gone, or going, already: that is what was asked for.
    const gone = error instanceof NaruError && (error.code === 'not-found' || /removal of container .* is already in progress/i.test(error.detail ?? ''))
    if (!(options.stopFirst && gone)) throw error
  }
}
