import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ReleaseLook } from '../../../engine/contract/models.ts'
import { createReleases } from '../../../engine/releases/service.ts'
import type { ReleaseService } from '../../../engine/releases/service.ts'
import { openSettings } from '../../../engine/settings/store.ts'
import type { SettingsStore } from '../../../engine/settings/store.ts'
import { startFeed } from '../../support/release-feed.ts'
import type { FeedStandIn } from '../../support/release-feed.ts'

const HOUR = 3600_000
let folder: string
let feed: FeedStandIn
let settings: SettingsStore
let open: ReleaseService[]
let time: number
/** What waits for its time, and when. */
let waiting: { at: number; run: () => void }[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-releases-'))
  feed = await startFeed()
  settings = await openSettings({ folder })
  ;[open, waiting, time] = [[], [], Date.UTC(2026, 10, 1)]
})
afterEach(async () => {
  open.forEach((service) => service.close())
  settings.close()
  await feed.close()
  await rm(folder, { recursive: true, force: true })
})

async function start(version = '0.1.0'): Promise<{ service: ReleaseService; look: () => ReleaseLook }> {
  const service = await createReleases({
    stateFolder: folder, version, settings, env: { NARU_RELEASE_FEED: feed.url }, log: () => undefined, now: () => time,
    later(ms, run) {
      const entry = { at: time + ms, run }
      waiting.push(entry)
      return () => (waiting = waiting.filter((each) => each !== entry))
    },
  })
  open.push(service)
  let last: ReleaseLook | undefined
  void (async () => {
    for await (const item of service.watch(new AbortController().signal)) last = item
  })()
  await vi.waitFor(() => expect(last).toBeDefined())
  return { service, look: () => last ?? expect.fail('nothing is known') }
}
/** Lets time go by, hour by hour, and runs what is due. */
async function pass(hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour += 1) {
    time += HOUR
    const due = waiting.filter(({ at }) => at <= time)
    waiting = waiting.filter(({ at }) => at > time)
    due.forEach(({ run }) => run())
    await vi.waitFor(() => expect(waiting.length).toBeGreaterThan(0))
  }
}
const notes = (version: string): string => feed.url.replace('releases.json', `notes/${version}`)
const allow = (): Promise<unknown> => settings.update({ lookForReleases: true })

describe('looking for new versions', () => {
  it('is off: nothing is asked, nothing waits, nothing is written', async () => {
    const { look } = await start()
    expect(look()).toEqual({ host: new URL(feed.url).host, lookedAt: null, failed: null, newer: null })
    expect(waiting).toEqual([])
    expect(feed.asked).toEqual([])
    await expect(readFile(join(folder, 'releases.json'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('begins when it is switched on and ends when it is switched off', async () => {
    feed.tell('0.2.0')
    const { look } = await start()
    await allow()
    await vi.waitFor(() => expect(look()).toEqual({ host: new URL(feed.url).host, lookedAt: time, failed: null, newer: { version: '0.2.0', notes: notes('0.2.0') } }))
    await settings.update({ lookForReleases: false })
    await vi.waitFor(() => expect(look().newer).toBeNull())
    expect(waiting).toEqual([])
  })

  it('asks once a day, whatever is switched, restarted or answered', async () => {
    feed.answer = (response) => void response.writeHead(500).end()
    const first = await start()
    await allow()
    await vi.waitFor(() => expect(first.look()).toMatchObject({ failed: 'unusable', lookedAt: time }))
    await settings.update({ lookForReleases: false })
    await allow()
    first.service.close()
    waiting = []
    const { look } = await start()
    expect(look()).toMatchObject({ failed: 'unusable' })
    await pass(23)
    expect(feed.asked).toHaveLength(1)
    await pass(1)
    await vi.waitFor(() => expect(feed.asked).toHaveLength(2))
    await pass(48)
    await vi.waitFor(() => expect(feed.asked).toHaveLength(4))
  })

  it('says when it got no answer, and keeps what it knew', async () => {
    feed.tell('0.2.0')
    const { look } = await start()
    await allow()
    await vi.waitFor(() => expect(look().newer).not.toBeNull())
    feed.answer = (response) => void response.destroy()
    await pass(24)
    await vi.waitFor(() => expect(look()).toMatchObject({ failed: 'unreachable', newer: { version: '0.2.0' } }))
  })

  it('is silent about a version that is skipped, older, the same or installed by now', async () => {
    feed.tell('0.2.0')
    const first = await start()
    await allow()
    await vi.waitFor(() => expect(first.look().newer?.version).toBe('0.2.0'))
    await first.service.skip('0.2.0')
    await vi.waitFor(() => expect(first.look().newer).toBeNull())
    await expect(first.service.skip('../x')).rejects.toMatchObject({ code: 'invalid-request' })
    feed.tell('0.2.1')
    await pass(24)
    await vi.waitFor(() => expect(first.look().newer?.version).toBe('0.2.1'))
    first.service.close()
    expect((await start('0.2.1')).look().newer).toBeNull()
    expect((await start('0.3.0')).look().newer).toBeNull()
    expect((await start('0.2.0')).look().newer?.version).toBe('0.2.1')
  })

  it('is not misled by a clock that was wrong, nor by a file that is damaged or of another feed', async () => {
    await allow()
    await writeFile(join(folder, 'releases.json'), JSON.stringify({ lookedAt: time + 1_000 * HOUR, failed: 'x', found: { version: '9.9.9', notes: 'https://other.example.invalid/' }, skipped: 3 }))
    const first = await start()
    await vi.waitFor(() => expect(feed.asked).toHaveLength(1))
    await vi.waitFor(() => expect(first.look()).toMatchObject({ lookedAt: time, failed: null, newer: null }))
    first.service.close()
    await writeFile(join(folder, 'releases.json'), '{"lookedAt"')
    await start()
    await vi.waitFor(() => expect(feed.asked).toHaveLength(2))
  })

  it('writes one file of its own, readable by its owner alone, and fetches nothing', async () => {
    feed.tell('0.2.0')
    const { look } = await start()
    await allow()
    await vi.waitFor(() => expect(look().newer).not.toBeNull())
    await vi.waitFor(async () => expect(JSON.parse(await readFile(join(folder, 'releases.json'), 'utf8'))).toEqual({ lookedAt: time, failed: null, found: { version: '0.2.0', notes: notes('0.2.0') }, skipped: null }))
    expect(feed.asked.map(({ url }) => url)).toEqual(['/releases.json'])
  })
})
