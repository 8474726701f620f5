import { describe, expect, test, vi } from 'vitest'
import { effectScope, ref, shallowRef } from 'vue'
import type { LogViewState } from '../../../../engine/contract/models.ts'
import { EVERYTHING, useLogJump } from '../../../../renderer/screens/Logs/use-log-jump.ts'
import type { LogPlace, LogRows } from '../../../../renderer/stores/logs.ts'

const STATE: LogViewState = { viewId: 'v', firstLine: 0, endLine: 100, bytes: 0, droppedLines: 0, moreBefore: true, status: 'following' }

function stage(place: (at: { time?: number; line?: number }) => LogPlace) {
  const state = shallowRef<LogViewState | null>(STATE)
  const rows = shallowRef<LogRows | null>({ state, place: async (at: object) => place(at) } as unknown as LogRows)
  const searching = ref(false)
  const [reveal, reopen] = [vi.fn(), vi.fn()]
  const scope = effectScope()
  const jump = scope.run(() => useLogJump({ rows: () => rows.value, state: () => state.value, searching: () => searching.value, reveal, reopen }))
  return { jump: jump ?? expect.fail('not set up'), state, rows, searching, reveal, reopen }
}

describe('going to a place of a log', () => {
  test('what is loaded is shown', async () => {
    const { jump, reveal, reopen } = stage(() => ({ row: 7, line: 70, firstTime: 500, folded: false }))
    await jump.to({ time: 900 })
    expect(reveal.mock.calls).toEqual([[7]])
    expect(reopen).not.toHaveBeenCalled()
  })

  test('the number of a line counts from the first the engine has: everything is loaded before it is gone to', async () => {
    const { jump, state, reveal, reopen } = stage(() => ({ row: 119, line: 119, firstTime: 1, folded: false }))
    await jump.to({ line: 119 })
    expect(reopen).toHaveBeenCalledExactlyOnceWith(EVERYTHING)
    expect([jump.waiting.value, reveal.mock.calls.length]).toEqual([true, 0])
    // Still not all: more than a view can load. It leads to what there is, once.
    state.value = { ...STATE }
    await vi.waitFor(() => expect(reveal).toHaveBeenCalledExactlyOnceWith(119))
    expect([jump.waiting.value, reopen.mock.calls.length]).toEqual([false, 1])
    state.value = { ...STATE, moreBefore: false }
    await jump.to({ line: 119 })
    expect([reveal.mock.calls.length, reopen.mock.calls.length]).toEqual([2, 1])
  })

  test('what is older is asked from the engine, and shown when it is read', async () => {
    const { jump, state, reveal, reopen } = stage(() => ({ row: 3, line: 3, firstTime: 500, folded: false }))
    await jump.to({ time: 400 })
    expect(reopen).toHaveBeenCalledExactlyOnceWith({ since: 400 })
    expect([jump.waiting.value, reveal.mock.calls.length]).toEqual([true, 0])
    state.value = { ...STATE, status: 'loading' }
    await vi.waitFor(() => expect(reveal).not.toHaveBeenCalled())
    state.value = STATE
    await vi.waitFor(() => expect(reveal).toHaveBeenCalledExactlyOnceWith(3))
    expect([jump.waiting.value, reopen.mock.calls.length]).toEqual([false, 1])
  })

  test('while the first lines come nobody knows whether there are older ones: that is waited for', async () => {
    const { jump, state, reveal, reopen } = stage(() => ({ row: 0, line: 0, firstTime: 500, folded: false }))
    state.value = { ...STATE, moreBefore: false, status: 'loading' }
    await jump.to({ time: 400 })
    expect([jump.waiting.value, reveal.mock.calls.length, reopen.mock.calls.length]).toEqual([true, 0, 0])
    state.value = STATE
    await vi.waitFor(() => expect(reopen).toHaveBeenCalledExactlyOnceWith({ since: 400 }))
    expect([jump.waiting.value, reveal.mock.calls.length]).toEqual([true, 0])
    state.value = { ...STATE }
    await vi.waitFor(() => expect(reveal).toHaveBeenCalledExactlyOnceWith(0))
    expect([jump.waiting.value, reopen.mock.calls.length]).toEqual([false, 1])
    // And when there are none, what there is is shown.
    state.value = { ...STATE, moreBefore: false, status: 'loading' }
    await jump.to({ time: 300 })
    expect(jump.waiting.value).toBe(true)
    state.value = { ...STATE, moreBefore: false }
    await vi.waitFor(() => expect(reveal).toHaveBeenCalledTimes(2))
    expect([jump.waiting.value, reopen.mock.calls.length]).toEqual([false, 1])
  })

  test('before all there is the first line is shown', async () => {
    const { jump, state, reveal, reopen } = stage(() => ({ row: 0, line: 0, firstTime: 500, folded: false }))
    state.value = { ...STATE, moreBefore: false }
    await jump.to({ time: 1 })
    expect(reveal).toHaveBeenCalledExactlyOnceWith(0)
    jump.first()
    await vi.waitFor(() => expect(reveal).toHaveBeenCalledTimes(2))
    expect(reopen).not.toHaveBeenCalled()
  })

  test('the first line the engine has: everything is loaded; a filter is waited for', async () => {
    const { jump, state, searching, reveal, reopen } = stage(() => ({ row: 0, line: 0, firstTime: 1, folded: false }))
    searching.value = true
    jump.first()
    await vi.waitFor(() => expect(reopen).toHaveBeenCalledExactlyOnceWith(EVERYTHING))
    state.value = { ...STATE, moreBefore: false }
    await vi.waitFor(() => expect(jump.waiting.value).toBe(true))
    searching.value = false
    await vi.waitFor(() => expect(reveal).toHaveBeenCalledExactlyOnceWith(0))
  })
})
