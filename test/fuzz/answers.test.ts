/** Answers of the Hub, of registries and engines, and files that other programs wrote: members of any type, labels of any text. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect } from 'vitest'
import { computeStats, isRunningSample } from '../../engine/containers/stats.ts'
import { whyStopped } from '../../engine/containers/why-stopped.ts'
import type { RawContainerInspect, RawContainerListItem, RawEvent, RawStats } from '../../engine/docker/api-types.ts'
import { readEvent } from '../../engine/docker/events.ts'
import { progressMessage } from '../../engine/docker/progress-message.ts'
import { getJson } from '../../engine/hub/http.ts'
import { readSearch, readTags } from '../../engine/hub/shapes.ts'
import { createPullProgress } from '../../engine/images/pull-progress.ts'
import { matchLayers } from '../../engine/images/inspect.ts'
import { readContexts } from '../../engine/providers/docker-config.ts'
import { readDockerLogins } from '../../engine/registries/docker-config.ts'
import { containerRow, containerState } from '../../engine/state/normalise.ts'
import { fuzz } from '../support/fuzz/budget.ts'
import { nearAnswer, nearBytes, textOf } from '../support/fuzz/inputs.ts'
import { orRefused } from '../support/fuzz/refusals.ts'

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string'
const isNumber = (value: unknown): boolean => value === undefined || value === null || typeof value === 'number'

const search = {
  count: 2, next: 'https://hub.example.invalid/?page=2',
  results: [{ repo_name: 'library/nginx', short_description: 'a server', star_count: 5, pull_count: 9, is_official: true, publisher: { verified: true, badge: 'verified' } }, { name: 'acme/x', description: null, badge: 'none' }],
}
const tags = { count: 1, next: null, results: [{ name: '1.0', last_updated: '2026-01-01T00:00:00Z', full_size: 5, digest: 'sha256:1', images: [{ architecture: 'amd64', os: 'linux', variant: null, size: 3, digest: 'sha256:2' }] }] }

fuzz('search results of the Hub', nearAnswer(search), (answer) => {
  for (const row of readSearch(answer)?.rows ?? []) {
    expect(typeof row.name).toBe('string')
    expect(isText(row.description) && isNumber(row.stars), JSON.stringify(row)).toBe(true)
  }
})

fuzz('tags of the Hub', nearAnswer(tags), (answer) => {
  for (const row of readTags(answer)?.rows ?? []) {
    expect(typeof row.name).toBe('string')
    expect(Array.isArray(row.platforms), JSON.stringify(row)).toBe(true)
  }
})

const page = JSON.stringify(search)
const http = fc.constantFrom(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${page.length}\r\n\r\n${page}`,
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${page.length.toString(16)}\r\n${page}\r\n0\r\n\r\n`,
  'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:1/\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 429 Too Many\r\nRetry-After: 99999999999999\r\nX-RateLimit-Reset: x\r\nContent-Length: 2\r\n\r\n{}',
).map((text) => Buffer.from(text))
let said: Buffer = Buffer.alloc(0)
// Closed after the answer: what never ends is the business of the limit, which has a test of its own.
const server = createServer((socket) => {
  socket.on('error', () => undefined)
  socket.once('data', () => socket.end(said))
})
let port = 0
let folder = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  folder = await mkdtemp(join(tmpdir(), 'naru-fuzz-'))
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true, force: true })
})

fuzz('whatever a server of the Hub sends', nearBytes(http), async (bytes) => {
  said = bytes
  await orRefused(() => getJson(new URL(`http://127.0.0.1:${port}/`), new AbortController().signal))
})

fuzz('progress of a pull', fc.array(nearAnswer({ status: 'Downloading', id: 'abc', progressDetail: { current: 1, total: 2 }, error: '', errorDetail: { code: 1, message: '' }, aux: { ID: 'x' } }), { maxLength: 8 }), (messages) => {
  const progress = createPullProgress('pull')
  for (const message of messages) {
    const known = progressMessage(message)
    if (known) progress.add(known)
  }
  for (const part of progress.progress().parts ?? []) expect(isNumber(part.currentBytes) && isNumber(part.totalBytes), JSON.stringify(part)).toBe(true)
})

const row = (labels: Record<string, string>, status: string): RawContainerListItem => ({ Id: 'a'.repeat(64), Names: ['/x'], Image: 'nginx', ImageID: `sha256:${'b'.repeat(64)}`, Created: 1, State: 'exited', Status: status, Labels: labels })
const label = textOf('com.docker.compose.project', 'db', ':', ',', 'service_healthy', 'true', '__proto__', 'constructor')

fuzz('labels and words of containers, compose’s own among them', fc.tuple(fc.dictionary(fc.oneof(label, fc.constantFrom('com.docker.compose.project', 'com.docker.compose.service', 'com.docker.compose.depends_on', '__proto__')), label), textOf('Exited (137) 4 minutes ago', 'Up 2 hours (healthy)', '(', ')', 'Restarting (1)'), textOf('exec: "x": executable file not found in $PATH', 'OCI runtime create failed', 'permission denied', 'connect: connection refused', 'lookup db on 127.0.0.11:53: no such host')), ([labels, status, words]) => {
  const normal = containerRow(row(labels, status))
  expect(isText(normal.project) && isText(normal.service)).toBe(true)
  const inspect = { Id: 'a', Name: '/x', Created: '', Image: 'b', State: { Status: 'exited', ExitCode: 1, Error: words }, Config: { Labels: labels } } as unknown as RawContainerInspect
  expect(whyStopped({ inspect, neighbours: [normal], events: [], lines: words.split('\n').map((text) => ({ text, stderr: true })) } as never)).toBeDefined()
})

const stats = { read: '2026-01-01T00:00:00Z', preread: '2026-01-01T00:00:00Z', cpu_stats: { cpu_usage: { total_usage: 5, percpu_usage: [1] }, system_cpu_usage: 9, online_cpus: 2 }, precpu_stats: { cpu_usage: { total_usage: 4 } }, memory_stats: { usage: 5, limit: 9, stats: { inactive_file: 1 } }, pids_stats: { current: 1 }, networks: { eth0: { rx_bytes: 1, tx_bytes: 2 } }, blkio_stats: { io_service_bytes_recursive: [{ op: 'Read', value: 1 }] } }

fuzz('samples of figures', fc.tuple(nearAnswer(stats), nearAnswer(stats)), ([one, two]) => {
  const [sample, before] = [one, two].map((each) => (each !== null && typeof each === 'object' && !Array.isArray(each) ? each : {})) as [RawStats, RawStats]
  isRunningSample(sample)
  const figures = computeStats(sample, before)
  for (const value of [figures.cpuPercent, figures.memoryBytes, figures.memoryLimitBytes, figures.pids]) expect(value === null || (typeof value === 'number' && !Number.isNaN(value)), JSON.stringify(figures)).toBe(true)
})

fuzz('events', nearAnswer({ Type: 'container', Action: 'health_status: healthy', Actor: { ID: 'a', Attributes: { name: 'x' } }, time: 5, timeNano: 5e9 }), (event) => {
  if (event === null || typeof event !== 'object') return
  const plain = readEvent(event as RawEvent, 7)
  for (const value of [plain.type, plain.action, plain.id, plain.name, plain.extra]) expect(typeof value, JSON.stringify(plain)).toBe('string')
  expect(typeof plain.at).toBe('number')
}, { crashers: [{ Action: 'valueOf' }, { Type: 5 }] })

fuzz('states', textOf('running', 'Exited'), (text) => {
  expect(typeof containerState(text)).toBe('string')
})

fuzz('history of an image', fc.tuple(fc.array(fc.record({ Id: fc.string(), Created: fc.integer(), CreatedBy: textOf('/bin/sh -c #(nop) ', 'RUN ', 'COPY ', '|1 A=b ', '# buildkit'), Size: fc.integer(), Comment: fc.string() }), { maxLength: 8 }), fc.array(fc.string(), { maxLength: 8 })), ([history, ids]) => {
  expect(matchLayers(history as never, ids).length).toBeGreaterThanOrEqual(history.length)
})

const config = { auths: { 'https://index.docker.io/v1/': { auth: 'dTpw', identitytoken: 'x' } }, credsStore: 'pass', credHelpers: { 'ghcr.io': 'gh' }, currentContext: 'mine', proxies: { default: { httpProxy: 'x' } } }
const context = { Name: 'mine', Endpoints: { docker: { Host: 'unix:///x', SkipTLSVerify: false } }, Metadata: {} }

fuzz('docker’s own files', fc.tuple(fc.oneof(nearAnswer(config).map((value) => JSON.stringify(value) ?? ''), textOf('{', '"auths"', ':', '}')), nearAnswer(context)), async ([text, meta]) => {
  await mkdir(join(folder, '.docker/contexts/meta/one'), { recursive: true })
  await writeFile(join(folder, '.docker/config.json'), text)
  await writeFile(join(folder, '.docker/contexts/meta/one/meta.json'), JSON.stringify(meta) ?? '')
  for (const { name, host } of await readContexts({}, folder)) expect([typeof name, typeof host]).toEqual(['string', 'string'])
  await orRefused(() => readDockerLogins({}, folder))
})
