// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NaruError } from '../../../../engine/contract/errors.ts'
import type { HubImage, HubSearchPage } from '../../../../engine/contract/models.ts'
import type { MethodHandlers } from '../../../../engine/link/handlers.ts'
import { useConnection } from '../../../../renderer/stores/connection.ts'
import { useHub } from '../../../../renderer/stores/hub.ts'
import { createRoom } from '../page.ts'
import type { Room } from '../page.ts'

const page = vi.hoisted((): { room: Room | null } => ({ room: null }))
vi.mock('../../../../renderer/link/connect.ts', () => ({ openLink: async (signal: AbortSignal) => page.room?.open(signal), openWindow: () => undefined }))

const image = (name: string, more: Partial<HubImage> = {}): HubImage => ({ name, description: '', stars: 0, official: false, verified: false, ...more })
let asked: { readonly query: string; readonly page: number }[] = []
let answer: (query: string, page: number, signal: AbortSignal) => Promise<HubSearchPage>

async function start(): Promise<void> {
  const methods: Partial<MethodHandlers> = {
    'hub.search': async ({ query, page: number }, { signal }) => {
      asked.push({ query, page: number })
      return answer(query, number, signal)
    },
  }
  page.room = createRoom(methods)
  void useConnection().start()
  await vi.waitFor(() => expect(useConnection().online).toBe(true))
}
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

beforeEach(() => {
  asked = []
  answer = async (query, number) => ({ total: 50, page: number, hasMore: number < 2, results: [image(`${query}-${number}`), image('same', { official: true })], source: 'hub' })
})
afterEach(() => page.room?.cut())

describe('the search of the Hub', () => {
  it('waits until the typing pauses and asks once', async () => {
    await start()
    const hub = useHub()
    for (const text of ['n', 'ng', 'ngi']) hub.type(text)
    expect(hub.loading).toBe(true)
    await vi.waitFor(() => expect(hub.results).toHaveLength(2))
    expect(asked).toEqual([{ query: 'ngi', page: 1 }])
    hub.type('ngi ')
    await wait(350)
    expect(asked).toHaveLength(1)
  })
  it('adds pages without repeating what is there', async () => {
    await start()
    const hub = useHub()
    hub.type('a', true)
    await vi.waitFor(() => expect(hub.results).toHaveLength(2))
    hub.more()
    await vi.waitFor(() => expect(hub.results.map((row) => row.name)).toEqual(['a-1', 'same', 'a-2']))
    expect(hub.hasMore).toBe(false)
    hub.toggle('official')
    expect(hub.shown.map((row) => row.name)).toEqual(['same'])
  })
  it('never shows a late answer to an older question', async () => {
    await start()
    const hub = useHub()
    let free: () => void = () => undefined
    answer = async (query, number) => {
      if (query === 'slow') await new Promise<void>((resolve) => (free = resolve))
      return { total: 1, page: number, hasMore: false, results: [image(query)], source: 'hub' }
    }
    hub.type('slow', true)
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    hub.type('quick', true)
    await vi.waitFor(() => expect(hub.results.map((row) => row.name)).toEqual(['quick']))
    free()
    await wait(20)
    expect(hub.results.map((row) => row.name)).toEqual(['quick'])
  })
  it('keeps the error and goes on after a retry; forgets all when emptied', async () => {
    await start()
    const hub = useHub()
    const fine = answer
    answer = async () => {
      throw new NaruError('rate-limited', 'limited', { params: { resetAt: 1 } })
    }
    hub.type('a', true)
    await vi.waitFor(() => expect(hub.error?.code).toBe('rate-limited'))
    expect(hub.loading).toBe(false)
    answer = fine
    hub.retry()
    await vi.waitFor(() => expect(hub.results).toHaveLength(2))
    expect(hub.error).toBeNull()
    hub.type('')
    expect([hub.results.length, hub.searched, hub.loading]).toEqual([0, '', false])
  })
  it('does not ask the Hub for images of other registries', async () => {
    await start()
    const hub = useHub()
    hub.type('ghcr.io/x/y', true)
    await wait(20)
    expect(asked).toEqual([])
    expect(hub.query.reference?.familiar).toBe('ghcr.io/x/y:latest')
  })
})
