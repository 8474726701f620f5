/** Ports of the scripted engine room: what answers, who else listens, what would clash. */
import type { HostListener, PlannedPort, PortHolder, PublishedPort } from '../../engine/contract/models.ts'
import type { MethodHandlers } from '../../engine/link/handlers.ts'
import type { Scenario } from './scenarios.ts'

const REACH = ['reachable', 'reachable', 'refused', 'reachable', 'timeout', 'bound-elsewhere'] as const

function probed(scenario: Scenario): readonly PublishedPort[] {
  const running = scenario.containers.filter((row) => row.state === 'running')
  return running
    .flatMap((row) => row.ports.map((port) => ({ row, port })))
    .map(({ row, port }, n): PublishedPort => ({
      containerId: row.id,
      containerName: row.name,
      mapping: { ...port, hostIp: port.hostIp ?? '', hostPort: port.hostPort ?? 0 },
      reachability: REACH[n % REACH.length] ?? 'reachable',
      http: n % 3 !== 2,
    }))
}

const program = (name: string, pid: number, command = name): PortHolder => ({ kind: 'process', name, pid, command })
const listener = (port: number, ip: string, holder: PortHolder, protocol: HostListener['protocol'] = 'tcp'): HostListener => ({ protocol, ip, port, holder })

const LISTENERS: readonly HostListener[] = [
  listener(22, '0.0.0.0', program('sshd', 812, 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups')),
  listener(22, '::', program('sshd', 812)),
  listener(53, '127.0.0.53', { kind: 'unknown', name: '', user: 'systemd-resolve' }, 'udp'),
  listener(631, '127.0.0.1', { kind: 'unknown', name: '', user: 'root' }),
  listener(5353, '0.0.0.0', { kind: 'unknown', name: '', user: 'avahi' }, 'udp'),
  listener(5173, '127.0.0.1', program('node', 48_213, 'node /home/me/shop/node_modules/.bin/vite --port 5173')),
  listener(8000, '0.0.0.0', program('python3', 51_377, 'python3 -m http.server 8000')),
  listener(9229, '127.0.0.1', program('node', 48_240)),
  listener(9443, '0.0.0.0', { ...program('docker-proxy', 2_204), target: '172.18.0.3:9443' }),
  listener(36_412, '192.168.0.12', program('mme', 4_401), 'sctp'),
]

function planned({ containers }: Scenario): readonly PlannedPort[] {
  const of = (name: string, hostPort: number, hostIp: string, conflict?: PlannedPort['conflict']): PlannedPort[] => {
    const row = containers.find((each) => each.name === name)
    return row ? [{ containerId: row.id, mapping: { containerPort: 80, protocol: 'tcp', hostIp, hostPort }, ...(conflict && { conflict }) }] : []
  }
  return [
    ...of('draft', 8000, '127.0.0.1', { kind: 'held', holder: program('python3', 51_377), nearestFree: 8001 }),
    ...of('jolly_hopper', 9090, '0.0.0.0', { kind: 'rivals', rivals: [{ containerId: '', name: 'migrate' }], nearestFree: 9091 }),
    ...of('migrate', 9090, '0.0.0.0', { kind: 'rivals', rivals: [{ containerId: '', name: 'jolly_hopper' }], nearestFree: 9091 }),
    ...of('worker', 9400, '127.0.0.1'),
  ]
}

export function portMethods(scenario: Scenario): Partial<MethodHandlers> {
  const first = scenario.containers[0]?.id ?? ''
  return {
    'ports.probe': async () => ({ ports: probed(scenario) }),
    'ports.survey': async () =>
      scenario.containers.length === 0 ? { listeners: [], total: 0, planned: [] } : { listeners: scenario.untold ? null : LISTENERS, total: scenario.untold ? 0 : LISTENERS.length, planned: planned(scenario) },
    'ports.check': async ({ hostPort, lastPort }) => {
      if (hostPort === 8080) return { free: false, holder: { kind: 'container', name: 'web', containerId: first }, nearestFree: 8081, ...(lastPort !== undefined && { port: 8080 }) }
      if (hostPort === 631) return { free: false, holder: { kind: 'unknown', name: '', user: 'root' }, nearestFree: 632 }
      if (hostPort === 8000) return { free: false, holder: program('python3', 51_377), nearestFree: 8001, ...(lastPort !== undefined && { port: 8000 }) }
      return { free: true }
    },
  }
}
