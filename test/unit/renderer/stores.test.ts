// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ContainerRow, OperationRow } from '../../../engine/contract/models.ts'
import { NaruError } from '../../../engine/contract/errors.ts'
import { useConnection } from '../../../renderer/stores/connection.ts'
import { useOperations } from '../../../renderer/stores/operations.ts'
import { useState } from '../../../renderer/stores/state.ts'
import { CONTAINERS } from '../../screens/seed.ts'
import { createRoom } from './page.ts'
import type { Room } from './page.ts'

let room: Room
const openLink = vi.hoisted(() => vi.fn())
vi.mock('../../../renderer/link/connect.ts', () => ({ openLink }))
afterEach(() => openLink.mockReset())

async function start(next: Room): Promise<void> {
  room = next
  openLink.mockImplementation((signal: AbortSignal) => Promise.resolve(room.open(signal)))
  const connection = useConnection()
  void connection.start()
  await vi.waitFor(() => expect(connection.online).toBe(true))
}
const none = { upsert: [], remove: [] }
const row = (n: number): ContainerRow => CONTAINERS[n] ?? expect.fail('no such row')
const patch = (revision: number, upsert: readonly ContainerRow[], more: object = {}) => ({
  engineId: 'native', revision, reset: false, sync: 'live' as const, containers: { upsert, remove: [] }, images: none, ...more,
})
const operation = (status: OperationRow['status'], more: Partial<OperationRow> = {}): OperationRow => ({
  id: 'op', name: 'containers.stop', engineId: 'native', status, subject: 'web', targets: [row(0).id], command: 'docker stop web',
  startedAt: 1, cancellable: false, ...more,
})

describe('state store', () => {
  it('applies patches and keeps unchanged rows as they are', async () => {
    await start(createRoom())
    const state = useState()
    state.start()
    await vi.waitFor(() => expect(room.readers('state.watch')).toBe(1))
    expect(state.loading).toBe(true)
    room.push('state.watch', patch(1, [row(0), row(1)], { reset: true }))
    await vi.waitFor(() => expect(state.containers).toHaveLength(2))
    const before = state.containers[1]
    room.push('state.watch', patch(2, [{ ...row(0), state: 'exited' }]))
    await vi.waitFor(() => expect(state.container(row(0).id)?.state).toBe('exited'))
    expect(state.containers[1]).toBe(before)
    expect(state.running).toBe(1)
    room.push('state.watch', { ...patch(3, []), containers: { upsert: [], remove: [row(0).id] } })
    await vi.waitFor(() => expect(state.containerIds).toEqual([row(1).id]))
  })

  it('forgets everything on a reset and greys rows of a silent engine', async () => {
    await start(createRoom())
    const state = useState()
    state.start()
    await vi.waitFor(() => expect(room.readers('state.watch')).toBe(1))
    room.push('state.watch', patch(1, [row(0), row(1)], { reset: true }))
    room.push('state.watch', patch(1, [row(2)], { reset: true, engineId: 'other' }))
    await vi.waitFor(() => expect(state.engineId).toBe('other'))
    expect(state.containerIds).toEqual([row(2).id])
    room.push('state.watch', patch(2, [], { sync: 'stale' }))
    await vi.waitFor(() => expect(state.stale).toBe(true))
    expect(state.containers).toHaveLength(1)
  })

  it('keeps its rows, greyed, while the engine room is gone, and follows again afterwards', async () => {
    await start(createRoom())
    const state = useState()
    state.start()
    await vi.waitFor(() => expect(room.readers('state.watch')).toBe(1))
    room.push('state.watch', patch(1, [row(0)], { reset: true }))
    await vi.waitFor(() => expect(state.containers).toHaveLength(1))
    room.cut()
    await vi.waitFor(() => expect(state.stale).toBe(true))
    expect(state.containers).toHaveLength(1)
    await vi.waitFor(() => expect(useConnection().online).toBe(true), 3_000)
    await vi.waitFor(() => expect(room.readers('state.watch')).toBe(1))
    room.push('state.watch', patch(1, [row(0), row(1)], { reset: true }))
    await vi.waitFor(() => expect(state.containers).toHaveLength(2))
    expect(state.stale).toBe(false)
  })
})

describe('operations store', () => {
  const arg = { engineId: 'native', id: row(0).id }
  const begin = (): Partial<Parameters<typeof createRoom>[0]> => ({ 'operations.start': async () => ({ operationId: 'op' }) })

  it('resolves with the result, and marks the target as pending meanwhile', async () => {
    await start(createRoom(begin()))
    const operations = useOperations()
    operations.start()
    await vi.waitFor(() => expect(room.readers('operations.watch')).toBe(1))
    const done = operations.run('containers.stop', arg)
    room.push('operations.watch', { upsert: [operation('running')], remove: [] })
    await vi.waitFor(() => expect(operations.pendingOf(row(0).id)?.id).toBe('op'))
    room.push('operations.watch', { upsert: [operation('succeeded', { result: {} })], remove: [] })
    await expect(done).resolves.toEqual({})
    expect(operations.pendingOf(row(0).id)).toBeUndefined()
  })

  it('resolves even when the end arrives before the id', async () => {
    let answer: () => void = () => undefined
    const late = new Promise<void>((resolve) => (answer = resolve))
    await start(createRoom({ 'operations.start': () => late.then(() => ({ operationId: 'op' })) }))
    const operations = useOperations()
    operations.start()
    await vi.waitFor(() => expect(room.readers('operations.watch')).toBe(1))
    const done = operations.run('containers.stop', arg)
    room.push('operations.watch', { upsert: [operation('succeeded')], remove: [] })
    await vi.waitFor(() => expect(operations.list).toHaveLength(1))
    answer()
    await expect(done).resolves.toEqual({})
  })

  it('rejects with the error that ended it', async () => {
    await start(createRoom(begin()))
    const operations = useOperations()
    operations.start()
    await vi.waitFor(() => expect(room.readers('operations.watch')).toBe(1))
    const done = operations.run('containers.stop', arg)
    const error = { code: 'not-found' as const, message: 'gone', retryable: false, params: { name: 'web' } }
    room.push('operations.watch', { upsert: [operation('failed', { error })], remove: [] })
    await expect(done).rejects.toMatchObject({ code: 'not-found', operationId: 'op', params: { name: 'web' } })
    await expect(done).rejects.toBeInstanceOf(NaruError)
  })
})
