/** Answers of the scripted engine room for the single screens: hub, ports, details, statistics, events, logs. */
import type { ContainerDetail, EngineEvent, HubImage, HubTag, ImageDetail, PublishedPort } from '../../engine/contract/models.ts'
import { NaruError } from '../../engine/contract/errors.ts'
import type { MethodHandlers, StreamHandlers } from '../../engine/link/handlers.ts'
import { logMethods, logStreams } from './more-logs.ts'
import type { Scenario } from './scenarios.ts'
import { MB, NOW } from './seed.ts'

const HUB: readonly HubImage[] = [
  { name: 'nginx', description: 'Official build of Nginx.', stars: 20_912, pulls: 1_300_000_000, official: true, verified: false },
  { name: 'bitnami/nginx', description: 'Bitnami container image for NGINX', stars: 197, pulls: 512_000_000, official: false, verified: true },
  { name: 'nginx/nginx-ingress', description: 'NGINX and NGINX Plus ingress controllers for Kubernetes', stars: 104, pulls: 1_040_000_000, official: false, verified: true },
  { name: 'nginxproxy/nginx-proxy', description: 'Automated reverse proxy for containers', stars: 163, pulls: 118_000_000, official: false, verified: false },
  { name: 'linuxserver/nginx', description: 'An nginx container, brought to you by LinuxServer.io, with a description that is much longer than anybody would read in a list of results', stars: 229, pulls: 52_000_000, official: false, verified: false },
  { name: 'example/nginx-한국어', description: '한국어 설명이 있는 이미지', stars: 3, pulls: 912, official: false, verified: false },
]

const TAGS: readonly HubTag[] = ['1.27.3', '1.27', '1.27.3-alpine', '1.26.2', '1.26.2-alpine', '1.27.3-perl', 'latest'].map((name, n) => ({
  name,
  updatedAt: NOW - (3 + n * 4) * 86_400_000,
  sizeBytes: (name.includes('alpine') ? 20.6 : 72.1 + n) * MB,
  digest: `sha256:${String(n).repeat(64)}`,
  platforms: ['amd64', 'arm64', 'arm', '386', 'ppc64le', 's390x'].map((architecture) => ({ os: 'linux', architecture })),
}))

const REACH = ['reachable', 'reachable', 'refused', 'reachable', 'timeout', 'bound-elsewhere'] as const

