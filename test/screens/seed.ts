/** Invented objects for screenshots: every state, long names, Korean text, a project, dead containers. */
import type { ContainerRow, DiskUsage, EngineSummary, ImageRow, OperationRow, Settings } from '../../engine/contract/models.ts'

/** The moment every screenshot shows. */
export const NOW = Date.UTC(2026, 10, 20, 12, 4, 35)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
export const MB = 1_000_000

/** A 64-digit id that differs for every `n`. */
export const idOf = (n: number): string => {
  let text = ''
  for (let i = 0, x = n * 2654435761 + 97; i < 64; i += 1) {
    x = (x * 1103515245 + 12345) % 2147483648
    text += Math.floor(x / 65536).toString(16).slice(-1)
  }
  return text
}
export const imageIdOf = (n: number): string => `sha256:${idOf(1_000 + n)}`

export const NATIVE: EngineSummary = {
  id: 'native',
  kind: 'native',
  name: '',
  status: 'ready',
  version: {
    product: 'Moby',
    version: '28.5.2',
    apiVersion: '1.51',
    os: 'linux',
    arch: 'amd64',
    kernel: '6.1.0-41-amd64',
    storageDriver: 'overlay2',
    cgroupVersion: '2',
    rootless: false,
    cpus: 8,
    memoryBytes: 25_769_803_776,
  },
  capabilities: {
    pause: true, limits: true, stats: true, update: true, buildkit: true, swarm: true, distribution: true,
    layerDirectories: true, notes: [],
  },
  dockerHost: 'unix:///root/.local/share/naru/run/docker.sock',
  since: NOW - 2 * HOUR,
  origin: 'embedded',
  managed: true,
  rootless: false,
}

const PODMAN: EngineSummary = {
  ...NATIVE,
  id: 'socket:/run/user/1000/podman/podman.sock',
  kind: 'socket',
  name: 'Podman',
  version: { ...NATIVE.version!, product: 'Podman Engine', version: '5.6.1', apiVersion: '1.41', cgroupVersion: '1', rootless: true },
  capabilities: { ...NATIVE.capabilities!, pause: false, limits: false, buildkit: false, notes: ['no-cgroups', 'no-buildkit'] },
  status: 'degraded',
  dockerHost: 'unix:///run/user/1000/podman/podman.sock',
  origin: 'well-known',
  managed: false,
  rootless: true,
}

const DENIED: EngineSummary = {
  id: 'socket:/var/run/docker.sock',
  kind: 'socket',
  name: 'Docker',
  status: 'failed',
  dockerHost: 'unix:///var/run/docker.sock',
  error: {
    code: 'denied',
    message: 'no permission for /var/run/docker.sock',
    params: { path: '/var/run/docker.sock', group: 'docker', user: 'mina', command: 'sudo usermod -aG docker mina' },
    hint: 'join-group',
    retryable: false,
    detail: 'connect EACCES /var/run/docker.sock',
  },
  since: NOW - HOUR,
  origin: 'context:default',
  managed: false,
}

const MACHINE: EngineSummary = {
  id: 'vm',
  kind: 'vm',
  name: '',
  status: 'absent',
  error: { code: 'provider.absent', message: 'qemu-system-x86_64 was not found', retryable: false },
  since: NOW - HOUR,
  origin: 'embedded',
  managed: true,
}
/** The embedded engine of somebody who is not root, on control groups of the first version. */
export const ROOTLESS: EngineSummary = {
  ...NATIVE,
  version: { ...NATIVE.version!, rootless: true, cgroupVersion: '1' },
  capabilities: { ...NATIVE.capabilities!, pause: false, limits: false, stats: false, notes: ['no-cgroups'] },
  dockerHost: 'unix:///home/mina/.local/share/naru/engine/run/docker.sock',
  rootless: true,
}

export const STOPPED_VM: EngineSummary = { id: 'vm', kind: 'vm', name: '', status: 'stopped', since: NOW - HOUR, origin: 'embedded', managed: true }

export const ENGINES = [NATIVE, PODMAN, DENIED, MACHINE]

const base = {
  command: 'docker-entrypoint.sh',
  health: 'none',
  labels: {},
  networks: ['bridge'],
  mounts: [],
  ports: [],
} as const

function container(n: number, name: string, image: string, more: Partial<ContainerRow>): ContainerRow {
  return {
    ...base,
    id: idOf(n),
    name,
    image,
    imageId: imageIdOf(n % 7),
    createdAt: NOW - 3 * DAY,
    state: 'running',
    status: 'Up 2 hours',
    startedAt: NOW - 2 * HOUR,
    ...more,
  }
}

