/** Answers of the scripted engine room for Builds: every end of a build, a running one with its steps and logs, a form, the cache. */
import { NaruError } from '../../engine/contract/errors.ts'
import type { BuildCacheEntry, BuildForm, BuildPatch, BuildRow, BuildSpec, BuildStep } from '../../engine/contract/models.ts'
import type { MethodHandlers, StreamHandlers } from '../../engine/link/handlers.ts'
import type { Scenario } from './scenarios.ts'
import { IMAGES, MB, NOW, imageIdOf } from './seed.ts'

const spec = (folder: string, more: Partial<BuildSpec> = {}): BuildSpec => ({ folder, buildArgs: [], tags: [], noCache: false, pull: false, labels: [], ...more })
function build(n: number, name: string, more: Partial<BuildRow>): BuildRow {
  const folder = `/home/mina/work/${name.replace(/[:/].*/, '')}`
  return {
    id: `build-${n}`, engineId: 'native', name, spec: spec(folder, { tags: [name] }), command: `docker build -t ${name} ${folder}`, status: 'succeeded',
    startedAt: NOW - n * 3_700_000, endedAt: NOW - n * 3_700_000 + 48_300, builder: 'buildkit', steps: { total: 9, done: 9, cached: 6, failed: 0 }, contextBytes: 3.4 * MB, contextFiles: 182,
    warnings: 0, imageId: IMAGES[0]?.id ?? '', ...more,
  }
}

const RUNNING = build(0, 'shop/api:2.4', {
  status: 'running', phase: 'building', startedAt: NOW - 41_700, steps: { total: 9, done: 5, cached: 3, failed: 0 }, current: 'RUN npm ci --omit=dev', warnings: 1,
  spec: spec('/home/mina/work/shop/api', { tags: ['shop/api:2.4', 'shop/api:latest'], target: 'runtime', buildArgs: [{ name: 'NODE_VERSION', value: '22' }] }),
})
const { endedAt: _ended, imageId: _image, ...running } = RUNNING
const FAILED_LINE = 11
const FAILED = build(2, 'reports:nightly', {
  status: 'failed', endedAt: NOW - 2 * 3_700_000 + 12_800, steps: { total: 7, done: 4, cached: 4, failed: 1 }, imageId: '',
  error: {
    code: 'build-failed', message: 'process "/bin/sh -c pip install -r requirements.txt" did not complete successfully: exit code: 1', hint: 'build.exit-code', retryable: true,
    params: { line: FAILED_LINE, instruction: 'RUN pip install --no-cache-dir -r requirements.txt', exitCode: 1, dockerfile: 'Dockerfile' },
    detail: 'process "/bin/sh -c pip install --no-cache-dir -r requirements.txt" did not complete successfully: exit code: 1',
  },
})
export const BUILDS: readonly BuildRow[] = [
  running,
  build(1, 'shop/api:2.3', { spec: spec('/home/mina/work/shop/api', { tags: ['shop/api:2.3', 'shop/api:latest'], target: 'runtime' }), warnings: 2 }),
  FAILED,
  build(3, 'shop/worker:2.3', { command: 'docker build --build-arg COMMIT=4bf92f --build-arg NPM_TOKEN -t shop/worker:2.3 /home/mina/work/shop', shown: 'docker build --build-arg COMMIT=4bf92f --build-arg NPM_TOKEN=•••••••• -t shop/worker:2.3 /home/mina/work/shop', needs: ['NPM_TOKEN'], spec: spec('/home/mina/work/shop/api', { tags: ['shop/worker:2.3'], buildArgs: [{ name: 'COMMIT', value: '4bf92f' }, { name: 'NPM_TOKEN', value: '••••••••' }] }), steps: { total: 6, done: 6, cached: 6, failed: 0 }, endedAt: NOW - 3 * 3_700_000 + 1_240 }),
  build(5, 'docs', { status: 'cancelled', steps: { total: 12, done: 3, cached: 0, failed: 0 }, spec: spec('/srv/docs', { dockerfile: 'docs.Dockerfile' }) }),
  build(9, 'legacy/importer:1', { status: 'lost', steps: { total: 0, done: 0, cached: 0, failed: 0 } }),
  build(26, 'localhost:5000/team/a-name-that-is-much-longer-than-usual:2026.11.20', { builder: 'classic', steps: { total: 4, done: 4, cached: 0, failed: 0 } }),
]

