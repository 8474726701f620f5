/** A container's main process as a terminal: attached to before or after its start, left without ending it. */
import { setTimeout as wait } from 'node:timers/promises'
import { NaruError } from '../contract/errors.ts'
import type { TerminalEnd } from '../contract/models.ts'
import type { TerminalSize } from '../contract/parts/terminals.ts'
import type { RawContainerInspect } from '../docker/api-types.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { createFrameReader } from './frames.ts'
import { createTerminalSession } from './session.ts'
import type { TerminalSession } from './session.ts'
import { found } from './why-ended.ts'

export type AttachClient = Pick<EngineClient, 'inspectContainer' | 'attachContainer' | 'resizeContainer' | 'waitForExit'>

export interface Attached {
  readonly session: TerminalSession
  readonly tty: boolean
  readonly input: boolean
  readonly resize: (size: TerminalSize, signal: AbortSignal) => Promise<void>
  /** Leaves the container alone; the session is over with reason `detached`. */
  readonly detach: () => void
}

/** Milliseconds an engine has to begin waiting for the end; some tell it only with the end. */
const BEGIN_MS = 1_000
/** Milliseconds between the end of the output and that of the container. */
const EXIT_MS = 3_000
/** Milliseconds for the questions behind. */
const ASK_MS = 5_000
const DETACHED: TerminalEnd = { reason: 'detached', exitCode: null }

/**
 * Attaches to what runs, or is about to.
 * @param signal ends connecting only
 * @param lost aborts when the engine is gone
 * @throws NaruError `not-found`, `conflict` when the container is paused
 */
export async function attachTo(client: AttachClient, id: string, signal: AbortSignal, lost: AbortSignal): Promise<Attached> {
  const raw = await client.inspectContainer(id, { signal })
  const tty = raw.Config.Tty ?? false
  const input = raw.Config.OpenStdin ?? false
  const socket = await client.attachContainer(id, { stdin: input }, { signal })
  const over = new AbortController()
  const exit = client.waitForExit(id, AbortSignal.any([lost, over.signal]))
  const exitCode = exit.exitCode.catch(() => null)
  const explain = async (): Promise<TerminalEnd> => {
    try {
      const code = await Promise.race([exitCode, wait(EXIT_MS, undefined, { signal: over.signal }).then(() => null, () => null)])
      return await whyLeft(client, id, raw, code, AbortSignal.any([lost, AbortSignal.timeout(ASK_MS)]))
    } finally {
      over.abort()
    }
  }
  const session = createTerminalSession(socket, explain, tty ? {} : { decode: createFrameReader() })
  session.over.then(() => over.abort(), () => undefined)
  await Promise.race([exit.begun, wait(BEGIN_MS, undefined, { signal: over.signal }).catch(() => undefined)])
  // Without a terminal engines close the container's input with the connection of one who could write to it.
  const holdsInput = input && !tty
  return {
    session,
    tty,
    input,
    resize: async (size, of) => {
      if (tty) await client.resizeContainer(id, size, { signal: of })
    },
    detach: () => session.leave(DETACHED, holdsInput),
  }
}

/** @param exitCode of its end, as far as it is known */
async function whyLeft(client: AttachClient, id: string, before: RawContainerInspect, exitCode: number | null, signal: AbortSignal): Promise<TerminalEnd> {
  // It removes itself right behind its end: looking now may come too early.
  if (before.HostConfig?.AutoRemove && exitCode !== null) return { reason: 'container-removed', exitCode }
  const now = await found(client.inspectContainer(id, { signal }))
  if (!now) return { reason: 'container-removed', exitCode }
  const runs = now.State.Running === true
  if (exitCode !== null && runs) return { reason: 'container-restarted', exitCode }
  if (!runs) return { reason: 'container-stopped', exitCode: exitCode ?? now.State.ExitCode }
  // Its output ended and it goes on, or somebody's keys detached.
  return DETACHED
}

/** Tells the size so that a program draws itself anew: engines pass on only a size that changed. */
export async function tellSize({ resize }: Pick<Attached, 'resize'>, size: TerminalSize, signal: AbortSignal): Promise<void> {
  try {
    await resize({ ...size, rows: size.rows + 1 }, signal)
    await resize(size, signal)
  } catch (error) {
    // It may be over already; the next change of size tells it again.
    if (!(error instanceof NaruError)) throw error
  }
}
