// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { defineComponent, h, ref, shallowRef } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Router } from 'vue-router'
import { NaruError } from '../../../../engine/contract/errors.ts'
import type { LogFilter, LogViewState } from '../../../../engine/contract/models.ts'
import { useLogFilter } from '../../../../renderer/screens/Logs/use-log-filter.ts'
import type { LogFilterUse } from '../../../../renderer/screens/Logs/use-log-filter.ts'
import type { LogRows, LogView } from '../../../../renderer/stores/logs.ts'

const STATE: LogViewState = { viewId: 'v', firstLine: 0, endLine: 9, bytes: 0, droppedLines: 0, moreBefore: false, status: 'following' }

function fakeView(refuse: () => NaruError | null = () => null) {
  const asked: (LogFilter | null)[] = []
  const generation = shallowRef(1)
  const state = shallowRef<LogViewState | null>(STATE)
  const rows = { state, generation } as Partial<LogRows> as LogRows
  const view: Partial<LogView> = {
    state,
    generation,
    setFilter: async (filter) => {
      const error = refuse()
      if (error) throw error
      asked.push(filter)
      return { id: asked.length, rows, folded: rows }
    },
  }
  return { view: view as LogView, asked, generation, state, rows }
}

let page: { unmount(): void } | null = null
afterEach(() => page?.unmount())

async function open(address: string, view: LogView, floor = ref(0)): Promise<{ filter: LogFilterUse; router: Router }> {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/logs', component: { render: () => null } }] })
  await router.push(address)
  let filter: LogFilterUse | undefined
  const Host = defineComponent({
    setup() {
      filter = useLogFilter(() => view, () => floor.value)
      return () => h('i')
    },
  })
  page = mount(Host, { global: { plugins: [router] } })
  return { filter: filter ?? expect.fail('not set up'), router }
}

describe('the filter of a log', () => {
  test('asked for by the address it is set at once, and its rows are shown', async () => {
    const { view, asked, rows } = fakeView()
    const { filter } = await open('/logs?level=error&with=db', view)
    await vi.waitFor(() => expect(filter.rows.value).toBe(rows))
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({ levels: ['error'], include: [{ query: 'db', regex: false }], fromLine: 0 })
  })

  test('a view opened anew (the engine room came back) gets it again', async () => {
    const { view, asked, generation, rows } = fakeView()
    const { filter } = await open('/logs?level=warn', view)
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    generation.value = 2
    await vi.waitFor(() => expect(asked).toHaveLength(2))
    await vi.waitFor(() => expect(filter.rows.value).toBe(rows))
  })

  test('what is cleared from sight is left out', async () => {
    const { view, asked } = fakeView()
    const floor = ref(0)
    await open('/logs?stream=stderr', view, floor)
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    floor.value = 7
    await vi.waitFor(() => expect(asked.at(-1)).toMatchObject({ stream: 'stderr', fromLine: 7 }))
  })

  test('taken away, every line is shown and the address says nothing of it', async () => {
    const { view, asked } = fakeView()
    const { filter, router } = await open('/logs?container=c&level=error', view)
    await vi.waitFor(() => expect(filter.rows.value).not.toBeNull())
    filter.reset()
    await vi.waitFor(() => expect(filter.rows.value).toBeNull())
    expect(asked.at(-1)).toBeNull()
    await vi.waitFor(() => expect(router.currentRoute.value.query).toEqual({ container: 'c' }))
  })

  test('a refused pattern is told, and the rows of before stay', async () => {
    let refused: NaruError | null = null
    const { view, rows } = fakeView(() => refused)
    const { filter } = await open('/logs?with=a', view)
    await vi.waitFor(() => expect(filter.rows.value).toBe(rows))
    refused = new NaruError('invalid-request', 'no pattern', { hint: 'pattern' })
    filter.ask({ include: ['/(/'] })
    await vi.waitFor(() => expect(filter.error.value).toMatchObject({ code: 'invalid-request', hint: 'pattern' }))
    expect(filter.rows.value).toBe(rows)
  })
})
