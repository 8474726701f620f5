// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import EngineBadge from '../../../../renderer/app/EngineBadge.vue'
import { i18n } from '../../../../renderer/i18n/index.ts'
import { useConnection } from '../../../../renderer/stores/connection.ts'
import type { ConnectionStatus } from '../../../../renderer/stores/connection.ts'
import { useContainerActs } from '../../../../renderer/stores/container-acts.ts'
import { useEngines } from '../../../../renderer/stores/engines.ts'
import { useUi } from '../../../../renderer/stores/ui.ts'
import { NATIVE } from '../../../screens/seed.ts'

let page: VueWrapper | null = null
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  setActivePinia(createPinia())
})
afterEach(() => {
  page?.unmount()
  vi.useRealTimers()
})

async function badge() {
  const engines = useEngines()
  vi.spyOn(engines, 'current', 'get').mockReturnValue(NATIVE)
  const connection = useConnection()
  connection.status = 'open'
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/engines', name: 'engines', component: { render: () => null } }] })
  await router.push('/engines')
  const shown = mount(EngineBadge, { global: { plugins: [router, i18n] } })
  page = shown
  const stay = async (status: ConnectionStatus, ms: number): Promise<[string, string]> => {
    connection.status = status
    await vi.advanceTimersByTimeAsync(ms)
    return [shown.get('.n-dot').classes().at(-1) ?? '', shown.get('small').text()]
  }
  return stay
}
const READY = ['ok', expect.stringMatching(/ready$/)]

test('an engine whose engine room is gone is not said to be ready; a short break stays quiet', async () => {
  const stay = await badge()
  expect(await stay('open', 0)).toEqual(READY)
  expect(await stay('waiting', 900)).toEqual(READY)
  expect(await stay('open', 5_000)).toEqual(READY)
  expect(await stay('waiting', 1_600)).toEqual(['idle', 'Reconnecting…'])
  expect(await stay('open', 0)).toEqual(READY)
  expect(await stay('mismatch', 0)).toEqual(['idle', 'Not connected'])
})

test('what is asked for meanwhile is answered: nothing was done, and why', async () => {
  await useContainerActs().one('stop', 'abc')
  expect(useUi().toasts).toMatchObject([{ tone: 'bad', text: 'abc could not be stopped', error: { code: 'timeout', hint: 'engine-room' } }])
})
