/** Does this machine's clock say the time? Certificates fail with a wrong one. And does the engine's own clock agree? */
import { command, failed, passed, skipped, warned } from '../check.ts'
import type { Check } from '../check.ts'

export interface ClockFacts {
  /** Asked for its time by the head of its answer. */
  readonly hubUrl: string
  /** Milliseconds since 1970 as the engine has them; null when it does not tell, or need not be asked. */
  readonly engineTime: (signal: AbortSignal) => Promise<number | null>
  readonly engineId: string
}

interface Offset {
  /** Milliseconds; positive: this machine is behind. Exact to about a second. */
  readonly ms: number
}

const NET_MS = 6_000
/** The header is in whole seconds, cut off (RFC 9110, 5.6.7). */
const HALF_A_SECOND_MS = 500
/** A token or a fresh certificate may be refused, milliseconds. */
const OFF_MS = 60_000
const WRONG_MS = 300_000
/** Times in logs and in files of containers are seen to differ, milliseconds. */
const ENGINE_OFF_MS = 3_000

export const clockCheck = ({ hubUrl, engineTime, engineId }: ClockFacts): Check => ({
  id: 'clock',
  applicable: () => true,
  check: async (signal) => {
    const [net, engine] = await Promise.all([offsetOf((both) => timeOf(hubUrl, both), signal), offsetOf(engineTime, signal)])
    signal.throwIfAborted()
    const fixes = process.platform === 'linux' ? [command('sudo timedatectl set-ntp true')] : []
    if (net && Math.abs(net.ms) > OFF_MS) {
      const params = { offMs: Math.abs(net.ms), host: new URL(hubUrl).host }
      return Math.abs(net.ms) > WRONG_MS ? failed('wrong', params, { fixes }) : warned('off', params, { fixes })
    }
    if (engine && Math.abs(engine.ms) > ENGINE_OFF_MS) return warned('engine-off', { engineId, offMs: Math.abs(engine.ms) })
    return net || engine ? passed('right') : skipped('nobody')
  },
})

/** Null when the other side does not tell. */
async function offsetOf(ask: (signal: AbortSignal) => Promise<number | null>, signal: AbortSignal): Promise<Offset | null> {
  const since = Date.now()
  const theirs = await ask(AbortSignal.any([signal, AbortSignal.timeout(NET_MS)])).catch(() => null)
  return theirs === null ? null : { ms: Math.round(theirs + HALF_A_SECOND_MS - (since + Date.now()) / 2) }
}

/** The head of any answer carries it, be it a refusal. */
async function timeOf(url: string, signal: AbortSignal): Promise<number | null> {
  const { headers } = await fetch(url, { method: 'HEAD', redirect: 'manual', signal })
  const time = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(time) ? null : time
}
