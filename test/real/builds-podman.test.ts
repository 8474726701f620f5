/** Builds through Podman's socket, whose builder speaks the classic protocol in words of its own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BASE, openBuildRoom, stepOf } from '../support/build-room.ts'
import type { BuildRoom } from '../support/build-room.ts'
import { hasBusybox } from '../support/busybox-image.ts'
import { canRunPodman, startPodman } from '../support/real-engine.ts'
import type { RealEngine } from '../support/real-engine.ts'

const MINUTE = 60_000
const FROM = `FROM localhost/${BASE}`

describe.skipIf(!canRunPodman || !hasBusybox)('builds on Podman (needs root, podman, runc, busybox-static)', () => {
  let engine: RealEngine
  let builds: BuildRoom
  beforeAll(async () => {
    engine = await startPodman()
    builds = await openBuildRoom(engine)
  }, 2 * MINUTE)
  afterAll(async () => {
    await builds?.close()
    await engine?.close()
  }, MINUTE)

  it('is told to have no BuildKit, and builds, with steps, lines and logs', async () => {
    expect(builds.client.capabilities.buildkit).toBe(false)
    const place = await builds.context({ Dockerfile: `${FROM} AS one\nRUN echo first words\n${FROM}\nCOPY a.txt /a.txt\nRUN cat /a.txt\n`, 'a.txt': 'second words\n' })
    const row = await builds.build(place, { tags: ['naru-test/podman:1'] })
    expect(row.error?.detail).toBeUndefined()
    expect(row).toMatchObject({ status: 'succeeded' })
    const patch = await builds.patchOf(row.id)
    expect(patch.steps.map(({ line, stage }) => [line, stage])).toEqual([[3, '1'], [4, '1'], [5, '1']])
    expect(stepOf(patch.steps, /^RUN cat/)).toMatchObject({ state: 'done', line: 5 })
    expect((await builds.logOf(row.id)).join('\n')).toContain('second words')
    expect(await builds.client.inspectImage('docker.io/naru-test/podman:1')).toMatchObject({ Id: expect.stringContaining((patch.build.imageId ?? '-').replace('sha256:', '')) as string })
  }, MINUTE)

  it('a failing RUN names its line and code', async () => {
    const place = await builds.context({ Dockerfile: `${FROM}\nRUN echo before\nRUN exit 9\n` })
    const row = await builds.build(place)
    expect(await builds.logOf(row.id)).toContain('before')
    expect(row).toMatchObject({ status: 'failed', error: { code: 'build-failed', hint: 'build.exit-code', params: { line: 3, exitCode: 9 } } })
  }, MINUTE)

  it('cache and its prune are told as not supported', async () => {
    expect(await builds.room.link.call('builds.cache', { engineId: builds.engineId })).toMatchObject({ supported: false, entries: [] })
  }, MINUTE)
})
