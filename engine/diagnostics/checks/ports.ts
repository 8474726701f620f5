/** Do the published ports of running containers answer on this machine, and are all of them open? */
import type { ContainerRow, PublishedPort } from '../../contract/models.ts'
import { probePorts } from '../../ports/probe.ts'
import { failed, passed, screen, warned } from '../check.ts'
import type { Check } from '../check.ts'

export interface PortFacts {
  /** Null: no engine is connected. */
  readonly rows: readonly ContainerRow[] | null
}

/** Names in one sentence. */
const MOST_NAMED = 5
/** One silent port is its container's affair; several and no other are the machine's. */
const TELLING = 2

export const portsCheck = ({ rows }: PortFacts): Check => ({
  id: 'ports',
  applicable: () => rows !== null,
  check: async (signal) => {
    const fixes = [screen('ports')]
    const closed = (rows ?? []).flatMap(({ name, ports }) => ports.flatMap(({ conflict, hostPort = 0 }) => (conflict ? [{ name, hostPort }] : [])))
    if (closed.length > 0) return warned('closed', { ports: named(closed) }, { fixes })
    const tried = (await probePorts(rows ?? [], signal)).filter(isTold)
    signal.throwIfAborted()
    const silent = tried.filter(({ reachability }) => reachability !== 'reachable').map(({ containerName, mapping }) => ({ name: containerName, hostPort: mapping.hostPort }))
    if (silent.length >= TELLING && silent.length === tried.length) return failed('all-silent', { ports: named(silent) }, { fixes })
    if (silent.length > 0) return warned('silent', { ports: named(silent) }, { fixes })
    return tried.length > 0 ? passed('reached', { count: tried.length }) : passed('none')
  },
})

/** What was really tried. */
const isTold = ({ reachability }: PublishedPort): boolean => reachability === 'reachable' || reachability === 'refused' || reachability === 'timeout'

function named(ports: readonly { readonly name: string; readonly hostPort: number }[]): string {
  const first = ports.slice(0, MOST_NAMED).map(({ name, hostPort }) => `${hostPort} (${name})`)
  return [...first, ...(ports.length > MOST_NAMED ? ['…'] : [])].join(', ')
}
