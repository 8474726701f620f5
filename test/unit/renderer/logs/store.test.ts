// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest'
import { useConnection } from '../../../../renderer/stores/connection.ts'
import { useLogs } from '../../../../renderer/stores/logs.ts'
import { createRoom } from '../page.ts'

const openLink = vi.hoisted(() => vi.fn())
vi.mock('../../../../renderer/link/connect.ts', () => ({ openLink }))

it('leaves it to the connection to tell that the engine room is gone', async () => {
  let opened = 0
  const room = createRoom(
    { 'logs.open': async () => ({ viewId: `view-${(opened += 1)}` }) },
    {
      async *'logs.watch'(_arg, { signal }) {
        yield { viewId: 'view-1', status: 'following' as const, firstLine: 0, endLine: 1, bytes: 1, droppedLines: 0, moreBefore: false }
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      },
    },
  )
  openLink.mockImplementation((signal: AbortSignal) => Promise.resolve(room.open(signal)))
  const connection = useConnection()
  void connection.start()
  await vi.waitFor(() => expect(connection.online).toBe(true))
  const view = useLogs().open({ engineId: 'native', containerIds: ['a'], tail: 10 })
  const told: unknown[] = []
  await vi.waitFor(() => expect(view.state.value?.status).toBe('following'))
  openLink.mockImplementation(() => Promise.reject(new Error('nobody there')))
  room.cut()
  await vi.waitFor(() => {
    told.push(view.error.value)
    expect(connection.online).toBe(false)
  }, { interval: 1 })
  expect([...told, view.error.value].filter((one) => one !== null)).toEqual([])
  expect(view.state.value?.status).toBe('reconnecting')
  // By itself again, as soon as there is a link.
  openLink.mockImplementation((signal: AbortSignal) => Promise.resolve(room.open(signal)))
  connection.retryNow()
  await vi.waitFor(() => expect(opened).toBe(2), { timeout: 5_000 })
  view.close()
})
