import { appendFile, mkdtemp, readFile, readdir, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatBuildCommand } from '../../../engine/builds/build-command.ts'
import { buildCache } from '../../../engine/builds/cache.ts'
import { parseDockerfile } from '../../../engine/builds/dockerfile.ts'
import { mergeBuildPatches } from '../../../engine/builds/live-build.ts'
import { openBuildLog } from '../../../engine/builds/log-file.ts'
import { createBuildService } from '../../../engine/builds/service.ts'
import type { BuildLogLine, BuildPatch, BuildRow, BuildSpec } from '../../../engine/contract/models.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-history-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const spec: BuildSpec = { folder: '/a', buildArgs: [], tags: [], noCache: false, pull: false, labels: [] }
const line = (text: string, stepId?: string): BuildLogLine => ({ text, stderr: text.length % 2 === 1, at: 1_000 + text.length, ...(stepId && { stepId }) })

describe('the log of a build', () => {
  it('gives back what was put in, whole and by step, from any place, also after a restart', async () => {
    const lines = fc.array(fc.tuple(fc.string({ unit: fc.constantFrom('a', 'ü', '한', ' ', '\t', '7') }), fc.constantFrom(undefined, 's0', 's1', 's12')), { maxLength: 60 })
    let run = 0
    await fc.assert(
      fc.asyncProperty(lines, fc.nat(70), fc.nat(70), async (parts, from, count) => {
        const path = join(folder, `${(run += 1)}.log`)
        const all = parts.map(([text, stepId]) => line(text, stepId))
        const written = await openBuildLog(path)
        for (const one of all) written.add(one)
        expect((await written.window(null, from, count)).lines).toEqual(all.slice(from, from + count))
        await written.close()
        const read = await openBuildLog(path, { load: true })
        expect(await read.window(null, from, count)).toEqual({ from, lines: all.slice(from, from + count), total: all.length, dropped: 0 })
        for (const step of ['s0', 's12']) {
          const own = all.filter(({ stepId }) => stepId === step)
          expect(await read.window(step, from, count)).toMatchObject({ lines: own.slice(from, from + count), total: own.length })
        }
        await read.close()
      }),
      { seed: 51, numRuns: 60 },
    )
  })

  it('keeps to its caps and says what it left out', async () => {
    const log = await openBuildLog(join(folder, 'a.log'), { limits: { bytes: 2_000, lines: 1_000 } })
    for (let at = 0; at < 100; at += 1) log.add(line('x'.repeat(90)))
    const { total, dropped, lines } = await log.window(null, 0, 1_000)
    expect([lines.length, total + dropped]).toEqual([total, 100])
    expect((await stat(join(folder, 'a.log'))).size).toBeLessThanOrEqual(2_000)
    await log.close()
  })

  it('answers in pieces of about a megabyte, and waits when the disk is slower than the builder', async () => {
    const log = await openBuildLog(join(folder, 'a.log'))
    for (let at = 0; at < 1_000; at += 1) {
      log.add(line('y'.repeat(8_000), 's0'))
      await log.drained()
    }
    let seen = 0
    for (let answers = 0; seen < 1_000; answers += 1) {
      const { lines } = await log.window('s0', seen, 1_000)
      expect(lines.length).toBeGreaterThan(0)
      expect(lines.length).toBeLessThan(200)
      seen += lines.length
      expect(answers).toBeLessThan(20)
    }
    await log.close()
  })
})

