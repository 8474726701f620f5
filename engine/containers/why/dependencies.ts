/** What a container needs others for, and how they are: hints, when it failed. Pure. */
import type { ContainerRow, StopFinding } from '../../contract/models.ts'
import type { StopFacts } from '../why-stopped.ts'

const NEEDS = 'com.docker.compose.depends_on'
const MOST = 3

/** Services named by compose: `db:service_healthy:false,cache:service_started:true`. */
const neededServices = (label: string | undefined): string[] => (label ?? '').split(',').flatMap((entry) => entry.split(':')[0]?.trim() || [])

/** Host of `db`, `db:5432`, `db.internal`. */
const hostIn = (subject: string): string => subject.replace(/:\d+$/, '')

export function dependencies({ inspect, neighbours = [] }: StopFacts, main: StopFinding): StopFinding[] {
  const labels = inspect.Config.Labels ?? {}
  const project = labels['com.docker.compose.project']
  const others = neighbours.filter(({ id }) => id !== inspect.Id)
  const byService = (service: string): ContainerRow | undefined => others.find((row) => project !== undefined && row.project === project && row.service === service)
  const needed = neededServices(labels[NEEDS]).flatMap((service) => byService(service) ?? [])
  const spoken = main.cause === 'name-unknown' || main.cause === 'connection-refused' ? hostIn(main.subject) : ''
  const named = spoken === '' ? undefined : (byService(spoken) ?? others.find(({ name, service }) => name === spoken || service === spoken))
  const mine = Object.keys(inspect.NetworkSettings?.Networks ?? {})
  const found = new Map<string, StopFinding>()
  for (const row of [...(named ? [named] : []), ...needed]) {
    const hint = hintOf(row, mine, row === named)
    if (hint) found.set(row.id, hint)
  }
  return [...found.values()].slice(0, MOST)
}

function hintOf(row: ContainerRow, mine: readonly string[], named: boolean): StopFinding | null {
  // A job that did its work is no failure.
  if (row.state === 'exited' && row.exitCode === 0 && !named) return null
  if (row.state !== 'running') return { cause: 'dependency-stopped', subject: row.name }
  if (row.health === 'unhealthy') return { cause: 'dependency-unhealthy', subject: row.name }
  const together = row.networks.some((network) => mine.includes(network))
  return named && !together ? { cause: 'dependency-elsewhere', subject: row.name } : null
}
