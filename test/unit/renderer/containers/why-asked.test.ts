// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import type { ContainerRow, StopReport } from '../../../../engine/contract/models.ts'
import { useConnection } from '../../../../renderer/stores/connection.ts'
import { useWhyStopped } from '../../../../renderer/stores/inspect.ts'
import { useOperations } from '../../../../renderer/stores/operations.ts'
import { useState } from '../../../../renderer/stores/state.ts'
import { row as rowOf } from '../../../support/rows.ts'
import { createRoom } from '../page.ts'
import type { Room } from '../page.ts'

const page = vi.hoisted((): { room: Room | null } => ({ room: null }))
vi.mock('../../../../renderer/link/connect.ts', () => ({ openLink: async (signal: AbortSignal) => page.room?.open(signal), openWindow: () => undefined }))

const scope = effectScope()
afterEach(() => {
  scope.stop()
  page.room?.cut()
})

it('why a container stopped is asked again when the engine tells later that memory ran out', async () => {
  let cause: StopReport['cause'] = 'killed-unknown'
  const report = (): StopReport => ({ cause, subject: '', calm: false, also: [], exitCode: 137, signal: 'SIGKILL', error: '', memoryLimitBytes: 0, restarts: 0, chain: [], chainKnown: true, lines: [] })
  const room = (page.room = createRoom({ 'containers.why-stopped': async () => report() }))
  useOperations().start()
  useState().start()
  void useConnection().start()
  await vi.waitFor(() => expect(room.readers('state.watch')).toBe(1))
  const row: ContainerRow = rowOf({ state: 'exited', exitCode: 137, oomKilled: false, startedAt: 1, finishedAt: 2 })
  const push = (one: ContainerRow, reset: boolean): void =>
    room.push('state.watch', { engineId: 'native', revision: 1, reset, sync: 'live', containers: { upsert: [one], remove: [] }, images: { upsert: [], remove: [] } })
  push(row, true)
  const asked = scope.run(() => useWhyStopped(() => row.id))
  await vi.waitFor(() => expect(asked?.detail.value?.cause).toBe('killed-unknown'))
  cause = 'oom'
  push({ ...row, oomKilled: true }, false)
  await vi.waitFor(() => expect(asked?.detail.value?.cause).toBe('oom'), 3_000)
})
