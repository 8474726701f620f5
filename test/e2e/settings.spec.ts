/** Settings that reach outside the window: they are shown, kept, and their file is there. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startFeed } from '../support/release-feed.ts'
import type { FeedStandIn } from '../support/release-feed.ts'
import { open } from './support/parts.ts'
import { expect, test } from './support/naru.ts'

/** Naru that knows no other feed of new versions than this one. */
const withFeed = test.extend<{ feed: FeedStandIn }>({
  feed: async ({ playwright: _playwright }, use) => {
    const feed = await startFeed()
    await use(feed)
    await feed.close()
  },
  worldOptions: async ({ feed }, use) => use({ env: { NARU_RELEASE_FEED: feed.url } }),
})

test('start at login is a file of the person’s session as long as it is switched on', async ({ page, world }) => {
  test.skip(process.platform !== 'linux', 'elsewhere the system keeps no file for it')
  const file = join(world.user, '.config/autostart/naru.desktop')
  await open(page, 'Settings')
  const login = page.getByRole('switch', { name: 'Start at login' })
  await expect(login).not.toBeChecked()
  expect(existsSync(file)).toBe(false)
  await login.click()
  await expect(login).toBeChecked()
  await expect.poll(() => (existsSync(file) ? readFileSync(file, 'utf8') : '')).toContain('--background')
  expect(readFileSync(file, 'utf8')).toContain(`NARU_HOME=${world.home}`)
  await page.reload()
  await open(page, 'Settings')
  await expect(login).toBeChecked()
  await login.click()
  await expect(login).not.toBeChecked()
  await expect.poll(() => existsSync(file)).toBe(false)
})

test('what happens to engines when Naru ends is chosen, explained and kept', async ({ page, world }) => {
  await open(page, 'Settings')
  const kept = (): string => (JSON.parse(readFileSync(join(world.home, 'settings.json'), 'utf8')) as { stopWithNaru?: string }).stopWithNaru ?? ''
  const choice = page.getByRole('combobox', { name: 'When Naru ends' })
  for (const [label, value, hint] of [
    ['Its engines stop', 'always', 'Containers in Naru’s own engines are stopped first.'],
    ['Nothing stops', 'never', 'Engines and containers go on'],
  ] as const) {
    await choice.click()
    await page.getByRole('option', { name: label }).click()
    await expect(page.getByText(hint)).toBeVisible()
    await expect.poll(kept).toBe(value)
  }
  await page.reload()
  await open(page, 'Settings')
  await expect(choice).toContainText('Nothing stops')
})

withFeed('new versions are looked for when that is switched on, told in one line, and skipped', async ({ page, naru, world, feed }) => {
  feed.tell('0.2.0')
  await open(page, 'Settings')
  const look = page.getByRole('switch', { name: 'Look for new versions' })
  await expect(look).not.toBeChecked()
  await expect(page.getByText(`asks ${new URL(feed.url).host} for the newest version`)).toBeVisible()
  await expect(page.getByText('Nothing is sent anywhere.')).toBeVisible()
  expect(feed.asked).toEqual([])

  await look.click()
  await expect(page.getByText('Naru 0.2.0 is there.')).toBeVisible()
  await expect(page.getByText('Nothing is sent but the daily look for a new version.')).toBeVisible()
  expect(feed.asked.map(({ method, headers }) => [method, headers['user-agent'], headers.cookie])).toEqual([['GET', 'Naru/0.1.0', undefined]])
  const news = page.getByRole('link', { name: 'What is new' })
  await expect(news).toHaveAttribute('href', feed.url.replace('releases.json', 'notes/0.2.0'))
  await expect(news).toHaveAttribute('target', '_blank')
  const item = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Settings/ })
  await expect(item.getByTitle('Naru 0.2.0 is there.')).toBeVisible()
  // One quiet line: nothing pops up anywhere.
  await expect(page.getByRole('region', { name: 'Notices' }).getByRole('listitem')).toHaveCount(0)

  await page.getByRole('button', { name: 'Skip this version' }).click()
  await expect(page.getByText(/^Last looked .*: nothing newer\.$/)).toBeVisible()
  await expect(item.getByTitle('Naru 0.2.0 is there.')).toBeHidden()
  const known = (): unknown => JSON.parse(readFileSync(join(world.home, 'releases.json'), 'utf8'))
  await expect.poll(known).toMatchObject({ skipped: '0.2.0', failed: null })
  await page.reload()
  await open(page, 'Settings')
  await expect(look).toBeChecked()
  await expect(page.getByText(/^Last looked .*: nothing newer\.$/)).toBeVisible()
  expect(feed.asked).toHaveLength(1)
  expect(naru.context.pages()).toHaveLength(1)
})