const shop = { project: 'shop', networks: ['shop_default'], labels: { 'com.docker.compose.project': 'shop' } }
export const CONTAINERS: readonly ContainerRow[] = [
  container(1, 'web', 'nginx:1.27', {
    ...shop, service: 'web', health: 'healthy', status: 'Up 2 hours (healthy)',
    ports: [
      { containerPort: 80, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 8080 },
      { containerPort: 443, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 8443 },
    ],
  }),
  container(2, 'api', 'shop/api:2.3', { ...shop, service: 'api', ports: [{ containerPort: 3000, protocol: 'tcp', hostIp: '127.0.0.1', hostPort: 3000 }] }),
  container(3, 'db', 'postgres:17', {
    ...shop, service: 'db', health: 'healthy', status: 'Up 2 hours (healthy)', mounts: ['shop_db'],
    ports: [{ containerPort: 5432, protocol: 'tcp', hostIp: '127.0.0.1', hostPort: 5432 }],
  }),
  container(4, 'worker', 'shop/worker:2.3', {
    ...shop, service: 'worker', state: 'exited', status: 'Exited (137) 4 minutes ago', exitCode: 137, oomKilled: true, finishedAt: NOW - 4 * MINUTE,
  }),
  container(5, 'registry', 'registry:2', {
    status: 'Up 6 days', startedAt: NOW - 6 * DAY, ports: [{ containerPort: 5000, protocol: 'tcp', hostIp: '127.0.0.1', hostPort: 5000 }],
  }),
  container(6, 'batch-7', 'python:3.13', { state: 'paused', status: 'Up 3 hours (Paused)', startedAt: NOW - 3 * HOUR }),
  container(7, 'mailer', 'shop/mailer:0.9.1', {
    health: 'unhealthy', status: 'Up 31 minutes (unhealthy)', startedAt: NOW - 31 * MINUTE,
    ports: [{ containerPort: 8025, protocol: 'tcp', hostIp: '127.0.0.1', hostPort: 8025 }],
  }),
  container(8, 'analytics-pipeline-nightly-aggregation-eu-central-1', 'ghcr.io/example-organisation/analytics/pipeline-nightly-aggregation:2026.11.20-rc.4', {
    state: 'restarting', status: 'Restarting (1) 12 seconds ago', exitCode: 1,
  }),
  container(9, 'jolly_hopper', 'busybox:1.36', { state: 'exited', status: 'Exited (0) 2 days ago', exitCode: 0, finishedAt: NOW - 2 * DAY }),
  container(10, 'migrate', 'shop/api:2.3', { state: 'exited', status: 'Exited (1) 25 minutes ago', exitCode: 1, finishedAt: NOW - 25 * MINUTE }),
  container(11, 'draft', 'alpine:3.22', { state: 'created', status: 'Created' }),
  container(12, '주문-처리-서버', 'registry.example.kr/쇼핑/order:1.4'.replace('쇼핑', 'shop'), {
    labels: { team: '주문' }, status: 'Up 5 hours', startedAt: NOW - 5 * HOUR,
    ports: [{ containerPort: 8080, protocol: 'tcp', hostIp: '::1', hostPort: 18080 }],
  }),
]

function image(n: number, tags: readonly string[], mb: number, days: number, more: Partial<ImageRow> = {}): ImageRow {
  return {
    id: imageIdOf(n), tags, digests: tags.map((tag) => `${tag.replace(/:[^:/]+$/, '')}@${imageIdOf(500 + n)}`),
    createdAt: NOW - days * DAY, sizeBytes: Math.round(mb * MB), dangling: tags.length === 0, labels: {}, ...more,
  }
}
export const IMAGES: readonly ImageRow[] = [
  image(0, ['busybox:1.36'], 4.27, 60),
  image(1, ['nginx:1.27', 'nginx:latest'], 192, 3),
  image(2, ['shop/api:2.3'], 192.6, 1),
  image(3, ['postgres:17'], 438, 12),
  image(4, ['shop/worker:2.3'], 211, 1),
  image(5, ['registry:2'], 26.2, 400),
  image(6, ['python:3.13'], 1_020, 9),
  image(7, ['alpine:3.22'], 8.32, 40),
  image(8, ['ghcr.io/example-organisation/analytics/pipeline-nightly-aggregation:2026.11.20-rc.4'], 734, 0.2),
  image(9, [], 188, 5),
  image(10, [], 64.2, 6),
]

export const DISK: DiskUsage = {
  imagesBytes: 3_420 * MB,
  containersBytes: 162 * MB,
  volumesBytes: 1_130 * MB,
  buildCacheBytes: 640 * MB,
  reclaimableBytes: 1_260 * MB,
  sharedByImage: Object.fromEntries(IMAGES.map((row) => [row.id, Math.round(row.sizeBytes * 0.4)])),
  writableByContainer: Object.fromEntries(CONTAINERS.map((row, n) => [row.id, n * 118_000])),
}