const step = (index: number, name: string, state: BuildStep['state'], more: Partial<BuildStep> = {}): BuildStep => ({
  id: `s${index}`, index, name, kind: 'instruction', state, logLines: 0, ...(state !== 'waiting' && { startedAt: NOW - 41_000 + index * 2_000, endedAt: NOW - 41_000 + index * 2_000 + 640 }), ...more,
})
const internal = (index: number, name: string): BuildStep => step(index, name, 'done', { kind: 'internal' })
const STEPS: readonly BuildStep[] = [
  internal(0, 'load build definition from Dockerfile'), internal(1, 'load metadata for docker.io/library/node:22-alpine'), internal(2, 'load .dockerignore'),
  step(3, 'FROM docker.io/library/node:22-alpine', 'cached', { stage: 'build', number: 1, of: 5, line: 2 }),
  step(4, 'load build context', 'done', { kind: 'internal', currentBytes: 3.4 * MB, totalBytes: 3.4 * MB }),
  step(5, 'WORKDIR /src', 'cached', { stage: 'build', number: 2, of: 5, line: 4 }),
  step(6, 'COPY package.json package-lock.json ./', 'cached', { stage: 'build', number: 3, of: 5, line: 5 }),
  step(7, 'RUN npm ci && npm run build && npm prune --omit=dev --no-audit --no-fund --loglevel=error', 'done', { stage: 'build', number: 4, of: 5, line: 6, logLines: 41, endedAt: NOW - 8_000 }),
  step(8, 'WORKDIR /app', 'done', { stage: 'runtime', number: 2, of: 4, line: 10 }),
  step(9, 'RUN npm ci --omit=dev', 'running', { stage: 'runtime', number: 3, of: 4, line: 11, logLines: 18, startedAt: NOW - 7_200 }),
  step(10, 'COPY --from=build /src/dist ./dist', 'waiting', { stage: 'runtime', number: 4, of: 4, line: 12 }),
  step(11, 'exporting to image', 'waiting', { kind: 'export' }),
].map((each) => {
  if (each.state !== 'running') return each
  const { endedAt: _end, ...rest } = each
  return rest
})
const FAILED_STEPS: readonly BuildStep[] = [
  internal(0, 'load build definition from Dockerfile'),
  step(1, 'FROM docker.io/library/python:3.13-slim', 'cached', { number: 1, of: 5, line: 1 }), step(2, 'WORKDIR /app', 'cached', { number: 2, of: 5, line: 3 }),
  step(3, 'COPY requirements.txt ./', 'cached', { number: 3, of: 5, line: 8 }),
  step(4, 'RUN pip install --no-cache-dir -r requirements.txt', 'failed', { number: 4, of: 5, line: FAILED_LINE, logLines: 9, error: 'exit code: 1', endedAt: NOW - 20_000 }),
  step(5, 'COPY . .', 'cancelled', { number: 5, of: 5, line: 12 }),
]
const EXCERPT = ['COPY requirements.txt ./', '', '# the mirror is slow on Mondays', 'RUN pip install --no-cache-dir -r requirements.txt', 'COPY . .', '', 'CMD ["python", "-m", "reports"]']

function patchOf(row: BuildRow): BuildPatch {
  const failed = row.id === FAILED.id
  return {
    reset: true, build: row, logLines: 59, steps: failed ? FAILED_STEPS : row.status === 'running' ? STEPS : STEPS.map((each) => ({ ...each, state: each.state === 'cached' ? 'cached' : 'done', logLines: each.logLines })),
    warnings: row.warnings > 0 ? [{ text: 'JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals', line: 14, url: 'https://docs.docker.com/go/dockerfile/rule/json-args-recommended/', stepId: 's8' }] : [],
    ...(failed && { failure: { instruction: EXCERPT[3] ?? '', stepId: 's4', line: FAILED_LINE, endLine: FAILED_LINE, exitCode: 1, words: 'exit code: 1', excerpt: EXCERPT.map((text, n) => ({ line: 8 + n, text, failing: 8 + n === FAILED_LINE })) } }),
  }
}

const NPM = ['npm warn deprecated inflight@1.0.6: This module is not supported', '', 'added 214 packages in 6s', '', '\u001B[1m38\u001B[22m packages are looking for funding', '  run `npm fund` for details', '> api@2.4.0 build', '> tsc -p . && vite build', '\u001B[36mvite v7.1.2\u001B[39m \u001B[32mbuilding for production...\u001B[39m', '\u001B[32m✓\u001B[39m 112 modules transformed.']
const PIP = ['Collecting pandas==2.2.9 (from -r requirements.txt (line 3))', '  Downloading pandas-2.2.9.tar.gz (4.4 MB)', 'Collecting requests==2.32.3', '\u001B[31mERROR: Could not find a version that satisfies the requirement reportlib==4.1 (from versions: 3.0, 3.1)\u001B[0m', '\u001B[31mERROR: No matching distribution found for reportlib==4.1\u001B[0m']

