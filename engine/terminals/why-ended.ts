/** Why a terminal's connection ended, as far as the engine can tell. */
import { setTimeout as wait } from 'node:timers/promises'
import { NaruError } from '../contract/errors.ts'
import type { TerminalEnd } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'

/** The engine closes the connection a moment before it writes down why, ms and times. */
const AGAIN_MS = 100
const TIMES = 10
/** Exit code of a command that was killed: its container may be the reason. */
const KILLED = 137

type Client = Pick<EngineClient, 'inspectExec' | 'inspectContainer'>

/** @throws NaruError when the engine cannot be asked */
export async function whyEnded(client: Client, id: string, execId: string, signal: AbortSignal): Promise<TerminalEnd> {
  let exitCode: number | null = null
  for (let time = 0; time < TIMES; time += 1) {
    const state = await found(client.inspectExec(execId, { signal }))
    exitCode = state?.ExitCode ?? null
    if (!state || (state.Running === false && exitCode !== null && exitCode !== KILLED)) break
    const container = await ofContainer(client, id, signal)
    if (container) return container
    // A shell is also killed without its container: that is known when the container still runs after a while.
    await wait(AGAIN_MS, undefined, { signal })
  }
  if (exitCode === null || exitCode === KILLED) {
    const container = await ofContainer(client, id, signal)
    if (container) return container
  }
  return { reason: 'exited', exitCode }
}

/** The container's end, or null while it runs. */
async function ofContainer(client: Client, id: string, signal: AbortSignal): Promise<TerminalEnd | null> {
  const container = await found(client.inspectContainer(id, { signal }))
  if (!container) return { reason: 'container-removed', exitCode: null }
  if (container.State?.Running !== false) return null
  return { reason: 'container-stopped', exitCode: container.State.ExitCode ?? null }
}

/** Null when it is not there any more. */
export async function found<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof NaruError && error.code === 'not-found') return null
    throw error
  }
}