function operation(n: number, more: Partial<OperationRow> & Pick<OperationRow, 'name' | 'subject' | 'command'>): OperationRow {
  return {
    id: `op-${n}`, engineId: 'native', status: 'succeeded', targets: [], startedAt: NOW - n * 95_000,
    endedAt: NOW - n * 95_000 + 420 * n, cancellable: false, ...more,
  }
}
export const OPERATIONS: readonly OperationRow[] = [
  operation(1, { name: 'containers.stop', subject: 'worker', command: 'docker stop --time 10 worker' }),
  operation(2, {
    name: 'images.pull', subject: 'nginx:1.27.3-alpine', command: 'docker pull nginx:1.27.3-alpine', status: 'running',
    endedAt: undefined, startedAt: NOW - 6_300, cancellable: true,
    progress: {
      step: 'pulling', bytesPerSecond: 8.2 * MB,
      parts: [
        { id: 'a480a496ba95', state: 'exists' },
        { id: 'f3ace1b8ce45', state: 'done', currentBytes: 3.6 * MB, totalBytes: 3.6 * MB },
        { id: '11d6fdd0e8a7', state: 'downloading', currentBytes: 4.1 * MB, totalBytes: 6.4 * MB },
        { id: 'f1091da6fd5c', state: 'downloading', currentBytes: 1.4 * MB, totalBytes: 6.3 * MB },
      ],
    },
  }),
  operation(3, {
    name: 'containers.run', subject: 'web-2', command: 'docker run -d --name web-2 -p 127.0.0.1:8080:80 nginx:1.27', status: 'failed',
    error: {
      code: 'port-in-use', message: 'port is taken', params: { port: 8080, holder: 'web' }, retryable: false,
      detail: 'driver failed programming external connectivity on endpoint web-2: Bind for 127.0.0.1:8080 failed: port is already allocated',
    },
  }),
  operation(4, { name: 'containers.restart', subject: 'api', command: 'docker restart --time 10 api' }),
  operation(5, { name: 'images.pull', subject: 'python:3.13', command: 'docker pull python:3.13', status: 'cancelled' }),
  operation(6, { name: 'containers.rename', subject: 'jolly_hopper', command: 'docker rename jolly_hopper tools' }),
  operation(7, { name: 'images.remove', subject: 'ghcr.io/example-organisation/analytics/pipeline-nightly-aggregation:2026.11.19', command: 'docker rmi ghcr.io/example-organisation/analytics/pipeline-nightly-aggregation:2026.11.19' }),
  operation(9, { name: 'engines.start', subject: 'native', command: 'naru engine start', startedAt: NOW - 2 * HOUR, endedAt: NOW - 2 * HOUR + 1_380 }),
]

const HIDDEN = '••••••••'
/** Operations with secrets: in variables, and in words that no variable can carry. */
export const SECRET_OPERATIONS: readonly OperationRow[] = [
  {
    ...operation(1, { name: 'containers.run', subject: 'shop-db', command: 'docker run -d --name shop-db -e POSTGRES_PASSWORD -e BACKUP_TOKEN -e TZ=Asia/Seoul -p 127.0.0.1:5432:5432 postgres:17' }),
    id: 'op-secret', shown: `docker run -d --name shop-db -e POSTGRES_PASSWORD=${HIDDEN} -e BACKUP_TOKEN=${HIDDEN} -e TZ=Asia/Seoul -p 127.0.0.1:5432:5432 postgres:17`, needs: ['POSTGRES_PASSWORD', 'BACKUP_TOKEN'],
  },
  {
    ...operation(2, { name: 'containers.run', subject: 'poller', command: `docker run -d --name poller curlimages/curl curl -H 'Authorization: Bearer ${HIDDEN}' https://api.example.org/jobs` }),
    id: 'op-words', shown: `docker run -d --name poller curlimages/curl curl -H 'Authorization: Bearer ${HIDDEN}' https://api.example.org/jobs`,
    status: 'failed', error: { code: 'name-in-use', message: `the name is taken; Bearer ${HIDDEN}`, params: { name: 'poller' }, retryable: false, detail: `Conflict. The container name "/poller" is already in use; Bearer ${HIDDEN}` },
  },
  ...OPERATIONS.slice(3),
]

export const SETTINGS: Settings = {
  theme: 'system',
  locale: 'system',
  stopGraceSeconds: 10,
  engine: 'auto',
  sockets: ['/run/user/1000/podman/podman.sock'],
  hubUrl: 'https://hub.docker.com',
  logTail: 10_000,
  logTimestamps: 'local',
  logWrap: true,
  logCapBytes: 2_000_000_000,
  startAtLogin: false,
  stopWithNaru: 'idle-machine',
  lookForReleases: false,
  vm: {},
  rootExplained: true,
  registryRealms: [{ registry: 'registry.analytical-engines.example:5000', realm: 'login.difference-works.example' }],
  logSearches: [
    { name: 'Errors of the database', include: ['db'], exclude: [], levels: ['error', 'fatal'], stream: 'all', context: 3, word: true, search: { query: '', regex: false, caseSensitive: false } },
    { name: '결제 실패', include: ['결제'], exclude: [], levels: ['error'], stream: 'all', context: 0, word: false, search: { query: '', regex: false, caseSensitive: false } },
  ],
}
