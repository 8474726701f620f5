import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watchDisk } from '../../../engine/providers/vm/disk-watch.ts'
import type { DiskWatch } from '../../../engine/providers/vm/disk-watch.ts'
import type { QmpEvent } from '../../../engine/providers/vm/qmp.ts'

const GiB = 1024 ** 3
let executed: string[] = []
let listeners: ((event: QmpEvent) => void)[] = []
let lines: string[] = []
let told: (string | null)[] = []
let free = 0
let status = 'running'
let disk: DiskWatch

beforeEach(() => {
  vi.useFakeTimers()
  executed = []
  listeners = []
  lines = []
  told = []
  free = 0
  status = 'running'
  const qmp = {
    execute: async (command: string) => {
      executed.push(command)
      return command === 'query-status' ? { status } : {}
    },
    onEvent: (listener: (event: QmpEvent) => void) => {
      listeners.push(listener)
      return () => (listeners = listeners.filter((each) => each !== listener))
    },
  }
  disk = watchDisk({ qmp, data: '/d/data.qcow2', log: (line) => lines.push(line), freeBytes: async () => free })
  disk.onChange(() => told.push(disk.now()?.hint ?? null))
})
afterEach(() => {
  disk.close()
  vi.useRealTimers()
})

const fail = (data: Record<string, unknown>): void => listeners.forEach((listener) => listener({ name: 'BLOCK_IO_ERROR', data }))
const FULL = { action: 'stop', nospace: true, reason: 'No space left on device' }

describe('a machine whose disk cannot be written', () => {
  it('is told as paused once, and goes on when there is room', async () => {
    fail({ action: 'report', reason: 'harmless' })
    expect(disk.now()).toBeNull()
    fail(FULL)
    fail(FULL)
    expect(disk.now()).toMatchObject({ code: 'no-space', hint: 'vm-disk-full', params: { path: '/d/data.qcow2' }, detail: 'No space left on device' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(executed).toEqual([])
    free = GiB
    await vi.advanceTimersByTimeAsync(2_000)
    expect(executed).toEqual(['cont'])
    // It counts as going on when nothing failed for a moment.
    expect(told).toEqual(['vm-disk-full'])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(told).toEqual(['vm-disk-full', null])
    expect(lines).toHaveLength(2)
  })

  it('stays in trouble when the room was used up at once', async () => {
    fail(FULL)
    free = GiB
    await vi.advanceTimersByTimeAsync(2_000)
    free = 0
    fail(FULL)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(told).toEqual(['vm-disk-full'])
    expect(executed).toEqual(['cont'])
  })

  it('is let go on after another error, whatever room there is', async () => {
    fail({ action: 'stop', reason: 'Input/output error' })
    expect(disk.now()).toMatchObject({ code: 'engine.unreachable', hint: 'vm-disk-io' })
    await vi.advanceTimersByTimeAsync(2_000)
    expect(executed).toEqual(['cont'])
  })

  it('that was taken over while paused waits for room; one that was paused for another reason goes on', async () => {
    await disk.resume()
    expect(executed).toEqual(['query-status', 'cont'])
    status = 'io-error'
    await disk.resume()
    expect(disk.now()?.hint).toBe('vm-disk-full')
    expect(executed).toEqual(['query-status', 'cont', 'query-status'])
  })

  it('is nobody’s business once let go', async () => {
    fail(FULL)
    free = GiB
    disk.close()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(executed).toEqual([])
    expect(listeners).toEqual([])
  })
})
