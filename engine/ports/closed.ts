/** Published ports that are not open on this machine: why, and what would do instead. Only of engines whose ports Naru opens. */
import type { PortConflict } from '../contract/models.ts'
import { systemClock } from '../system/clock.ts'
import type { ClosedPort, HostPortStates } from '../providers/provider.ts'
import { findFreePort, findHolder } from './check.ts'
import type { PortContext } from './check.ts'
import type { PortProblem, PortProblems } from './row-conflicts.ts'

/** Who holds a port may change while it stays taken, milliseconds. */
const AGAIN_MS = 5_000
/** 8080 for 80, 8443 for 443: what people take by hand. */
const UNPRIVILEGED_OFFSET = 8_000
const FIRST_UNPRIVILEGED = 1_024

async function conflictOf({ hostIp, hostPort, protocol, code }: ClosedPort, context: PortContext, signal: AbortSignal): Promise<PortConflict> {
  const question = { hostIp, hostPort, protocol }
  if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return { kind: 'address-gone', running: true }
  if (code === 'EACCES' || code === 'EPERM') {
    const from = hostPort < FIRST_UNPRIVILEGED ? hostPort + UNPRIVILEGED_OFFSET : hostPort + 1
    return { kind: 'denied', running: true, ...nearest(await findFreePort({ ...question, hostPort: from }, context, signal)) }
  }
  // The container itself is among the rows that publish the port.
  const holder = await findHolder(question, { ...context, rows: [] }, signal).catch(() => undefined)
  const free = await findFreePort({ ...question, hostPort: hostPort + 1 }, context, signal)
  return { kind: 'held', running: true, holder: holder ?? { kind: 'unknown', name: '' }, ...nearest(free) }
}

const nearest = (nearestFree: number | undefined): Pick<PortConflict, 'nearestFree'> => (nearestFree === undefined ? {} : { nearestFree })

/** Why each is closed. */
export async function explainClosed(closed: readonly ClosedPort[], context: PortContext, signal: AbortSignal): Promise<PortProblems> {
  const problems = new Map<string, PortProblem[]>()
  for (const port of closed) {
    const { containerId, hostIp, hostPort, protocol } = port
    const conflict = await conflictOf(port, context, signal)
    problems.set(containerId, [...(problems.get(containerId) ?? []), { hostIp, hostPort, protocol, conflict }])
  }
  return problems
}

export interface FollowClosed {
  readonly context: () => PortContext
  readonly tell: (problems: PortProblems) => void
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

/** Tells what is closed and why, at every change, until the signal aborts. Never rejects. */
export async function followClosedPorts(states: HostPortStates, { context, tell, log, signal }: FollowClosed): Promise<void> {
  let wake = new AbortController()
  const forget = states.onChange(() => wake.abort())
  let told = false
  while (!signal.aborted) {
    wake = new AbortController()
    const closed = states.closed()
    try {
      if (closed.length > 0 || told) tell(await explainClosed(closed, context(), signal))
      told = closed.length > 0
    } catch (error) {
      if (!signal.aborted) log(`why ports are closed: ${String(error)}`)
    }
    const both = AbortSignal.any([signal, wake.signal])
    await (closed.length > 0 ? systemClock.sleep(AGAIN_MS, both) : aborted(both)).catch(() => undefined)
  }
  forget()
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
