/** Answers of the scripted engine room for the Hub: results, tags, every failure of the Hub. */
import { NaruError } from '../../engine/contract/errors.ts'
import type { HubImage, HubTag, OperationRow } from '../../engine/contract/models.ts'
import type { MethodHandlers } from '../../engine/link/handlers.ts'
import type { Scenario } from './scenarios.ts'
import { IMAGES, MB, NOW, imageIdOf } from './seed.ts'

/** How the Hub answers in a scenario. */
export type HubMood = 'fine' | 'engine' | 'nothing' | 'offline' | 'unreachable' | 'proxy' | 'limited' | 'slow' | 'filling' | 'limited-later'

const HUB: readonly HubImage[] = [
  { name: 'nginx', description: 'Official build of Nginx.', stars: 20_912, pulls: 1_300_000_000, official: true, verified: false },
  { name: 'bitnami/nginx', description: 'Bitnami container image for NGINX', stars: 197, pulls: 512_000_000, official: false, verified: true },
  { name: 'nginx/nginx-ingress', description: 'NGINX and NGINX Plus ingress controllers for Kubernetes', stars: 104, pulls: 1_040_000_000, official: false, verified: true },
  { name: 'nginxproxy/nginx-proxy', description: 'Automated reverse proxy for containers', stars: 163, pulls: 118_000_000, official: false, verified: false },
  { name: 'linuxserver/nginx', description: 'An nginx container, brought to you by LinuxServer.io, with a description that is much longer than anybody would read in a list of results', stars: 229, pulls: 52_000_000, official: false, verified: false },
  { name: 'example/nginx-with-a-name-that-is-much-longer-than-usual', description: '한국어 설명이 있는 이미지', stars: 3, pulls: 912, official: false, verified: false },
  { name: 'someone/test', description: '', stars: 0, pulls: 41, official: false, verified: false },
]

const ARCHES = ['386', 'amd64', 'arm64', 'arm', 'ppc64le', 's390x', 'riscv64']
function tag(name: string, n: number, mb: number, days: number, arches = ARCHES): HubTag {
  return {
    name, updatedAt: NOW - days * 86_400_000, sizeBytes: mb * MB, digest: imageIdOf(n),
    platforms: arches.map((architecture) => ({ os: 'linux', architecture, sizeBytes: (mb - 1) * MB })),
  }
}
const TAGS: readonly HubTag[] = [
  tag('latest', 501, 72.1, 3),
  tag('1.27.3', 501, 72.1, 3),
  tag('1.27', 602, 72.1, 3),
  tag('1.27.3-alpine', 603, 20.6, 3),
  tag('alpine', 603, 20.6, 3),
  tag('1.26.2', 604, 71.9, 16),
  tag('1.26.2-alpine-slim-with-a-long-name', 605, 20.5, 16),
  tag('1.27.3-arm-only', 606, 19.2, 40, ['arm64']),
  ...Array.from({ length: 42 }, (_, n) => tag(`1.${25 - (n % 20)}.${n % 7}`, 700 + n, 60 + n / 3, 60 + n * 9)),
]

function failure(mood: HubMood): NaruError | null {
  const params = { registry: 'hub.docker.com' }
  switch (mood) {
    case 'offline':
      return new NaruError('registry.unreachable', 'no answer', { params, detail: 'getaddrinfo ENOTFOUND hub.docker.com' })
    case 'unreachable':
      return new NaruError('registry.unreachable', 'no answer', { params, detail: 'connect ECONNREFUSED 203.0.113.9:443' })
    case 'slow':
      return new NaruError('registry.unreachable', 'no answer within 12000 ms', { params, hint: 'hub.timeout' })
    case 'proxy':
      return new NaruError('registry.unreachable', 'the answer is a web page, not JSON', { params, hint: 'hub.not-json', detail: '<!doctype html><title>Sign in to Guest Wi-Fi</title>' })
    case 'limited':
      return new NaruError('rate-limited', 'limited', { params: { ...params, limit: 180, resetAt: NOW + 192_000 }, detail: 'HTTP 429 Too Many Requests' })
    default:
      return null
  }
}

export function hubMethods(scenario: Scenario): Partial<MethodHandlers> {
  const mood = scenario.hub ?? (scenario.offline ? 'offline' : 'fine')
  const ask = (): void => {
    const error = failure(mood)
    if (error) throw error
  }
  return {
    'hub.search': async ({ page }) => {
      ask()
      if (mood === 'nothing') return { total: 0, page, hasMore: false, results: [], source: 'hub' }
      if (mood === 'engine') {
        return { total: 5, page, hasMore: false, results: HUB.slice(0, 5).map(({ pulls: _pulls, ...row }) => ({ ...row, verified: false })), source: 'engine' }
      }
      return { total: 8_412, page, hasMore: true, results: page === 1 ? HUB : HUB.map((row) => ({ ...row, name: `${row.name}-${page}` })), source: 'hub' }
    },
    'hub.tags': async ({ page, filter }, { signal }) => {
      ask()
      const results = TAGS.filter((each) => each.name.includes(filter))
      if (mood !== 'filling' && mood !== 'limited-later') return { total: results.length, page, hasMore: false, results }
      if (page === 1) return { total: 2_500, page, hasMore: true, results }
      if (mood === 'limited-later') throw failure('limited') ?? new Error('no failure')
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new NaruError('cancelled', 'cancelled'))))
    },
  }
}

function pull(n: number, subject: string, more: Partial<OperationRow>): OperationRow {
  return {
    id: `pull-${n}`, name: 'images.pull', engineId: 'native', status: 'running', subject, targets: [], command: `docker pull ${subject}`,
    startedAt: NOW - 6_300 - n * 4_000, cancellable: true, ...more,
  }
}
const part = (id: string, state: 'downloading' | 'extracting' | 'waiting' | 'downloaded', current: number, total: number) => ({
  id, state, ...(total > 0 && { currentBytes: current * MB, totalBytes: total * MB }),
})

/** A pull in each of its ends beside those that run. */
export const PULLS: readonly OperationRow[] = [
  pull(1, 'grafana/grafana:12.3', {
    progress: {
      step: 'pulling', bytesPerSecond: 14.6 * MB,
      parts: [
        { id: '2d35ebdb57d9', state: 'exists' }, part('9c1a4d2f77aa', 'extracting', 22.1, 31.4), part('7be0ac01d3f2', 'downloaded', 9.4, 9.4),
        part('51c0f2a8e4b1', 'downloading', 61.2, 118), part('ab9d7e6612c0', 'downloading', 3.1, 24.7), part('0e61ba0472fe', 'waiting', 0, 1.8),
      ],
    },
  }),
  pull(2, 'localhost:5000/team/reporting-service:2026.11', {
    status: 'failed', endedAt: NOW - 60_000,
    progress: { step: 'pulling', parts: [{ id: '2d35ebdb57d9', state: 'exists' }] },
    error: { code: 'registry.unreachable', message: 'refused', params: { registry: 'localhost:5000' }, retryable: true, detail: 'Get "http://localhost:5000/v2/": dial tcp 127.0.0.1:5000: connect: connection refused' },
  }),
  pull(3, 'nginx:1.27', { status: 'succeeded', endedAt: NOW - 9_000, result: { imageId: IMAGES[1]?.id ?? '', upToDate: false } }),
  pull(4, 'python:3.13', { status: 'cancelled', endedAt: NOW - 30_000, progress: { step: 'pulling', parts: [{ id: 'c1', state: 'done' }] } }),
]
