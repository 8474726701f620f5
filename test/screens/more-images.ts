/** Stacks of the invented images: the shop's images stand on one base, Alpine below them stands alone as well. */
import type { ImageDetail, ImageLayer, ImageRow, ImageStack, StackSums } from '../../engine/contract/models.ts'
import { NaruError } from '../../engine/contract/errors.ts'
import type { MethodHandlers } from '../../engine/link/handlers.ts'
import { withEnv } from './more-why.ts'
import type { Scenario } from './scenarios.ts'
import { MB, imageIdOf } from './seed.ts'

type Step = readonly [instruction: string, mb: number, id?: number]

const ALPINE: readonly Step[] = [['ADD alpine-minirootfs-3.22.1-x86_64.tar.gz / # buildkit', 8.4, 1], ['CMD ["/bin/sh"]', 0]]
const NODE: readonly Step[] = [
  ...ALPINE,
  ['ENV NODE_VERSION=22.11.0', 0],
  ['RUN addgroup -g 1000 node && adduser -u 1000 -G node -s /bin/sh -D node && apk add --no-cache libstdc++ && apk add --no-cache --virtual .build-deps curl && ARCH= && alpineArch="$(apk --print-arch)" && case "${alpineArch##*-}" in x86_64) ARCH=x64 ;; esac', 121, 4],
  ['RUN apk add --no-cache tini', 1.1, 5],
]
const STEPS: Readonly<Record<string, readonly Step[]>> = {
  'shop/api:2.3': [
    ...NODE, ['WORKDIR /app', 0], ['COPY package.json package-lock.json ./', 0.214, 7], ['RUN npm ci --omit=dev', 58.7, 8], ['COPY . .', 3.2, 9],
    ['EXPOSE map[3000/tcp:{}]', 0], ['USER node', 0], ['CMD ["node" "server.js"]', 0],
  ],
  'shop/worker:2.3': [
    ...NODE, ['WORKDIR /app', 0], ['ENV QUEUE=default', 0], ['COPY package.json package-lock.json ./', 0.198, 17], ['RUN npm ci', 77.4, 18], ['COPY . .', 2.9, 19], ['CMD ["node" "worker.js"]', 0],
  ],
  'alpine:3.22': ALPINE,
  'busybox:1.36': [['ADD busybox.tar.xz / # buildkit', 4.27, 21], ['CMD ["sh"]', 0]],
}

function steps(row: ImageRow): readonly Step[] {
  const n = Math.round(row.sizeBytes / 10_000)
  return STEPS[row.tags[0] ?? ''] ?? [
    ['ADD rootfs.tar.xz /', (row.sizeBytes / MB) * 0.4, 100 + n], ['ENV LANG=C.UTF-8', 0],
    ['RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates', (row.sizeBytes / MB) * 0.6, 200 + n], ['ENTRYPOINT ["/docker-entrypoint.sh"]', 0],
  ]
}

function layersOf(row: ImageRow): readonly ImageLayer[] {
  return steps(row).map(([instruction, mb, id], n) => ({
    instruction, sizeBytes: Math.round(mb * MB), createdAt: row.createdAt - (20 - n) * 60_000, diffId: id ? imageIdOf(900 + id) : '',
    ...(id && { directory: `/var/lib/docker/overlay2/${imageIdOf(700 + id).slice(7)}/diff` }),
  }))
}

