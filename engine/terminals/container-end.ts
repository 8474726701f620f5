/** Ends a command's terminal with its container: an engine whose shim was killed leaves the connection open for ever. */
import { setTimeout as wait } from 'node:timers/promises'
import type { TerminalEnd } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import type { TerminalSession } from './session.ts'
import { found } from './why-ended.ts'

type Client = Pick<EngineClient, 'waitForExit' | 'inspectContainer'>

/** What the engine has to print and to close by itself after the container's end, milliseconds. */
export const GRACE_MS = 2_000

/** @param lost aborts when the engine is gone; the connection breaks then by itself */
export function endWithContainer(client: Client, id: string, session: TerminalSession, lost: AbortSignal, graceMs = GRACE_MS): void {
  const over = new AbortController()
  session.over.then(() => over.abort(), () => undefined)
  const signal = AbortSignal.any([lost, over.signal])
  const watch = async (): Promise<void> => {
    const exitCode = await client.waitForExit(id, signal).exitCode
    await wait(graceMs, undefined, { signal })
    session.leave(await endOf(client, id, exitCode, signal), false)
  }
  // Over before, or an engine that cannot tell: the connection's own end is what counts then.
  watch().catch(() => undefined)
}

async function endOf(client: Client, id: string, exitCode: number, signal: AbortSignal): Promise<TerminalEnd> {
  const now = await found(client.inspectContainer(id, { signal }))
  if (!now) return { reason: 'container-removed', exitCode }
  return { reason: now.State.Running ? 'container-restarted' : 'container-stopped', exitCode }
}
