import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Settings } from '../../../engine/contract/models.ts'
import { DEFAULT_SETTINGS } from '../../../engine/settings/defaults.ts'
import { openSettings } from '../../../engine/settings/store.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-settings-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))
const file = () => join(folder, 'settings.json')

describe('openSettings', () => {
  it('starts from the defaults and writes nothing', async () => {
    const store = await openSettings({ folder })
    expect(store.get()).toEqual(DEFAULT_SETTINGS)
    expect(await readdir(folder)).toEqual([])
  })

  it('keeps a change across a restart and writes only what differs', async () => {
    const store = await openSettings({ folder })
    await store.update({ theme: 'dark', logWrap: DEFAULT_SETTINGS.logWrap })
    expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual({ theme: 'dark' })
    expect((await openSettings({ folder })).get().theme).toBe('dark')
    expect(await readdir(folder)).toEqual(['settings.json'])
  })

  it('keeps both of two changes made at once', async () => {
    const store = await openSettings({ folder })
    await Promise.all([store.update({ theme: 'dark' }), store.update({ locale: 'ko' })])
    expect((await openSettings({ folder })).get()).toMatchObject({ theme: 'dark', locale: 'ko' })
  })

  it('sets a broken file aside and says so', async () => {
    await writeFile(file(), '{"theme": "dar')
    const notices: string[] = []
    const store = await openSettings({ folder, notice: (text) => notices.push(text) })
    expect(store.get()).toEqual(DEFAULT_SETTINGS)
    const [aside] = await readdir(folder)
    expect(aside).toMatch(/^settings\.json\.broken-\d+$/)
    expect(notices.join()).toContain(aside)
  })

  it('drops bad and unknown fields and keeps the good ones', async () => {
    await writeFile(file(), JSON.stringify({ theme: 'purple', locale: 'ko', surprise: 1, hubUrl: 'ftp://x' }))
    const notices: string[] = []
    const store = await openSettings({ folder, notice: (text) => notices.push(text) })
    expect(store.get()).toEqual({ ...DEFAULT_SETTINGS, locale: 'ko' })
    expect(notices).toHaveLength(2)
  })

  it('refuses a bad change and keeps the old value', async () => {
    const store = await openSettings({ folder })
    await expect(store.update({ stopGraceSeconds: -1 })).rejects.toMatchObject({ code: 'invalid-request' })
    expect(store.get().stopGraceSeconds).toBe(10)
  })

  it('tells a watcher the present value first, then the newest', async () => {
    const store = await openSettings({ folder })
    const stop = new AbortController()
    const seen: Settings['theme'][] = []
    const watching = (async () => {
      for await (const settings of store.watch(stop.signal)) {
        seen.push(settings.theme)
        if (settings.theme === 'light') stop.abort()
      }
    })()
    await store.update({ theme: 'dark' })
    await store.update({ theme: 'light' })
    await watching
    expect(seen.at(0)).toBe('system')
    expect(seen.at(-1)).toBe('light')
  })

  it('says when the folder cannot be written', async () => {
    await writeFile(join(folder, 'plain'), '')
    const store = await openSettings({ folder: join(folder, 'plain', 'sub') })
    await expect(store.update({ theme: 'dark' })).rejects.toMatchObject({ params: { path: expect.any(String) as string } })
  })
})