export function imageDetail(scenario: Scenario, id: string): ImageDetail {
  const row = scenario.images.find((each) => each.id === id || each.tags.includes(id))
  if (!row) throw new NaruError('image-not-found', `no image ${id}`, { params: { reference: id } })
  const layers = layersOf(row)
  const history = [...layers].reverse().map((each, at) => ({
    id: at === 0 ? row.id : '', createdBy: each.instruction, createdAt: each.createdAt, sizeBytes: each.sizeBytes, comment: at < 8 ? 'buildkit.dockerfile.v0' : '', empty: each.diffId === '',
  }))
  return {
    id: row.id, tags: row.tags, digests: row.digests, createdAt: row.createdAt, sizeBytes: row.sizeBytes, os: 'linux', architecture: 'amd64',
    author: '', exposedPorts: [{ port: 3000, protocol: 'tcp' }, { port: 9229, protocol: 'tcp' }],
    env: [{ name: 'PATH', value: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }, { name: 'NODE_VERSION', value: '22.11.0' }, { name: 'YARN_VERSION', value: '1.22.22' }],
    command: ['node', 'server.js', '--greeting', 'Hello there'], entrypoint: ['docker-entrypoint.sh'], workingDir: '/app', user: 'node', volumes: ['/app/uploads'],
    labels: { 'org.opencontainers.image.title': 'shop api', 'org.opencontainers.image.source': 'https://git.example.org/shop/api', maintainer: '쇼핑 팀' },
    layers,
    history,
    raw: {
      Id: row.id, RepoTags: row.tags, Created: '2026-07-01T10:00:00Z', Architecture: 'amd64', Os: 'linux', Size: row.sizeBytes,
      Config: { Env: ['NODE_VERSION=22.11.0'], Cmd: ['node', 'server.js'], Labels: { 'org.opencontainers.image.title': 'shop api', maintainer: '쇼핑 팀' }, Volumes: null },
      RootFS: { Type: 'layers', Layers: [imageIdOf(901), imageIdOf(904)] },
    },
  }
}

const chains = (row: ImageRow): string[] => {
  let below = ''
  return layersOf(row).flatMap(({ diffId }) => (diffId ? [(below += diffId.slice(7, 27))] : []))
}

function imageStack(scenario: Scenario, id: string): ImageStack {
  const row = scenario.images.find((each) => each.id === id)
  if (!row) throw new NaruError('image-not-found', `no image ${id}`, { params: { reference: id } })
  const mine = chains(row)
  const others = scenario.images.filter((each) => each.id !== id).map((each) => ({ id: each.id, chains: new Set(chains(each)) }))
  const layers = layersOf(row).filter(({ diffId }) => diffId !== '').map(({ diffId, sizeBytes }, n) => {
    const sharedWith = others.filter((each) => each.chains.has(mine[n] ?? '')).map((each) => each.id)
    return { diffId, chainId: `sha256:${(mine[n] ?? '').slice(-40)}${'0'.repeat(24)}`, sizeBytes, sharedWith, sharedCount: sharedWith.length }
  })
  const sharedBytes = layers.reduce((sum, layer) => sum + (layer.sharedCount > 0 ? layer.sizeBytes : 0), 0)
  return { imageId: id, layers, sharedBytes, uniqueBytes: Math.max(0, row.sizeBytes - sharedBytes), platform: id.endsWith('5') ? 'linux/arm64/v8' : 'linux/amd64' }
}

function stackSums(scenario: Scenario): StackSums {
  const images = Object.fromEntries(scenario.images.map(({ id }) => {
    const { sharedBytes, uniqueBytes, platform } = imageStack(scenario, id)
    return [id, { sharedBytes, uniqueBytes, platform }]
  }))
  const apparentBytes = scenario.images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const uniqueBytes = Object.values(images).reduce((sum, each) => sum + each.uniqueBytes, 0)
  return { images, layerCount: 31, totalBytes: uniqueBytes + 130.5 * MB, sharedBytes: 130.5 * MB, uniqueBytes, apparentBytes }
}

export function imageMethods(scenario: Scenario): Partial<MethodHandlers> {
  return {
    'images.inspect': async ({ id }) => withEnv(imageDetail(scenario, id)),
    'stacks.image': async ({ id }) => imageStack(scenario, id),
    'stacks.sums': async () => stackSums(scenario),
    'stacks.writable': async ({ ids }) => ({ layers: ids.map((id, n) => ({ id, writableBytes: [2_400_000, 118_000, 0][n % 3] ?? 0 })) }),
  }
}
