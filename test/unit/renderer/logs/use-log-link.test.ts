// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { defineComponent, h, nextTick, ref, shallowRef } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { LogLineMark, LogViewState } from '../../../../engine/contract/models.ts'
import { i18n } from '../../../../renderer/i18n/index.ts'
import { useLogLink } from '../../../../renderer/screens/Logs/use-log-link.ts'
import type { LogLink } from '../../../../renderer/screens/Logs/use-log-link.ts'
import type { LogFound, LogRows } from '../../../../renderer/stores/logs.ts'

const STATE: LogViewState = { viewId: 'v', firstLine: 0, endLine: 100, bytes: 0, droppedLines: 0, moreBefore: true, status: 'following' }
const NOWHERE: LogFound = { line: null, row: null, folded: false, firstTime: 900_000, lastTime: 999_000 }

let page: { unmount(): void } | null = null
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  setActivePinia(createPinia())
})
afterEach(() => {
  page?.unmount()
  vi.useRealTimers()
})

async function stage(line: string, find: (mark: LogLineMark) => LogFound) {
  const state = shallowRef<LogViewState | null>({ ...STATE, status: 'loading' })
  const rows = { state, find: async (mark: LogLineMark) => find(mark) } as unknown as LogRows
  const searching = ref(false)
  const [show, reopen] = [vi.fn(), vi.fn()]
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/logs', component: { render: () => null } }] })
  await router.push(`/logs?container=b&line=${line}&with=x`)
  let link: LogLink | undefined
  const Host = defineComponent({
    setup() {
      link = useLogLink({ of: () => ({ engineId: 'e', containerIds: ['a', 'b'] }), rows: () => rows, state: () => state.value, searching: () => searching.value, show, reopen })
      return () => h('i')
    },
  })
  page = mount(Host, { global: { plugins: [router, i18n] } })
  const settle = async (ms = 0): Promise<void> => {
    await vi.advanceTimersByTimeAsync(ms)
    for (let turn = 0; turn < 6; turn += 1) await nextTick()
  }
  const come = async (more: Partial<LogViewState> = {}): Promise<void> => {
    state.value = { ...STATE, ...more }
    await settle()
  }
  return { link: link ?? expect.fail('not set up'), come, settle, searching, show, reopen, router }
}

describe('the line an address names', () => {
  test('is looked for when the log is loaded, by its own container, and shown once', async () => {
    const find = vi.fn((): LogFound => ({ ...NOWHERE, line: 7, row: 7 }))
    const { link, come, show } = await stage('b~950000.5~2', find)
    expect([link.status.value, find.mock.calls.length]).toEqual(['looking', 0])
    await come()
    expect(find).toHaveBeenCalledExactlyOnceWith({ source: 1, time: 950_000.5, nth: 2 })
    await come({ endLine: 101 })
    expect(show).toHaveBeenCalledExactlyOnceWith(7)
    expect(link.status.value).toBe('shown')
  })

  test('older than what is loaded: the log is opened anew from before it, once; then it is gone', async () => {
    const { link, come, show, reopen } = await stage('b~100000~0', () => NOWHERE)
    await come()
    expect(reopen).toHaveBeenCalledExactlyOnceWith({ since: 40_000 })
    await come({ endLine: 200 })
    expect(reopen).toHaveBeenCalledOnce()
    expect([link.status.value, show.mock.calls.length]).toEqual(['gone', 0])
  })

  test('an engine that has not come so far yet is waited for, but not for ever', async () => {
    const { link, come, settle } = await stage('b~998000~0', () => NOWHERE)
    await come({ moreBefore: false })
    expect(link.status.value).toBe('looking')
    await settle(4_100)
    expect(link.status.value).toBe('gone')
  })

  test('left out by the filter: said so, and shown when it is not', async () => {
    let row: number | null = null
    const { link, come, searching, show } = await stage('b~950000~0', () => ({ ...NOWHERE, line: 7, row }))
    searching.value = true
    await come()
    expect(link.status.value).toBe('looking')
    searching.value = false
    await come({ endLine: 101 })
    expect(link.status.value).toBe('hidden')
    row = 3
    await come({ endLine: 102 })
    expect(show).toHaveBeenCalledExactlyOnceWith(3)
  })

  test('of a container that is not shown is gone; forgotten it leaves the address, the rest stays', async () => {
    const { link, come, settle, router } = await stage('c~1~0', () => NOWHERE)
    await come()
    expect(link.status.value).toBe('gone')
    link.forget()
    await settle(10)
    expect(router.currentRoute.value.query).toEqual({ container: 'b', with: 'x' })
    expect(link.status.value).toBe('none')
  })
})
