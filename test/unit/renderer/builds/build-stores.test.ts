// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { NaruError } from '../../../../engine/contract/errors.ts'
import type { BuildPatch, BuildRow, BuildStep, OperationRow } from '../../../../engine/contract/models.ts'
import { useBuildDetail } from '../../../../renderer/stores/build-detail.ts'
import type { BuildDetail } from '../../../../renderer/stores/build-detail.ts'
import { useBuilds } from '../../../../renderer/stores/builds.ts'
import { useConnection } from '../../../../renderer/stores/connection.ts'
import { useOperations } from '../../../../renderer/stores/operations.ts'
import { BUILDS } from '../../../screens/more-builds.ts'
import { createRoom } from '../page.ts'
import type { Room } from '../page.ts'

const page = vi.hoisted((): { room: Room | null } => ({ room: null }))
vi.mock('../../../../renderer/link/connect.ts', () => ({ openLink: async (signal: AbortSignal) => page.room?.open(signal), openWindow: () => undefined }))

const [running] = BUILDS
if (!running) throw new Error('there is no build')
const row: BuildRow = running
const step = (id: string, index: number, state: BuildStep['state']): BuildStep => ({ id, index, name: id, kind: 'instruction', state, logLines: 0 })
const patch = (more: Partial<BuildPatch>): BuildPatch => ({ reset: false, build: row, steps: [], warnings: [], logLines: 0, ...more })
const operation = (more: Partial<OperationRow> = {}): OperationRow => ({ id: row.id, name: 'builds.start', engineId: 'native', status: 'running', subject: 'x', targets: [], command: '', startedAt: 0, cancellable: true, ...more })

/** Whether the engine room knows the build, and how often its steps were asked for. */
let known = true
let asked = 0
let scope = effectScope()

async function start(): Promise<Room> {
  const room = createRoom({}, {
    'builds.steps': async function* (_arg, { signal }) {
      asked += 1
      if (!known) throw new NaruError('not-found', 'no build')
      yield patch({ reset: true, steps: [step('s0', 0, 'done'), step('s1', 1, 'running')] })
      yield patch({ steps: [step('s1', 1, 'done'), step('s2', 2, 'running')], logLines: 7 })
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    },
  })
  page.room = room
  useBuilds().start()
  useOperations().start()
  void useConnection().start()
  await vi.waitFor(() => expect(room.readers('builds.watch')).toBe(1))
  return room
}
function detail(): BuildDetail {
  scope = effectScope()
  const found = scope.run(() => useBuildDetail(() => row.id))
  if (!found) throw new Error('the scope did not run')
  return found
}

afterEach(() => {
  scope.stop()
  page.room?.cut()
  known = true
  asked = 0
})

describe('the detail of a build', () => {
  it('joins what changes to what is known, in the builder’s order', async () => {
    await start()
    const found = detail()
    await vi.waitFor(() => expect(found.steps.value.map((each) => [each.id, each.state])).toEqual([['s0', 'done'], ['s1', 'done'], ['s2', 'running']]))
    expect([found.build.value?.id, found.logLines.value, found.error.value]).toEqual([row.id, 7, null])
  })
  it('waits for a build whose operation has only begun', async () => {
    const room = await start()
    known = false
    room.push('operations.watch', { upsert: [operation()], remove: [] })
    await vi.waitFor(() => expect(useOperations().get(row.id)).toBeDefined())
    const found = detail()
    await vi.waitFor(() => expect(asked).toBe(1))
    known = true
    room.push('builds.watch', { upsert: [row], remove: [] })
    await vi.waitFor(() => expect(found.steps.value).toHaveLength(3))
    expect(found.error.value).toBeNull()
  })
  it('tells why an operation ended that never became a build', async () => {
    const room = await start()
    known = false
    room.push('operations.watch', { upsert: [operation()], remove: [] })
    await vi.waitFor(() => expect(useOperations().get(row.id)).toBeDefined())
    const found = detail()
    await vi.waitFor(() => expect(asked).toBe(1))
    room.push('operations.watch', { upsert: [operation({ status: 'failed', error: { code: 'denied', message: 'no', retryable: false } })], remove: [] })
    await vi.waitFor(() => expect(found.error.value?.code).toBe('denied'))
  })
  it('says when there is no such build', async () => {
    await start()
    known = false
    const found = detail()
    await vi.waitFor(() => expect(found.error.value?.code).toBe('not-found'))
  })
})