/** Files this process holds open below the folder. */
async function opened(): Promise<string[]> {
  const links = await Promise.all((await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
  return links.filter((path) => path.startsWith(folder))
}

it.runIf(process.platform === 'linux')('a log that is read at and after its end is left open by nobody', async () => {
  const log = await openBuildLog(join(folder, 'a.log'))
  log.add(line('one'))
  log.add(line('two'))
  expect((await log.window(null, 0, 10)).lines).toHaveLength(2)
  await Promise.all([log.close(), log.window(null, 0, 10)])
  expect((await log.window(null, 1, 10)).lines.map(({ text }) => text)).toEqual(['two'])
  expect(await opened()).toEqual([])
})

describe('the history', () => {
  const begin = (service: ReturnType<typeof createBuildService>, id: string) => service.begin({ id, engineId: 'e', name: id, spec, command: 'docker build /a', file: parseDockerfile('FROM x') })
  const service = (notices: string[] = [], now?: () => number) => createBuildService({ stateFolder: folder, notice: (text) => notices.push(text), ...(now && { now }) })
  const rowsOf = async (one: ReturnType<typeof createBuildService>): Promise<readonly BuildRow[]> => {
    for await (const { upsert } of one.watch(AbortSignal.timeout(5_000))) return upsert
    return []
  }

  it('a build that ran when everything ended is lost, not running', async () => {
    const first = service()
    const live = await begin(first, 'one')
    live.sink.steps.put('s0', { name: 'RUN x', state: 'running' })
    const second = service()
    expect(await rowsOf(second)).toMatchObject([{ id: 'one', status: 'lost' }])
    await second.close()
    await first.end(live, { status: 'cancelled' })
    await first.close()
  })

  it('keeps no secret it was given: not in its row, its steps, its log, nor in what an earlier version had kept', async () => {
    const secret = 'Geheim-Wort-77'
    const given: BuildSpec = { ...spec, buildArgs: [{ name: 'NPM_TOKEN', value: secret }, { name: 'MODE', value: 'fast' }], labels: [{ name: 'x', value: `http://u:${secret}@h/` }] }
    const first = service()
    const live = await first.begin({ id: 'one', engineId: 'e', name: 'one', spec: given, command: formatBuildCommand(given), file: parseDockerfile('FROM x') })
    live.sink.steps.put('s0', { name: `RUN echo ${secret}`, state: 'running' })
    live.sink.log(line(`token ${secret}`, 's0'))
    await first.end(live, { status: 'failed', error: { code: 'build-failed', message: `no ${secret}`, retryable: false } }, { excerpt: [], words: `exit ${secret}` })
    const told = JSON.stringify([await rowsOf(first), await first.log({ buildId: 'one', stepId: null, from: 0, count: 9 })])
    await first.close()
    // As a version wrote it that hid nothing.
    const builds = join(folder, 'builds')
    const old = JSON.parse((await readFile(join(builds, 'one.json'), 'utf8')).replaceAll('one', 'two')) as { row: BuildRow }
    await writeFile(join(builds, 'two.json'), JSON.stringify({ ...old, row: { ...old.row, spec: given, command: formatBuildCommand(given), shown: undefined } }))
    const second = service()
    const rows = await rowsOf(second)
    await second.close()
    const files = await Promise.all((await readdir(builds)).map((name) => readFile(join(builds, name), 'utf8')))
    for (const text of [told, JSON.stringify(rows), ...files]) expect(text).not.toContain(secret)
    expect(files.join()).toContain('RUN echo ••••••••')
    for (const row of rows) expect(row).toMatchObject({ command: 'docker build --build-arg NPM_TOKEN --build-arg MODE=fast --label "x=http://u:${SECRET_1}@h/" /a', needs: ['NPM_TOKEN', 'SECRET_1'], spec: { buildArgs: [{ value: '••••••••' }, { value: 'fast' }] } })
  })

  it('damaged and foreign files do no harm', async () => {
    const first = service()
    await first.end(await begin(first, 'good'), { status: 'succeeded' })
    await first.close()
    const builds = join(folder, 'builds')
    await writeFile(join(builds, 'broken.json'), '{"version":1,"row":')
    await writeFile(join(builds, 'old.json'), '{"version":0}')
    await writeFile(join(builds, 'orphan.log'), 'x')
    await appendFile(join(builds, 'good.json'), '')
    const notices: string[] = []
    const second = service(notices)
    expect((await rowsOf(second)).map(({ id }) => id)).toEqual(['good'])
    expect(notices).toEqual([])
    expect(await readdir(builds)).not.toContain('orphan.log')
    await second.close()
  })

  it('keeps the newest two hundred', async () => {
    let clock = 0
    const one = service([], () => (clock += 1))
    for (let at = 0; at < 203; at += 1) await one.end(await begin(one, `b${at}`), { status: 'succeeded' })
    const rows = await rowsOf(one)
    expect([rows.length, rows[0]?.id, rows.at(-1)?.id]).toEqual([200, 'b202', 'b3'])
    expect((await readdir(join(folder, 'builds'))).filter((name) => name.endsWith('.json'))).toHaveLength(200)
    expect(JSON.parse(await readFile(join(folder, 'builds', 'b202.json'), 'utf8'))).toMatchObject({ version: 1 })
    await one.close()
  })

  it('a slow reader gets one patch that says all', () => {
    const step = (id: string, state: 'running' | 'done') => ({ id, index: 0, name: id, kind: 'internal' as const, state, logLines: 0 })
    const patch = (reset: boolean, steps: BuildPatch['steps'], logLines: number): BuildPatch => ({ reset, steps, logLines, warnings: [], build: { id: String(logLines) } as BuildRow })
    const merged = mergeBuildPatches(mergeBuildPatches(patch(true, [step('a', 'running')], 1), patch(false, [step('b', 'running')], 2)), patch(false, [step('a', 'done')], 3))
    expect(merged).toEqual(patch(true, [step('a', 'done'), step('b', 'running')], 3))
  })
})

describe('the docker line of a build', () => {
  it.each([
    [{}, 'docker build /a'],
    [{ dockerfile: 'Dockerfile', tags: ['x:1', 'y'] }, 'docker build -t x:1 -t y /a'],
    [{ dockerfile: 'sub/D', target: 'one', noCache: true, pull: true, platform: 'linux/arm64' }, 'docker build -f /a/sub/D --target one --platform linux/arm64 --no-cache --pull /a'],
    [{ dockerfile: '/else/D', buildArgs: [{ name: 'A', value: "it's $x" }], labels: [{ name: 'l', value: '' }] }, `docker build -f /else/D --build-arg 'A=it'\\''s $x' --label l= /a`],
  ])('%j', (more, command) => expect(formatBuildCommand({ ...spec, ...more })).toBe(command))
})

it('the cache is summed as docker does', () => {
  const entry = (ID: string, Size: number, more: object = {}) => ({ ID, Size, Type: 'regular', LastUsedAt: '0001-01-01T00:00:00Z', ...more })
  const cache = buildCache({ BuildCache: [entry('a', 5), entry('b', 7, { InUse: true }), entry('c', 100, { Shared: true, LastUsedAt: '2026-01-01T00:00:00Z', Parent: 'a' })] }, true)
  expect(cache.entries.map(({ id, lastUsedAt, parents }) => [id, lastUsedAt, parents])).toEqual([['c', Date.UTC(2026, 0), ['a']], ['b', undefined, []], ['a', undefined, []]])
  expect([cache.totalBytes, cache.reclaimableBytes]).toEqual([12, 5])
})
