/** Keeps the host's listeners what the engine's containers publish: its events say when to look, its list says what. */
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { NaruError } from '../../contract/errors.ts'
import { BACKGROUND } from '../../docker/background.ts'
import { systemClock } from '../../system/clock.ts'
import type { PortForwards } from './forwards.ts'
import { publishedPorts } from './published.ts'

const ANSWER_MS = 30_000
/** After a stream of events broke. */
const RETRY_MS = 1_000
/** A port that was taken is tried again, and a missed event is made good. */
const AGAIN_MS = 10_000
/** Hundreds of containers with ports are far below. */
const LIST_MAX = 32 << 20

const EVENTS = `/events?filters=${encodeURIComponent(JSON.stringify({ type: ['container'], event: ['start', 'die', 'pause', 'unpause', 'destroy', 'restart'] }))}`

/** The answer's body begins; the limit is until then. */
function get(socketPath: string, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, agent: false, signal, headers: BACKGROUND })
    const timer = setTimeout(() => call.destroy(new NaruError('timeout', `no answer to ${path} in ${ANSWER_MS} ms`)), ANSWER_MS)
    call.once('close', () => clearTimeout(timer))
    call.once('error', reject)
    call.once('response', (response) => {
      clearTimeout(timer)
      if (response.statusCode === 200) return resolve(response)
      response.destroy()
      reject(new NaruError('internal', `the engine answered ${response.statusCode ?? 0} to ${path}`))
    })
    call.end()
  })
}

async function list(socketPath: string, signal: AbortSignal): Promise<unknown> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of await get(socketPath, '/containers/json', AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]))) {
    parts.push(part as Buffer)
    size += (part as Buffer).length
    if (size > LIST_MAX) throw new NaruError('internal', 'the list of containers is too long')
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8'))
}

export interface PortWatchOptions {
  readonly signal: AbortSignal
  readonly log: (line: string) => void
  /** True while the machine naps: nothing changes then, and looking would wake it. */
  readonly resting?: () => boolean
  /** Every list that was read. */
  readonly onList?: (answer: unknown) => void
}

/** Watches until the signal aborts; never rejects. `socketPath`: the engine's socket on this machine. */
export async function watchPorts(socketPath: string, forwards: PortForwards, { signal, log, resting, onList }: PortWatchOptions): Promise<void> {
  let dirty = false
  let looking: Promise<void> | null = null
  /** Single flight: what comes while it looks makes it look once more. */
  const look = (): Promise<void> => {
    dirty = true
    looking ??= (async () => {
      while (dirty && !signal.aborted) {
        dirty = false
        const answer = await list(socketPath, signal)
        onList?.(answer)
        await forwards.update(publishedPorts(answer))
      }
    })().finally(() => {
      looking = null
    })
    return looking
  }
  const quietly = (): void => {
    void look().catch((error: unknown) => {
      if (!signal.aborted) log(`published ports: ${String(error)}`)
    })
  }
  const timer = setInterval(() => {
    if (!resting?.()) quietly()
  }, AGAIN_MS)
  timer.unref()
  while (!signal.aborted) {
    try {
      const events = await get(socketPath, EVENTS, signal)
      // Subscribed first, listed then: nothing falls between.
      quietly()
      for await (const part of events) if ((part as Buffer).length > 0) quietly()
    } catch (error) {
      if (!signal.aborted) log(`events of the engine: ${String(error)}`)
    }
    await systemClock.sleep(RETRY_MS, signal).catch(() => undefined)
  }
  clearInterval(timer)
}
