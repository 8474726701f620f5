import { describe, expect, it } from 'vitest'
import { NaruError } from '../../../../engine/contract/errors.ts'
import { runBulk, skipReason } from '../../../../renderer/screens/Containers/bulk.ts'
import type { BulkItem } from '../../../../renderer/screens/Containers/bulk.ts'
import { killCommand, removeCommand, stopCommand } from '../../../../renderer/screens/Containers/dialogs/commands.ts'

describe('skipReason', () => {
  it('knows what has no sense', () => {
    expect(skipReason('start', { state: 'running' })).toBe('running')
    expect(skipReason('start', { state: 'paused' })).toBe('paused')
    expect(skipReason('start', { state: 'exited' })).toBeNull()
    expect(skipReason('stop', { state: 'exited' })).toBe('stopped')
    expect(skipReason('stop', { state: 'paused' })).toBeNull()
    expect(skipReason('pause', { state: 'paused' })).toBe('paused')
    expect(skipReason('unpause', { state: 'running' })).toBe('notPaused')
    expect(skipReason('kill', { state: 'created' })).toBe('stopped')
    expect(skipReason('remove', { state: 'running' })).toBeNull()
  })
  it('leaves alone what is gone or busy', () => {
    expect(skipReason('remove', undefined)).toBe('gone')
    expect(skipReason('remove', { state: 'exited' }, true)).toBe('pending')
  })
})

describe('runBulk', () => {
  it('gives a result for each, a few at a time', async () => {
    let active = 0
    let most = 0
    const seen: (readonly BulkItem[])[] = []
    const ids = Array.from({ length: 20 }, (_, n) => `c${n}`)
    const items = await runBulk({
      ids,
      look: (id) => ({ name: id.toUpperCase(), skip: id === 'c1' ? 'stopped' : null }),
      act: async (id) => {
        active += 1
        most = Math.max(most, active)
        await new Promise((resolve) => setTimeout(resolve, 1))
        active -= 1
        if (id === 'c2') throw new NaruError('in-use', 'in use')
        if (id === 'c3') throw new NaruError('cancelled', 'cancelled')
      },
      changed: (now) => seen.push(now),
    })
    expect(items[1]).toEqual({ id: 'c1', name: 'C1', status: 'skipped', skipped: 'stopped' })
    expect(items[2]).toMatchObject({ status: 'failed', error: { code: 'in-use' } })
    expect(items[3]?.status).toBe('cancelled')
    expect(items.filter((item) => item.status === 'done')).toHaveLength(17)
    expect(most).toBeLessThanOrEqual(6)
    expect(seen[0]?.every((item) => item.status === 'waiting' || item.status === 'skipped')).toBe(true)
  })
})

describe('commands of the dialogs', () => {
  it('stops first, forces, or just removes', () => {
    const how = { force: false, volumes: false, graceSeconds: 10 }
    expect(removeCommand(['a', 'b'], [], how)).toBe('docker rm a b')
    expect(removeCommand(['a', 'b'], ['a'], how)).toBe('docker stop -t 10 a && docker rm a b')
    expect(removeCommand(['a', 'b'], ['a'], { ...how, force: true, volumes: true })).toBe('docker rm -f -v a b')
    expect(stopCommand(['a'], 3)).toBe('docker stop -t 3 a')
    expect(killCommand(['a'], 'SIGKILL')).toBe('docker kill a')
    expect(killCommand(['a'], 'SIGHUP')).toBe('docker kill -s SIGHUP a')
  })
})
