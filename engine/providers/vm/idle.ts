/** Everything about a machine nobody uses: the nap, memory given back, its clock. */
import { readFile } from 'node:fs/promises'
import type { ProcessRef } from '../../system/processes.ts'
import { Balloon } from './balloon.ts'
import { watchClock } from './clock-watch.ts'
import type { GuestLink } from './link.ts'
import type { NapPhase, NapRules } from './nap-machine.ts'
import { Nap } from './nap.ts'
import type { Qmp } from './qmp.ts'

export interface IdleOptions {
  readonly qmp: Qmp
  readonly link: Pick<GuestLink, 'ask' | 'setTime' | 'rest'>
  readonly process: ProcessRef
  readonly log: (line: string) => void
  readonly rules?: NapRules
}

export interface Idle {
  readonly nap: Nap
  readonly balloon: Balloon
  /** Told after every change of the nap's phase, until the returned function is called. */
  readonly onPhase: (listener: (phase: NapPhase) => void) => () => void
  /** Ends all of it, with the machine running when `wake`, or when containers are in it. Never rejects. */
  readonly end: (wake: boolean) => Promise<void>
}

const NEVER: NapRules = { afterMs: 0, withContainers: false }
/** Whoever comes is served first; memory follows. */
const RELEASE_AFTER_MS = 500
const WORK_EVERY_MS = 30_000
/** A guest that takes more of a core than this works at something nobody waits for; an idle one takes 0.02. */
const WORK_SHARE = 0.1
/** Field 14 and 15 of /proc/PID/stat count in these (USER_HZ; the same on every Linux). */
const TICKS_PER_SECOND = 100
const COMMAND_MS = 10_000

/** Seconds of processor time; null when the process is gone. */
export async function processorSeconds(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  return Number.isFinite(ticks) ? ticks / TICKS_PER_SECOND : null
}

export function createIdle({ qmp, link, process, log, rules = NEVER }: IdleOptions): Idle {
  const listeners = new Set<(phase: NapPhase) => void>()
  const nap = new Nap({
    rules,
    log,
    pause: async () => {
      link.rest(true)
      try {
        await qmp.execute('stop', {}, COMMAND_MS)
      } catch (error) {
        link.rest(false)
        throw error
      }
    },
    resume: async () => {
      await qmp.execute('cont', {}, COMMAND_MS)
      link.rest(false)
      await link.setTime()
    },
    onPhase: (phase) => {
      for (const listener of [...listeners]) listener(phase)
    },
    onHold: () => {
      releasing ??= setTimeout(release, RELEASE_AFTER_MS).unref()
    },
  })
  const balloon = new Balloon({ qmp, ask: (text) => link.ask(text), idleMs: () => nap.idleMs, awake: () => nap.phase === 'awake', log })
  let releasing: ReturnType<typeof setTimeout> | undefined
  /** Only for who stays: a question and its answer need nothing. */
  const release = (): void => {
    releasing = undefined
    if (nap.facts.holds > 0) balloon.release()
  }
  const stopWatching = [watchClock(() => void link.setTime()), watchWork(process.pid, nap), qmp.onEvent(({ name }) => {
    if (name === 'RESUME') nap.resumed()
  })]
  return {
    nap,
    balloon,
    onPhase: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    end: async (wake) => {
      for (const stop of stopWatching) stop()
      clearTimeout(releasing)
      const { phase, facts } = nap
      nap.end()
      const goOn = wake || (facts.containers ?? 0) > 0
      if (goOn && phase !== 'awake') await qmp.execute('cont', {}, COMMAND_MS).catch(() => undefined)
      if (goOn) link.rest(false)
      await balloon.end(goOn)
    },
  }
}

/** Containers that compute while nobody speaks to them are at work: only machines that may pause them care. */
function watchWork(pid: number, nap: Nap): () => void {
  let before: number | null = null
  const look = async (): Promise<void> => {
    const now = await processorSeconds(pid)
    if (now !== null && before !== null && nap.phase === 'awake' && now - before > (WORK_SHARE * WORK_EVERY_MS) / 1000) nap.use()
    before = now
  }
  const timer = setInterval(() => void look(), WORK_EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}
