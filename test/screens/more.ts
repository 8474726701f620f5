/** Answers of the scripted engine room for the single screens: hub, ports, details, statistics, events, logs. */
import type { ContainerDetail, EngineEvent } from '../../engine/contract/models.ts'
import { NaruError } from '../../engine/contract/errors.ts'
import type { MethodHandlers, StreamHandlers } from '../../engine/link/handlers.ts'
import { buildMethods, buildStreams } from './more-builds.ts'
import { diagnosticStreams, supportMethods } from './more-diagnostics.ts'
import { fileMethods, fileStreams } from './more-files.ts'
import { hubMethods } from './more-hub.ts'
import { imageMethods } from './more-images.ts'
import { layerMethods, layerStreams } from './more-layers.ts'
import { healthCheck, insideMethods } from './more-inside.ts'
import { terminalMethods, terminalStreams } from './more-terminal.ts'
import { statsStreams } from './more-stats.ts'
import { machineMethods, machineStreams } from './more-machine.ts'
import { logMethods, logStreams } from './more-logs.ts'
import { portMethods } from './more-ports.ts'
import { CONTAINER_ENV, whyOf } from './more-why.ts'
import { tidyMethods, tidyStreams } from './more-tidy.ts'
import { registryMethods } from './more-registries.ts'
import type { Scenario } from './scenarios.ts'

function rowOf(scenario: Scenario, id: string): Scenario['containers'][number] {
  const row = scenario.containers.find((each) => each.id === id)
  if (!row) throw new NaruError('not-found', `no container ${id}`, { params: { name: id.slice(0, 12) } })
  return row
}

/** A container that reaches as much outside as one can. */
const RISKY = {
  mounts: [
    { type: 'bind', source: '/var/run/docker.sock', target: '/var/run/docker.sock', readOnly: true },
    { type: 'bind', source: '/home/mina/.ssh', target: '/root/.ssh', readOnly: true },
    { type: 'bind', source: '/etc', target: '/host/etc', readOnly: false },
  ],
  config: { Privileged: true, NetworkMode: 'host', PidMode: 'host', CapAdd: ['SYS_ADMIN', 'NET_ADMIN'], SecurityOpt: ['seccomp=unconfined'], Devices: [{ PathOnHost: '/dev/sda' }, { PathOnHost: '/dev/fuse' }] },
} as const

function containerDetail(scenario: Scenario, id: string): ContainerDetail {
  const row = rowOf(scenario, id)
  const risky = row.name === 'registry'
  return {
    id, name: row.name, image: row.image, imageId: row.imageId, state: row.state, health: row.health, exitCode: row.exitCode ?? 0,
    oomKilled: row.oomKilled ?? false, error: '', startedAt: row.startedAt, finishedAt: row.finishedAt, createdAt: row.createdAt,
    restartCount: row.state === 'restarting' ? 7 : 0, tty: false, interactive: true, command: ['nginx', '-g', 'daemon off;'],
    env: CONTAINER_ENV,
    ports: row.name === 'draft' ? [{ containerPort: 80, protocol: 'tcp', hostIp: '127.0.0.1', hostPort: 8000 }] : row.ports, mounts: [...(risky ? RISKY.mounts : []), { type: 'volume', source: 'shop_db', target: '/var/lib/data', readOnly: false }],
    networks: [{ name: 'shop_default', ipAddress: '172.20.0.4', aliases: [row.name] }], labels: row.labels,
    restartPolicy: { name: 'unless-stopped' }, limits: { memoryBytes: 512 * 1024 ** 2, memorySwapBytes: 1024 ** 3, cpus: 1.5, pidsLimit: 0 }, autoRemove: false, logDriver: 'json-file', logsReadable: true,
    ...(row.health !== 'none' && { healthCheck: healthCheck(row.health === 'unhealthy') }),
    raw: { Id: id, Name: `/${row.name}`, State: { Status: row.state, ExitCode: row.exitCode ?? 0 }, Config: { Image: row.image, Env: CONTAINER_ENV.map(({ name, value }) => `${name}=${value}`), Labels: row.labels }, HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8000' }] }, SecurityOpt: ['no-new-privileges'], ...(risky && RISKY.config) } },
  }
}

export function moreMethods(scenario: Scenario): Partial<MethodHandlers> {
  return {
    ...supportMethods,
    ...portMethods(scenario),
    'host.paths': async ({ paths }) => ({ kinds: paths.map((path) => (path.includes('missing') ? 'missing' : 'other')) }),
    'containers.inspect': async ({ id }) => containerDetail(scenario, id),
    'containers.why-stopped': async ({ id }) => whyOf(rowOf(scenario, id), Date.now()),
    ...insideMethods,
    ...fileMethods,
    ...terminalMethods(scenario),
    ...buildMethods(scenario),
    ...hubMethods(scenario),
    ...registryMethods(scenario),
    ...imageMethods(scenario),
    ...tidyMethods(scenario),
    ...layerMethods(scenario),
    ...logMethods(),
    ...machineMethods(scenario),
  }
}

const EVENTS: readonly (readonly [string, string, string])[] = [
  ['container', 'die', 'worker'], ['container', 'oom', 'worker'], ['network', 'disconnect', 'shop_default'], ['container', 'start', 'api'],
  ['container', 'restart', 'api'], ['image', 'pull', 'nginx:1.27'], ['container', 'health_status: unhealthy', 'mailer'], ['volume', 'mount', 'shop_db'],
]

export function moreStreams(scenario: Scenario, now: number): Partial<StreamHandlers> {
  return {
    ...terminalStreams,
    ...statsStreams(scenario, now),
    ...fileStreams((id) => rowOf(scenario, id).state !== 'running'),
    'events.watch': async function* (_arg, { signal }): AsyncGenerator<EngineEvent> {
      for (const [n, [type, action, name]] of EVENTS.entries()) {
        yield { sequence: n + 1, at: now - (EVENTS.length - n) * 41_000, type, action, id: scenario.containers[n]?.id ?? '', name }
      }
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
    ...buildStreams(scenario, (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))),
    ...logStreams(scenario),
    ...tidyStreams(),
    ...layerStreams,
    ...machineStreams(scenario),
    ...diagnosticStreams(scenario),
  }
}
