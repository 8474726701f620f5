/** Builds on a real dockerd, with BuildKit and with the classic builder of the same engine. */
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest'
import type { BuildRow } from '../../engine/contract/models.ts'
import { BASE, openBuildRoom, stepOf } from '../support/build-room.ts'
import type { BuildRoom } from '../support/build-room.ts'
import { allCases } from '../support/cases.ts'
import type { Suite } from '../support/cases.ts'
import type { RealEngine } from '../support/real-engine.ts'

const MINUTE = 60_000
const TWO_STAGES = `# a comment
ARG BASE=${BASE}
FROM \${BASE} AS first
ARG WHO=nobody
RUN echo hello $WHO \\
  # between
  && echo oops >&2

FROM ${BASE}
COPY --from=first /bin/busybox /again
COPY a.txt /a.txt
RUN cat /a.txt
`

/** Command lines of every process of this machine. */
async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
}

/** Builds with BuildKit and with the classic builder of the same engine. */
export function buildsSuite({ start, cases: it = allCases }: Suite): void {
  let engine: RealEngine
  beforeAll(async () => {
    engine = await start()
  }, 2 * MINUTE)
  afterAll(() => engine?.close(), MINUTE)

  describe.each([{ builder: 'buildkit' as const }, { builder: 'classic' as const }])('$builder', ({ builder }) => {
    const classic = builder === 'classic'
    let builds: BuildRoom
    beforeAll(async () => {
      builds = await openBuildRoom(engine, { classic })
    }, MINUTE)
    afterAll(() => builds?.close(), MINUTE)

    it('tells steps, lines, logs and the image, and what was cached the second time', async () => {
      const place = await builds.context({ Dockerfile: TWO_STAGES, 'a.txt': `content of a ${builder}\n` })
      const tags = [`naru-test/${builder}:1`, `naru-test/${builder}:2`]
      const more = { tags, buildArgs: [{ name: 'WHO', value: `world of ${builder}` }], labels: [{ name: 'made.by', value: 'naru' }] }
      const row = await builds.build(place, more)
      expect(row).toMatchObject({ status: 'succeeded', subject: tags[0], command: `docker build -t ${tags[0]} -t ${tags[1]} --build-arg 'WHO=world of ${builder}' --label made.by=naru ${place}` })
      const patch = await builds.patchOf(row.id)
      expect(patch.build).toMatchObject({ status: 'succeeded', builder, contextFiles: 2, steps: { failed: 0, cached: 0 }, imageId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string })
      expect(patch.build.contextBytes).toBe(patch.build.contextTotalBytes)
      const hello = stepOf(patch.steps, /^RUN echo hello/)
      expect(hello).toMatchObject({ kind: 'instruction', state: 'done', stage: 'first', line: 5, endLine: 7 })
      expect((await builds.logOf(row.id, hello.id)).map((line) => line.replace(/\x1b\[\d+m/g, ''))).toEqual(expect.arrayContaining([`hello world of ${builder}`, 'oops']))
      const cat = stepOf(patch.steps, /^RUN cat/)
      expect(cat).toMatchObject({ state: 'done', line: 12, endLine: 12 })
      expect(cat.endedAt).toBeGreaterThanOrEqual(cat.startedAt as number)
      expect(await builds.logOf(row.id, cat.id)).toEqual([`content of a ${builder}`])
      expect(patch.steps.map(({ index }) => index)).toEqual(patch.steps.map(({ index }) => index).sort((a, b) => a - b))

      const image = await builds.client.inspectImage(tags[1] as string)
      expect(image).toMatchObject({ Id: patch.build.imageId, RepoTags: tags, Config: { Labels: { 'made.by': 'naru' } } })

      const again = await builds.build(place, more)
      const second = await builds.patchOf(again.id)
      expect(stepOf(second.steps, /^RUN cat/).state).toBe('cached')
      expect(second.build.steps.cached).toBeGreaterThanOrEqual(classic ? 4 : 3)
      const fresh = await builds.build(place, { ...more, noCache: true })
      expect(stepOf((await builds.patchOf(fresh.id)).steps, /^RUN cat/).state).toBe('done')
    }, MINUTE)

    it('a failing RUN names its line, its code and its words', async () => {
      const place = await builds.context({ Dockerfile: `FROM ${BASE}\n\nRUN echo before && \\\n    echo "no such thing" >&2 && \\\n    exit 7\nRUN echo never\n` })
      const row = await builds.build(place, { tags: ['naru-test/failed:1'] })
      expect(row).toMatchObject({ status: 'failed', error: { code: 'build-failed', hint: 'build.exit-code', params: { line: 3, exitCode: 7, dockerfile: 'Dockerfile' } } })
      const { failure, steps, build } = await builds.patchOf(row.id)
      expect(failure).toMatchObject({ line: 3, endLine: 5, exitCode: 7, instruction: expect.stringMatching(/^RUN echo before/) as string })
      expect(failure?.excerpt.filter(({ failing }) => failing).map(({ line }) => line)).toEqual([3, 4, 5])
      expect(failure?.words).toMatch(/exit code: 7|non-zero code: 7/)
      const step = stepOf(steps, /^RUN echo before/)
      expect(step).toMatchObject({ state: 'failed', id: failure?.stepId })
      expect((await builds.logOf(row.id, step.id)).join('\n')).toContain('no such thing')
      expect(build).toMatchObject({ status: 'failed', steps: { failed: 1 } })
      await expect(builds.client.inspectImage('naru-test/failed:1')).rejects.toMatchObject({ code: 'image-not-found' })
    }, MINUTE)

    it.each([
      ['an unknown instruction', `FROM ${BASE}\n\nRNU echo\n`, { code: 'build-failed', params: { line: 3 } }],
      ['a file that is not there', `FROM ${BASE}\nCOPY not-there /x\n`, { code: 'build-failed', params: { line: 2 } }],
      ['a base that nobody has', `FROM ${BASE}\nFROM 127.0.0.1:9/naru-none:1\n`, { code: 'registry.unreachable', params: { line: 2 } }],
    ])('%s is told with its line', async (_what, Dockerfile, error) => {
      const row = await builds.build(await builds.context({ Dockerfile }))
      expect(row).toMatchObject({ status: 'failed', error })
      expect((await builds.patchOf(row.id)).failure?.line).toBe(error.params.line)
    }, MINUTE)

    it('a stage that is not there, and one that is', async () => {
      const place = await builds.context({ Dockerfile: TWO_STAGES, 'a.txt': 'x' })
      expect(await builds.build(place, { target: 'nowhere' })).toMatchObject({ status: 'failed', error: { code: 'build-failed', hint: 'build.no-target' } })
      const row = await builds.build(place, { target: 'first', tags: ['naru-test/first:1'] })
      expect(row.status).toBe('succeeded')
      const { steps } = await builds.patchOf(row.id)
      expect(steps.some(({ name }) => name.startsWith('COPY'))).toBe(false)
    }, MINUTE)

    it('cancel leaves nothing: no process, no container, no image', async () => {
      const before = (await builds.client.listImages({})).map(({ Id }) => Id).sort()
      const marker = classic ? '7654.1' : '7654.2'
      const place = await builds.context({ Dockerfile: `FROM ${BASE}\nRUN echo started && sleep ${marker}\n` })
      const id = await builds.start(place, { tags: ['naru-test/cancelled:1'] })
      const running = async () => (await commandLines()).some((line) => line === `sleep\0${marker}\0`)
      for (let tries = 0; !(await running()); tries += 1) {
        if (tries > 300) throw new Error('the step did not start')
        await sleep(50)
      }
      await builds.room.link.call('operations.cancel', { operationId: id })
      const row = await builds.room.settled(id)
      expect(row.status).toBe('cancelled')
      const patch = await builds.patchOf(id)
      expect(patch.build.status).toBe('cancelled')
      expect(stepOf(patch.steps, /^RUN echo started/).state).toBe('cancelled')
      for (let tries = 0; await running(); tries += 1) {
        if (tries > 300) throw new Error('the step still runs')
        await sleep(50)
      }
      await expect.poll(async () => (await builds.client.listContainers({ all: true })).length, { timeout: 10_000 }).toBe(0)
      expect((await builds.client.listImages({})).map(({ Id }) => Id).sort()).toEqual(before)
    }, MINUTE)

    it('a step that says very much does not hold the build up, and its log is there to the end', async () => {
      const place = await builds.context({ Dockerfile: `FROM ${BASE}\nRUN seq 1 200000\n` })
      const row = await builds.build(place)
      expect(row.status).toBe('succeeded')
      const step = stepOf((await builds.patchOf(row.id)).steps, /^RUN seq/)
      const last = await builds.room.link.call('builds.log', { buildId: row.id, stepId: step.id, from: step.logLines - 1, count: 10 })
      expect(last.total).toBe(step.logLines)
      // BuildKit clips a fast step itself, and says so.
      if (classic) expect([last.total, last.lines[0]?.text]).toEqual([200_000, '200000'])
      else expect(last.lines[0]?.text).toMatch(/^200000$|output clipped/)
    }, MINUTE)

    it('a context that cannot be read names the file, and no image is made', async () => {
      expect(await builds.build('/naru/nowhere')).toMatchObject({ status: 'failed', error: { code: 'not-found', hint: 'build.no-folder', params: { path: '/naru/nowhere' } } })
      const place = await builds.context({ 'a.txt': 'x' })
      const row = await builds.build(place)
      expect(row).toMatchObject({ status: 'failed', error: { code: 'not-found', hint: 'build.no-dockerfile', params: { path: `${place}/Dockerfile` } } })
      const bad = await builds.context({ Dockerfile: `FROM ${BASE}\n`, '.dockerignore': 'ok\n[\n' })
      expect(await builds.build(bad)).toMatchObject({ status: 'failed', error: { code: 'invalid-request', hint: 'build.ignore-pattern', params: { line: 2, pattern: '[' } } })
    }, MINUTE)
  })

  it('the history outlives the room, newest first, and can be emptied', async () => {
    const stateFolder = await mkdtemp(join(tmpdir(), 'naru-kept-'))
    onTestFinished(() => rm(stateFolder, { recursive: true, force: true }))
    const one = await openBuildRoom(engine, { stateFolder })
    const context = await one.context({ Dockerfile: `FROM ${BASE}\nRUN echo kept words ${Date.now()}\n` })
    const row = await one.build(context, { tags: ['naru-test/kept:1'] })
    const failed = await one.build(context, { dockerfile: 'nothing' })
    const form = await one.room.link.call('builds.open', { folder: context })
    expect(form).toMatchObject({ dockerfile: 'Dockerfile', last: { dockerfile: 'nothing' } })
    await one.close()

    const two = await openBuildRoom(engine, { stateFolder })
    let rows: readonly BuildRow[] = []
    for await (const patch of two.room.link.stream('builds.watch', {})) {
      rows = patch.upsert
      break
    }
    expect(rows.map(({ id, status }) => [id, status])).toEqual([[failed.id, 'failed'], [row.id, 'succeeded']])
    const patch = await two.patchOf(row.id)
    const step = stepOf(patch.steps, /kept words/)
    expect((await two.logOf(row.id, step.id))[0]).toMatch(/^kept words/)
    await two.room.link.call('builds.remove', { buildIds: [row.id] })
    await expect(two.patchOf(row.id)).rejects.toMatchObject({ code: 'not-found' })
    expect((await readdir(`${stateFolder}/builds`)).sort()).toEqual([`${failed.id}.json`])
    await two.close()
  }, MINUTE)

  it('the cache is listed with what it holds', async () => {
    const builds = await openBuildRoom(engine)
    const { entries, totalBytes, reclaimableBytes, supported } = await builds.room.link.call('builds.cache', { engineId: builds.engineId })
    expect(supported).toBe(true)
    expect(entries.some(({ description }) => description.includes('RUN') || description.includes('mount'))).toBe(true)
    expect(entries.every((one, at) => at === 0 || one.bytes <= (entries[at - 1]?.bytes ?? 0))).toBe(true)
    expect(totalBytes).toBeGreaterThanOrEqual(reclaimableBytes)
    await builds.close()
  }, MINUTE)
}
