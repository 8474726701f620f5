// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NaruError } from '../../../../engine/contract/errors.ts'
import { useConnection } from '../../../../renderer/stores/connection.ts'
import { useHubTags } from '../../../../renderer/stores/hub-tags.ts'
import { createRoom } from '../page.ts'
import type { Room } from '../page.ts'

const page = vi.hoisted((): { room: Room | null } => ({ room: null }))
vi.mock('../../../../renderer/link/connect.ts', () => ({ openLink: async (signal: AbortSignal) => page.room?.open(signal), openWindow: () => undefined }))

/** Tags the Hub has; questions as they came; those that are held back until told. */
let count = 0
let asked: { readonly page: number; readonly filter: string }[] = []
let waiting: (() => void)[] = []
let holdFrom = Number.POSITIVE_INFINITY
let failAt = 0

async function start(): Promise<ReturnType<typeof useHubTags>> {
  page.room = createRoom({
    'hub.tags': async ({ page: number, pageSize, filter }) => {
      asked.push({ page: number, filter })
      if (number === failAt) throw new NaruError('rate-limited', 'limited', { params: { resetAt: 1 } })
      if (number >= holdFrom) await new Promise<void>((resolve) => waiting.push(resolve))
      const names = Array.from({ length: count }, (_, n) => `1.${n}`).filter((each) => each.includes(filter))
      const from = (number - 1) * pageSize
      if (number > 1 && from >= names.length) throw new NaruError('not-found', 'no such page')
      return { total: names.length, page: number, hasMore: from + pageSize < names.length, results: names.slice(from, from + pageSize).map((name) => ({ name, platforms: [] })) }
    },
  })
  void useConnection().start()
  await vi.waitFor(() => expect(useConnection().online).toBe(true))
  return useHubTags()
}
const free = (): void => waiting.splice(0).forEach((each) => each())

beforeEach(() => {
  count = 2_500
  asked = []
  waiting = []
  holdFrom = Number.POSITIVE_INFINITY
  failAt = 0
})
afterEach(() => page.room?.cut())

describe('the tags of a repository', () => {
  it('are there with the first page; the rest follows, three pages at a time, each asked for once', async () => {
    holdFrom = 2
    const tags = await start()
    tags.open('acme/large')
    await vi.waitFor(() => expect(tags.list).toHaveLength(100))
    expect([tags.loading, tags.filling, tags.complete, tags.total]).toEqual([false, true, false, 2_500])
    let most = 0
    await vi.waitFor(() => {
      most = Math.max(most, waiting.length)
      free()
      expect(tags.complete).toBe(true)
    }, { interval: 1, timeout: 5_000 })
    expect(most).toBe(3)
    expect(tags.list.map((tag) => tag.name)).toEqual(Array.from({ length: 2_500 }, (_, n) => `1.${n}`))
    expect(asked.map((each) => each.page).sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, n) => n + 1))
  })

  it('stop being asked for when the Hub limits us; what is loaded stays, and a retry goes on where it ended', async () => {
    failAt = 5
    const tags = await start()
    tags.open('acme/large')
    await vi.waitFor(() => expect(tags.error?.code).toBe('rate-limited'))
    const before = asked.length
    expect(before).toBeLessThanOrEqual(10)
    expect(tags.list.length).toBeGreaterThanOrEqual(100)
    expect([tags.filling, tags.complete]).toEqual([false, false])
    failAt = 0
    tags.retry()
    await vi.waitFor(() => expect(tags.list).toHaveLength(2_500))
    expect(asked.filter((each) => each.page === 1)).toHaveLength(1)
    expect(tags.error).toBeNull()
  })

  it('of a very large repository wait to be asked for; the filter then asks the Hub for what is not loaded', async () => {
    count = 6_000
    const tags = await start()
    tags.open('acme/vast')
    await vi.waitFor(() => expect([tags.filling, tags.list.length]).toEqual([false, 4_100]))
    expect(tags.complete).toBe(false)
    tags.setFilter('1.5999')
    expect(tags.searching).toBe(true)
    await vi.waitFor(() => expect(tags.list.some((tag) => tag.name === '1.5999')).toBe(true))
    expect(asked.filter((each) => each.filter !== '')).toHaveLength(1)
    tags.more()
    await vi.waitFor(() => expect([tags.complete, tags.list.length]).toEqual([true, 6_000]))
  })

  it('are filtered without a question when all are loaded', async () => {
    count = 150
    const tags = await start()
    tags.open('nginx')
    await vi.waitFor(() => expect(tags.complete).toBe(true))
    tags.setFilter('1.1')
    expect(tags.searching).toBe(false)
    expect(asked).toHaveLength(2)
  })

  it('end where the Hub says so, even when it counted more', async () => {
    count = 250
    holdFrom = 2
    const tags = await start()
    tags.open('nginx')
    await vi.waitFor(() => expect(waiting).toHaveLength(2))
    count = 150
    await vi.waitFor(() => {
      free()
      expect(tags.complete).toBe(true)
    }, { interval: 1 })
    expect(tags.list).toHaveLength(150)
    expect(tags.error).toBeNull()
  })

  it('choose latest; a late answer to an older repository is never shown', async () => {
    count = 3
    holdFrom = 1
    const tags = await start()
    tags.open('slow')
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    holdFrom = 2
    tags.open('quick')
    await vi.waitFor(() => expect(tags.list).toHaveLength(3))
    free()
    expect([tags.repository, tags.list.length, tags.loading]).toEqual(['quick', 3, false])
    tags.close()
    expect([tags.repository, tags.list.length]).toEqual(['', 0])
  })
})
