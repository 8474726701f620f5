/** Create, and run = create + start: checked before, undone when the start fails. */
import { NaruError } from '../contract/errors.ts'
import type { ContainerRow, RunSpec } from '../contract/models.ts'
import type { TerminalSize } from '../contract/parts/terminals.ts'
import type { RawCreateBody } from '../docker/api-types.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { abortable } from '../logs/waiting.ts'
import type { ResultOf, RunContext } from '../operations/runner.ts'
import type { PortContext } from '../ports/check.ts'
import { explainRefusal, refuseTakenName, refuseTakenPorts } from './conflicts.ts'
import type { RefusedRun } from './conflicts.ts'
import { createBody, expandPorts, toCreateRequest } from './create-body.ts'
import { refuseUnshared } from './folders.ts'
import { refuseUnknown } from './needs.ts'
import { readRunFiles } from './run-files.ts'
import type { Awaiting } from '../terminals/service.ts'

export interface RunDeps {
  readonly client: EngineClient
  /** Folders of this machine the engine sees; absent = all. */
  readonly folders?: readonly string[]
  /** Containers of this engine, read from it now. */
  readonly readRows: (signal: AbortSignal) => Promise<readonly ContainerRow[]>
  readonly portContext: (rows: readonly ContainerRow[]) => PortContext
  /** Makes sure the image is there as `pull` says; gives what to create from. */
  readonly ensureImage: (spec: RunSpec, context: RunContext) => Promise<{ readonly image: string; readonly imageId: string }>
  /** Its terminal is attached to before it starts; null when nobody is there to see it. */
  readonly attach?: (containerId: string, signal: AbortSignal) => Promise<Awaiting | null>
  /** Its size, for the program's first look. */
  readonly terminal?: TerminalSize
}

/** How long undoing a failed run may take, milliseconds. */
const UNDO_MS = 15_000
/** Explaining a refusal must not hold it back for long. */
const EXPLAIN_MS = 4_000
/** An engine under load may take long to set up a container; it is cancellable all the time. */
const CREATE_MS = 120_000
const START_MS = 180_000

/**
 * @throws NaruError `name-in-use`, `invalid-request` {field}, `unsupported` {flag}, `image-not-found`, and what a pull throws
 */
export async function createContainer(deps: RunDeps, spec: RunSpec, context: RunContext): Promise<ResultOf<'containers.create'>> {
  return create(deps, spec, context, false)
}

/**
 * A failed or cancelled start leaves nothing behind: the container is removed, so that the same form can be sent again.
 * The error then carries hint `container-removed` unless it has a more exact one.
 * @throws NaruError as createContainer, and `port-in-use` {port, holder, holderKind}
 */
export async function runContainer(deps: RunDeps, spec: RunSpec, context: RunContext): Promise<ResultOf<'containers.run'>> {
  const created = await create(deps, spec, context, true)
  context.report({ step: 'starting', parts: [] })
  let terminal: Awaiting | null = null
  try {
    terminal = (await deps.attach?.(created.containerId, context.signal)) ?? null
    await deps.client.startContainer(created.containerId, { signal: context.signal, timeoutMs: START_MS })
  } catch (error) {
    await terminal?.drop()
    const explained = await explainRefusal(error, refused(deps, spec), AbortSignal.timeout(EXPLAIN_MS))
    const removed = await undo(deps.client, created.containerId)
    throw removed ? withHint(explained, 'container-removed') : explained
  }
  await terminal?.started(context.signal)
  return { ...created, ...(terminal && { sessionId: terminal.sessionId }) }
}

async function create(deps: RunDeps, asked: RunSpec, context: RunContext, forStart: boolean): Promise<ResultOf<'containers.run'>> {
  const { signal } = context
  const verb = forStart ? 'run' : 'create'
  context.report({ step: 'checking', parts: [] })
  // Bad input is told before a pull that may take minutes.
  const spec = await readRunFiles(asked, signal)
  const { name: wanted, platform } = toCreateRequest(spec, verb)
  refuseUnknown(spec, deps.client.version)
  refuseUnshared(spec, deps.folders)
  const rows = await deps.readRows(signal)
  refuseTakenName(spec.name, rows)
  if (forStart) await refuseTakenPorts(expandPorts(spec.ports), deps.portContext(rows), signal)

  const { image, imageId } = await deps.ensureImage(spec, context)
  context.report({ step: 'creating', parts: [] })
  const query = { ...(wanted && { name: wanted }), ...(platform && { platform }) }
  try {
    signal.throwIfAborted()
    const creating = deps.client.createContainer(sized(createBody(spec, image, verb), deps.terminal), query, { timeoutMs: CREATE_MS })
    const result = await orTakenAway(deps.client, creating, signal)
    const name = spec.name || (await givenName(deps.client, result.Id, signal))
    context.describe({ subject: name, targets: [result.Id, imageId] })
    return { containerId: result.Id, name, warnings: result.Warnings ?? [] }
  } catch (error) {
    throw await explainRefusal(error, refused(deps, spec), AbortSignal.timeout(EXPLAIN_MS))
  }
}

function sized(body: RawCreateBody, size: TerminalSize | undefined): RawCreateBody {
  return size ? { ...body, HostConfig: { ...(body['HostConfig'] as object), ConsoleSize: [size.rows, size.columns] } } : body
}

/**
 * What is being created, or `cancelled` at once. The engine finishes a create whoever waits for it, so one that was given
 * up is taken away when it is there: its name would be in the way of the next try.
 */
async function orTakenAway<T extends { readonly Id: string }>(client: EngineClient, creating: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await abortable(creating, signal)
  } catch (error) {
    if (signal.aborted) creating.then(({ Id }) => undo(client, Id), () => undefined)
    throw error
  }
}

function refused(deps: RunDeps, spec: RunSpec): RefusedRun {
  const { client, readRows, portContext } = deps
  return { client, name: spec.name, ports: expandPorts(spec.ports), readRows, portContext }
}

/** The name the engine made up. Not knowing it is no reason to fail: the container exists. */
async function givenName(client: EngineClient, id: string, signal: AbortSignal): Promise<string> {
  try {
    return (await client.inspectContainer(id, { signal })).Name.replace(/^\//, '')
  } catch {
    return id.slice(0, 12)
  }
}

/** Not with the operation's signal: a cancelled run must be undone too. True when the container is gone. */
async function undo(client: EngineClient, id: string): Promise<boolean> {
  try {
    await client.removeContainer(id, { force: true, volumes: true }, { signal: AbortSignal.timeout(UNDO_MS) })
    return true
  } catch (error) {
    return error instanceof NaruError && error.code === 'not-found'
  }
}

function withHint(error: unknown, hint: string): unknown {
  if (!(error instanceof NaruError) || error.hint) return error
  const { code, message, params, retryable, engineId, detail } = error
  return new NaruError(code, message, { params, hint, retryable, engineId, detail, cause: error })
}