function ports(scenario: Scenario): readonly PublishedPort[] {
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

function containerDetail(scenario: Scenario, id: string): ContainerDetail {
  const row = scenario.containers.find((each) => each.id === id)
  if (!row) throw new NaruError('not-found', `no container ${id}`, { params: { name: id.slice(0, 12) } })
  return {
    id, name: row.name, image: row.image, imageId: row.imageId, state: row.state, health: row.health, exitCode: row.exitCode ?? 0,
    oomKilled: row.oomKilled ?? false, error: '', startedAt: row.startedAt, finishedAt: row.finishedAt, createdAt: row.createdAt,
    restartCount: row.state === 'restarting' ? 7 : 0, tty: false, command: ['nginx', '-g', 'daemon off;'],
    env: [{ name: 'PATH', value: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }, { name: 'NGINX_VERSION', value: '1.27.3' }],
    ports: row.ports, mounts: [{ type: 'volume', source: 'shop_db', target: '/var/lib/data', readOnly: false }],
    networks: [{ name: 'shop_default', ipAddress: '172.20.0.4', aliases: [row.name] }], labels: row.labels,
    restartPolicy: { name: 'unless-stopped' }, autoRemove: false, logDriver: 'json-file', logsReadable: true,
    raw: { Id: id, Name: `/${row.name}`, State: { Status: row.state, ExitCode: row.exitCode ?? 0 }, Config: { Image: row.image } },
  }
}

function imageDetail(scenario: Scenario, id: string): ImageDetail {
  const row = scenario.images.find((each) => each.id === id || each.tags.includes(id))
  if (!row) throw new NaruError('image-not-found', `no image ${id}`, { params: { reference: id } })
  const layer = (instruction: string, mb: number, n: number): ImageDetail['layers'][number] => ({
    instruction, sizeBytes: mb * MB, createdAt: row.createdAt - n * 60_000, diffId: mb > 0 ? `sha256:${String(n).repeat(64).slice(0, 64)}` : '',
  })
  return {
    id: row.id, tags: row.tags, digests: row.digests, createdAt: row.createdAt, sizeBytes: row.sizeBytes, os: 'linux', architecture: 'amd64',
    author: '', exposedPorts: [{ port: 3000, protocol: 'tcp' }], env: [{ name: 'NODE_VERSION', value: '22.11.0' }],
    command: ['node', 'server.js'], entrypoint: [], workingDir: '/app', user: 'node', volumes: [], labels: row.labels,
    layers: [
      layer('ADD alpine-minirootfs-3.22.1-x86_64.tar.gz / # buildkit', 8.4, 1), layer('ENV NODE_VERSION=22.11.0', 0, 2),
      layer('RUN /bin/sh -c apk add --no-cache nodejs', 121, 3), layer('RUN /bin/sh -c apk add --no-cache tini', 1.1, 4),
      layer('WORKDIR /app', 0, 5), layer('RUN /bin/sh -c npm ci --omit=dev', 58.7, 6), layer('COPY . .', 3.2, 7), layer('CMD ["node" "server.js"]', 0, 8),
    ],
    raw: { Id: row.id, RepoTags: row.tags, Architecture: 'amd64', Os: 'linux' },
  }
}

export function moreMethods(scenario: Scenario): Partial<MethodHandlers> {
  const online = (): void => {
    if (scenario.offline) {
      throw new NaruError('registry.unreachable', 'no answer', { params: { registry: 'hub.docker.com' }, detail: 'getaddrinfo ENOTFOUND hub.docker.com' })
    }
  }
  return {
    'hub.search': async ({ page }) => {
      online()
      return { total: 8_412, page, hasMore: true, results: HUB, source: 'hub' }
    },
    'hub.tags': async ({ page }) => {
      online()
      return { total: TAGS.length, page, hasMore: false, results: TAGS }
    },
    'ports.probe': async () => ({ ports: ports(scenario) }),
    'ports.check': async ({ hostPort }) =>
      hostPort === 8080 ? { free: false, holder: { kind: 'container', name: 'web', containerId: scenario.containers[0]?.id ?? '' }, nearestFree: 8081 } : { free: true },
    'containers.inspect': async ({ id }) => containerDetail(scenario, id),
    'images.inspect': async ({ id }) => imageDetail(scenario, id),
    ...logMethods(),
  }
}

const EVENTS: readonly (readonly [string, string, string])[] = [
  ['container', 'die', 'worker'], ['container', 'oom', 'worker'], ['network', 'disconnect', 'shop_default'], ['container', 'start', 'api'],
  ['container', 'restart', 'api'], ['image', 'pull', 'nginx:1.27'], ['container', 'health_status: unhealthy', 'mailer'], ['volume', 'mount', 'shop_db'],
]

export function moreStreams(scenario: Scenario, now: number): Partial<StreamHandlers> {
  return {
    'events.watch': async function* (_arg, { signal }): AsyncGenerator<EngineEvent> {
      for (const [n, [type, action, name]] of EVENTS.entries()) {
        yield { sequence: n + 1, at: now - (EVENTS.length - n) * 41_000, type, action, id: scenario.containers[n]?.id ?? '', name }
      }
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
    'stats.watch': async function* ({ ids }, { signal }) {
      for (const [n, id] of ids.entries()) {
        yield { id, cpuPercent: (n * 7.3) % 31, memoryBytes: (18.2 + n * 31) * MB, memoryLimitBytes: 25_769_803_776, pids: 3 + n }
      }
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
    ...logStreams(),
  }
}
