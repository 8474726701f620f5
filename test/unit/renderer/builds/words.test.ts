import { describe, expect, it } from 'vitest'
import type { BuildRow, BuildStep } from '../../../../engine/contract/models.ts'
import { failedBuilds } from '../../../../renderer/screens/Overview/attention.ts'
import { matchesBuild, resultOf, shareOf, shortFolder, shownSteps, stepOfInterest, tookOf } from '../../../../renderer/screens/Builds/words.ts'

const build = (more: Partial<BuildRow> = {}): BuildRow => ({
  id: 'b', engineId: 'e', name: 'app:1', spec: { folder: '/home/me/work/app', buildArgs: [], tags: ['app:1'], noCache: false, pull: false, labels: [] }, command: '', status: 'succeeded', startedAt: 1_000,
  steps: { total: 4, done: 1, cached: 0, failed: 0 }, contextBytes: 0, contextFiles: 0, warnings: 0, ...more,
})
const step = (id: string, more: Partial<BuildStep> = {}): BuildStep => ({ id, index: 0, name: id, kind: 'instruction', state: 'done', logLines: 0, ...more })

describe('figures of a build', () => {
  it('tell how far it is', () => {
    expect(shareOf(build())).toBe(0.25)
    expect(shareOf(build({ steps: { total: 0, done: 0, cached: 0, failed: 0 } }))).toBeNull()
    expect(shareOf(build({ phase: 'sending', contextBytes: 50, contextTotalBytes: 100, steps: { total: 0, done: 0, cached: 0, failed: 0 } }))).toBe(0.05)
    expect([tookOf({ startedAt: 5, endedAt: 9 }, 100), tookOf({ startedAt: 5 }, 100), tookOf({}, 100)]).toEqual([4, 95, 0])
  })
  it('name what can be run', () => {
    expect(resultOf(build())).toBe('app:1')
    expect(resultOf(build({ status: 'failed' }))).toBeUndefined()
    expect(shortFolder('/home/me/work/app')).toBe('…/work/app')
    expect(shortFolder('/srv')).toBe('/srv')
  })
  it('are found by name, folder and result', () => {
    expect([matchesBuild(build(), 'WORK app:1', 'succeeded'), matchesBuild(build(), 'succ', 'succeeded'), matchesBuild(build(), 'zzz', 'x'), matchesBuild(build(), '', '')]).toEqual([true, true, false, true])
  })
})

describe('the steps shown', () => {
  const steps = [step('a', { kind: 'internal' }), step('b', { state: 'cached' }), step('c', { state: 'failed', kind: 'internal' }), step('d', { logLines: 3 })]
  it('leave the builder’s own out unless one failed', () => {
    expect(shownSteps(steps, false).map((each) => each.id)).toEqual(['b', 'c', 'd'])
    expect(shownSteps(steps, true)).toHaveLength(4)
  })
  it('begin with the failed one, else what works now, else the last with words', () => {
    expect(stepOfInterest(steps, 'c')).toBe('c')
    expect(stepOfInterest([...steps, step('e', { state: 'running' })], undefined)).toBe('e')
    expect(stepOfInterest(steps, undefined)).toBe('d')
    expect(stepOfInterest([], undefined)).toBeNull()
  })
})

describe('failed builds that ask for attention', () => {
  it('are of the last day and not followed by a better one', () => {
    const at = (id: string, startedAt: number, status: BuildRow['status'], name = 'app:1'): BuildRow => build({ id, startedAt, endedAt: startedAt, status, name })
    const rows = [at('old', 1, 'failed', 'old:1'), at('mended', 90_000_000, 'failed'), at('good', 90_000_001, 'succeeded'), at('bad', 90_000_002, 'failed', 'web:1'), at('stopped', 90_000_003, 'cancelled', 'x:1')]
    expect(failedBuilds(rows, 100_000_000).map((row) => row.id)).toEqual(['bad'])
  })
})
