// @vitest-environment happy-dom
import { effectScope } from 'vue'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { PortSurvey } from '../../../../engine/contract/models.ts'
import { useConnection } from '../../../../renderer/stores/connection.ts'
import { usePortSurvey } from '../../../../renderer/stores/port-survey.ts'
import { createRoom } from '../page.ts'

const openLink = vi.hoisted(() => vi.fn())
vi.mock('../../../../renderer/link/connect.ts', () => ({ openLink }))

const EMPTY: PortSurvey = { listeners: [], total: 0, planned: [] }
const clash = { containerId: 'c', mapping: { containerPort: 80, protocol: 'tcp', hostIp: '', hostPort: 80 }, conflict: { kind: 'rivals' } } as const

async function start(survey: () => Promise<PortSurvey>) {
  const asked = vi.fn(survey)
  const room = createRoom({ 'ports.survey': asked })
  openLink.mockImplementation((signal: AbortSignal) => Promise.resolve(room.open(signal)))
  const connection = useConnection()
  void connection.start()
  await vi.waitFor(() => expect(connection.online).toBe(true))
  const scope = effectScope()
  const store = usePortSurvey()
  return { asked, store, scope, show: () => scope.run(() => store.keep()) }
}
function hide(hidden: boolean): void {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
  document.dispatchEvent(new Event('visibilitychange'))
}
afterEach(() => {
  openLink.mockReset()
  hide(false)
  vi.useRealTimers()
})

describe('survey of ports', () => {
  it('asks while it is shown, nothing while the window is hidden, and nothing once it is gone', async () => {
    const { asked, store, scope, show } = await start(async () => EMPTY)
    expect(asked).not.toHaveBeenCalled()
    show()
    await vi.waitFor(() => expect(store.survey).toEqual(EMPTY))
    vi.useFakeTimers()
    hide(true)
    const before = asked.mock.calls.length
    await vi.advanceTimersByTimeAsync(120_000)
    expect(asked).toHaveBeenCalledTimes(before)
    hide(false)
    await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThan(before))
    scope.stop()
    const last = asked.mock.calls.length
    await vi.advanceTimersByTimeAsync(120_000)
    expect(asked).toHaveBeenCalledTimes(last)
  })

  it('keeps what it has when the answer is the same, and when the next one fails', async () => {
    let answer: () => Promise<PortSurvey> = async () => ({ ...EMPTY, planned: [clash] })
    const { store, scope, show } = await start(() => answer())
    show()
    await vi.waitFor(() => expect(store.plannedOf('c')).toHaveLength(1))
    const first = store.survey
    await store.reload()
    expect(store.survey).toBe(first)
    answer = () => Promise.reject(new Error('no'))
    await store.reload()
    expect(store.error).toMatchObject({ code: 'internal' })
    expect(store.survey).toBe(first)
    scope.stop()
  })
})
