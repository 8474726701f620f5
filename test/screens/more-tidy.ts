/** Answers of the scripted engine room for tidying up: clean-ups, newer images, archives on their way. */
import type { OperationRow, PruneItem, PrunePreview, UpdateCheck } from '../../engine/contract/models.ts'
import { NaruError } from '../../engine/contract/errors.ts'
import type { MethodHandlers, StreamHandlers } from '../../engine/link/handlers.ts'
import type { Scenario } from './scenarios.ts'
import { IMAGES, MB, NOW, imageIdOf } from './seed.ts'

const DAY = 86_400_000

function item(n: number, more: Partial<PruneItem> = {}): PruneItem {
  const row = IMAGES[n]
  return {
    id: row?.id ?? '', name: row?.tags[0] ?? '', reason: row?.tags.length ? 'unused' : 'dangling', references: row?.tags ?? [],
    sizeBytes: row?.sizeBytes ?? 0, createdAt: row?.createdAt ?? 0, layers: [n], needs: [], ...more,
  }
}

function images(all: boolean): PrunePreview {
  const dangling = [item(9), item(10)]
  const unused = [item(6), item(8), item(7, { references: ['alpine:3.22', 'alpine:latest'] })]
  return {
    kind: 'images', all,
    items: all ? [...unused, ...dangling, { ...item(1), reason: 'extra-tags', references: ['nginx:1.27'], layers: [] }] : dangling,
    layers: IMAGES.map((row, n) => ({ bytes: Math.round(row.sizeBytes * 0.7), kept: n === 7 })),
    kept: all ? [{ id: imageIdOf(1), name: 'nginx:1.27', holders: ['web'] }, { id: imageIdOf(3), name: 'postgres:17', holders: ['db'] }] : [],
    keptCount: 0,
  }
}

const RECORDS: readonly (readonly [string, string, number, number, readonly string[]])[] = [
  ['r1', '[build 4/6] RUN npm ci --omit=dev', 214, 1, []],
  ['r2', '[build 5/6] COPY . .', 38.2, 1, []],
  ['r3', 'local source for context', 41.7, 2, []],
  ['r4', 'cached mount /root/.npm from exec /bin/sh -c npm ci --omit=dev', 322, 3, []],
  ['r5', '[build 3/6] COPY package.json package-lock.json ./', 0.21, 9, ['r1']],
]
const TYPES = ['regular', 'regular', 'source.local', 'exec.cachemount', 'regular']

function cache(all: boolean): PrunePreview {
  const items = RECORDS.map(([id, name, size, days, needs], at): PruneItem => ({
    id, name, reason: 'cache', references: [], sizeBytes: size * MB, createdAt: NOW - 20 * DAY, lastUsedAt: NOW - days * DAY, type: TYPES[at] ?? 'regular', layers: [at], needs,
  }))
  return { kind: 'build-cache', all, items, layers: items.map(({ sizeBytes }) => ({ bytes: sizeBytes, kept: false })), kept: [], keptCount: 3 }
}

export function tidyMethods(scenario: Scenario): Partial<MethodHandlers> {
  return {
    'prune.preview': async ({ kind, all }) => {
      if (scenario.operations.length > 0 && scenario.operations.every(({ name }) => name === 'images.save')) throw new NaruError('timeout', 'too slow', { retryable: true })
      return kind === 'images' ? images(all) : cache(all)
    },
    'operations.start': async () => ({ operationId: 'op-pruned' }),
  }
}

export function tidyStreams(): Partial<StreamHandlers> {
  return {
    'images.updates': async function* ({ references }): AsyncGenerator<UpdateCheck> {
      for (const [at, reference] of references.entries()) {
        const row = IMAGES.find(({ tags }) => tags.includes(reference))
        const base = { reference, imageId: row?.id ?? '', checkedAt: NOW }
        if (at % 5 === 1) yield { ...base, state: 'newer', remoteDigest: `sha256:${'7c'.repeat(32)}` }
        else if (at % 5 === 3) yield { ...base, state: 'failed', error: { code: 'rate-limited', message: 'toomanyrequests', params: { registry: 'docker.io' }, retryable: true } }
        else yield { ...base, state: at % 5 === 2 ? 'local' : 'current', remoteDigest: 'sha256:00' }
      }
    },
  }
}

const op = (n: number, more: Partial<OperationRow> & Pick<OperationRow, 'name' | 'subject' | 'command'>): OperationRow => ({
  id: `tidy-${n}`, engineId: 'native', status: 'running', targets: [], startedAt: NOW - n * 9_000, cancellable: true, ...more,
})

/** Archives in every state, and the clean-up that `operations.start` answers with. */
export const ARCHIVES: readonly OperationRow[] = [
  op(1, {
    name: 'images.save', subject: 'postgres:17', command: 'docker save -o postgres-17.tar postgres:17',
    progress: { step: 'saving', parts: [{ id: 'postgres-17.tar', state: 'copying', currentBytes: 181 * MB }], bytesPerSecond: 94 * MB },
  }),
  op(2, {
    name: 'images.load', subject: 'shop-images-2026-11-20.tar', command: 'docker load -i shop-images-2026-11-20.tar',
    progress: { step: 'loading', parts: [{ id: 'shop-images-2026-11-20.tar', state: 'copying', currentBytes: 402 * MB, totalBytes: 1_210 * MB }], bytesPerSecond: 61 * MB },
  }),
  op(3, { name: 'images.load', subject: 'base.tar', command: 'docker load -i base.tar', status: 'succeeded', endedAt: NOW - 20_000, cancellable: false, result: { loaded: ['alpine:3.22'] } }),
  op(4, {
    name: 'images.load', subject: 'broken.tar', command: 'docker load -i broken.tar', status: 'failed', endedAt: NOW - 30_000, cancellable: false,
    error: { code: 'invalid-request', hint: 'archive-broken', message: 'unexpected EOF', detail: 'unexpected EOF', params: { name: 'broken.tar' }, retryable: false },
  }),
]

export const PRUNED: readonly OperationRow[] = [
  {
    ...op(9, { name: 'images.prune', subject: '', command: 'docker image prune -f' }),
    id: 'op-pruned', status: 'succeeded', endedAt: NOW - 1_000, cancellable: false,
    result: {
      deleted: [imageIdOf(9)], untagged: ['spare/one:1'], reclaimedBytes: 131.6 * MB,
      failed: [{ name: 'spare/two:1', error: { code: 'in-use', message: 'in use', params: { holder: 'web' }, retryable: false } }],
    },
  },
]
