/** Stops what runs in an engine before the engine itself is stopped. */
import { NaruError } from '../contract/errors.ts'
import type { EngineClient } from '../docker/engine-client.ts'

/** Containers stopped at the same time. */
const AT_ONCE = 8
/** Added to a container's grace period before the engine's answer is called late. */
const MARGIN_MS = 15_000

type StopClient = Pick<EngineClient, 'listContainers' | 'stopContainer' | 'killContainer'>

export interface StopContainersOptions {
  /** Seconds between SIGTERM and SIGKILL. */
  readonly graceSeconds: number
  readonly signal: AbortSignal
}

const isGone = (error: unknown): boolean =>
  error instanceof NaruError && (error.code === 'not-found' || error.code === 'conflict')

/** Stop, then kill. A container that went meanwhile is a success. */
async function stopOne(client: StopClient, id: string, { graceSeconds, signal }: StopContainersOptions): Promise<void> {
  const timeoutMs = graceSeconds * 1_000 + MARGIN_MS
  try {
    await client.stopContainer(id, graceSeconds, { signal, timeoutMs })
  } catch (error) {
    if (isGone(error)) return
    signal.throwIfAborted()
    await client.killContainer(id, 'SIGKILL', { signal }).catch((failed: unknown) => {
      if (!isGone(failed)) throw failed
    })
  }
}

/**
 * Stops every running container, paused ones included. Throws `conflict` with the names of those that would not stop;
 * the engine is left as it is then.
 */
export async function stopRunningContainers(client: StopClient, options: StopContainersOptions): Promise<void> {
  const { signal } = options
  const running = [...(await client.listContainers({ all: false }, { signal }))]
  const left: string[] = []
  let detail = ''
  const worker = async (): Promise<void> => {
    for (let next = running.shift(); next; next = running.shift()) {
      signal.throwIfAborted()
      try {
        await stopOne(client, next.Id, options)
      } catch (error) {
        signal.throwIfAborted()
        left.push(next.Names?.[0]?.replace(/^\//, '') ?? next.Id.slice(0, 12))
        detail = error instanceof Error ? error.message : String(error)
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  } catch (error) {
    if (signal.aborted) throw new NaruError('cancelled', 'cancelled', { cause: error })
    throw error
  }
  if (left.length > 0) {
    throw new NaruError('conflict', `still running: ${left.join(', ')}`, {
      params: { containers: left },
      hint: 'containers-still-running',
      detail,
    })
  }
}