const FORM: BuildForm = {
  folder: '/home/mina/work/shop/api', dockerfile: 'Dockerfile', suggestedTag: 'shop/api:2.4',
  dockerfiles: [{ path: 'Dockerfile', bytes: 812 }, { path: 'dev.Dockerfile', bytes: 512 }, { path: 'tools/Dockerfile', bytes: 120 }],
  facts: {
    stages: [{ name: 'build', base: 'node:${NODE_VERSION}-alpine', line: 3 }, { name: 'test', base: 'build', line: 12 }, { name: 'runtime', base: 'node:${NODE_VERSION}-alpine', line: 16 }],
    args: [{ name: 'NODE_VERSION', default: '22', line: 1, stage: -1 }, { name: 'COMMIT', line: 4, stage: 0 }, { name: 'REGISTRY', default: 'https://registry.example.org', line: 5, stage: 0 }, { name: 'COMMIT', line: 17, stage: 2 }],
    exposes: ['3000'], directives: { syntax: 'docker/dockerfile:1' }, problems: [],
  },
  ignore: { file: '.dockerignore', patterns: 6 },
  context: { files: 182, bytes: 3.4 * MB, ignored: 7, complete: true, unreadable: [], largest: [{ path: 'src', bytes: 1.9 * MB }, { path: 'assets', bytes: 1.2 * MB }, { path: 'package-lock.json', bytes: 0.21 * MB }, { path: 'README.md', bytes: 4_100 }] },
}
const WRONG: BuildForm = {
  ...FORM, folder: '/srv/broken', dockerfiles: [{ path: 'Dockerfile', bytes: 40 }], ignore: { file: null, patterns: 0 },
  facts: { stages: [{ base: 'alpine', line: 1 }], args: [], exposes: [], directives: {}, problems: [{ line: 4, text: 'unknown instruction: RUNN' }] },
  context: { ...FORM.context, complete: false, ignored: 0, bytes: 4_312 * MB, files: 61_204, unreadable: ['secrets/key.pem', 'data/pg/pg_wal'], largest: [{ path: 'data', bytes: 4_100 * MB }, { path: 'node_modules', bytes: 180 * MB }] },
}

const cacheEntry = (n: number, description: string, mb: number, more: Partial<BuildCacheEntry> = {}): BuildCacheEntry => ({
  id: `${n}${imageIdOf(n).slice(8, 32)}`, type: 'regular', description, bytes: mb * MB, inUse: false, shared: false, createdAt: NOW - n * 8e6, lastUsedAt: NOW - n * 4e6, usageCount: n, parents: [], ...more,
})
const CACHE: readonly BuildCacheEntry[] = [
  cacheEntry(1, '[build 4/5] RUN npm ci && npm run build', 412), cacheEntry(2, 'cached mount /root/.npm from exec /bin/sh -c npm ci', 188, { type: 'exec.cachemount' }),
  cacheEntry(3, 'pulled from docker.io/library/node:22-alpine', 141, { shared: true }), cacheEntry(4, '[runtime 3/4] RUN npm ci --omit=dev', 96.2, { inUse: true }), cacheEntry(5, 'local source for context', 3.4, { type: 'source.local' }),
  cacheEntry(6, '[build 3/5] COPY package.json package-lock.json ./', 0.21), cacheEntry(7, 'local source for dockerfile', 0.001, { type: 'source.local' }),
]

export function buildMethods(scenario: Scenario): Partial<MethodHandlers> {
  return {
    'builds.open': async ({ folder }) => {
      if (folder.startsWith('/nowhere')) throw new NaruError('not-found', 'no such folder', { params: { path: folder }, hint: 'build.no-folder' })
      return folder === '/srv/broken' ? WRONG : { ...FORM, folder }
    },
    'builds.log': async ({ from, count, buildId, stepId }) => {
      const lines = buildId === FAILED.id ? PIP : NPM
      const total = stepId === 's9' ? 18 : buildId === FAILED.id ? 9 : stepId === null ? 59 : 41
      const length = Math.max(0, Math.min(count, total - from))
      return { from, total, dropped: 0, lines: Array.from({ length }, (_, n) => ({ text: lines[(from + n) % lines.length] ?? '', stderr: false, at: NOW })) }
    },
    'builds.remove': async () => ({}),
    'builds.cache': async () =>
      scenario.builds === 'podman' ? { entries: [], totalBytes: 0, reclaimableBytes: 0, supported: false } : { entries: scenario.builds ? CACHE : [], totalBytes: 700 * MB, reclaimableBytes: 604 * MB, supported: true },
    'files.list-folders': async ({ path }) => ({
      path: path || '/home/mina', parent: path === '/' ? null : '/home', home: '/home/mina', truncated: false, hasDockerfile: path.includes('api'),
      folders: ['api', 'docs', 'shop', 'work', '.config'].map((name) => ({ name, hidden: name.startsWith('.'), hasDockerfile: name === 'api' })),
    }),
  }
}

export function buildStreams(scenario: Scenario, until: (signal: AbortSignal) => Promise<void>): Partial<StreamHandlers> {
  const rows = scenario.builds ? BUILDS : []
  return {
    'builds.watch': async function* (_arg, { signal }) {
      yield { upsert: rows, remove: [] }
      await until(signal)
    },
    'builds.steps': async function* ({ buildId }, { signal }) {
      const row = rows.find((each) => each.id === buildId)
      if (!row) throw new NaruError('not-found', 'no such build', { params: { name: buildId } })
      yield patchOf(row)
      if (row.status === 'running') await until(signal)
    },
  }
}
