/** The tags of a repository with 2 500 of them: at once usable, ordered, grouped, filtered, and what is here is marked. */
import type { Page } from '@playwright/test'
import { LARGE_NEWEST, LARGE_REPOSITORY, digestOf } from '../support/hub-large.ts'
import { startHub } from '../support/hub.ts'
import type { HubStandIn } from '../support/hub.ts'
import { findings } from './support/axe.ts'
import { test as onFake, expect } from './support/fake.ts'
import { list, open, row } from './support/parts.ts'
import { useHub } from './support/shop.ts'

const test = onFake.extend<{ hub: HubStandIn }>({
  hub: async ({ playwright: _playwright }, use) => {
    const hub = await startHub()
    await use(hub)
    await hub.close()
  },
})

const tags = (page: Page) => list(page, `Tags of ${LARGE_REPOSITORY}`)
const rows = (page: Page) => tags(page).locator('[data-key]')

async function openLarge(page: Page, hub: HubStandIn): Promise<void> {
  await useHub(page, hub.url)
  await open(page, 'Hub')
  await page.getByRole('searchbox', { name: 'Search Docker Hub' }).fill(LARGE_REPOSITORY)
  await page.getByRole('option', { name: LARGE_REPOSITORY }).click()
}

test('all tags come by themselves, in natural order, grouped by content, filtered', async ({ page, hub, fake }) => {
  const [image] = fake.world.images.values()
  if (!image) throw new Error('the fake engine has no image')
  // `3.42.11` is here with exactly this content; `3.41` is here, but older.
  image.tags = [`${LARGE_REPOSITORY}:3.42.11`, 'here/first:1']
  image.digests = [`${LARGE_REPOSITORY}@${digestOf(0)}`]
  const older = fake.world.addImage(`${LARGE_REPOSITORY}:3.41`)
  older.digests = [`${LARGE_REPOSITORY}@${digestOf(999_999)}`]
  older.createdAt = LARGE_NEWEST / 1_000 - 400 * 86_400

  await openLarge(page, hub)
  await expect(rows(page).first()).toContainText('latest')
  const count = page.getByRole('main').getByText(/^2,500 tags$/)
  await expect(count).toBeVisible({ timeout: 20_000 })
  expect(hub.mostAtOnce()).toBeLessThanOrEqual(4)
  await expect(tags(page)).toHaveAttribute('aria-rowcount', '2501')
  await expect(row(page, 'latest').getByRole('link', { name: 'You have this' })).toBeVisible()
  await expect(row(page, '3.42.11').getByRole('link', { name: 'You have this' })).toBeVisible()
  await expect(row(page, '3.42.11')).toContainText(/MB/)
  await expect(row(page, '3.42.11')).toContainText('amd64 arm64 +3')
  await expect(row(page, '3.42.11').getByRole('button', { name: /^Copy/ })).toBeVisible()

  const filter = page.getByRole('searchbox', { name: 'Filter tags' })
  await filter.fill('3.1.')
  const byName = page.getByRole('button', { name: 'Tag', exact: true })
  await byName.click()
  await byName.click()
  const names = async (): Promise<readonly string[]> => rows(page).locator('b').allInnerTexts()
  await expect.poll(async () => (await names()).filter((name) => !name.includes('-')).slice(0, 3)).toEqual(['3.1.11', '3.1.10', '3.1.9'])
  await expect(page.getByRole('main').getByText('48 of 2,500 match')).toBeVisible()
  await filter.fill('')
  await expect(rows(page).first()).toContainText('latest')

  await page.getByRole('button', { name: 'Group aliases' }).click()
  await expect(rows(page).first().getByRole('button', { name: /^(latest|3\.42\.11|3\.42|3)$/ })).toHaveText(['latest', '3.42.11', '3.42', '3'])
  await expect(page.getByRole('main').getByText(/^2,\d\d\d contents · 2,500 tags$/)).toBeVisible()
  await rows(page).first().getByRole('button', { name: '3.42', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Pull 3.42', exact: true }).first()).toBeVisible()
  await filter.fill('3.41-slim')
  await filter.fill('3.41')
  await expect(rows(page).filter({ hasText: 'Yours is older' })).toHaveCount(1)

  expect(await findings(page)).toEqual([])
})

test('when the Hub limits us in between, what came stays and the rest can be asked for again', async ({ page, hub, fake: _fake }) => {
  await useHub(page, hub.url)
  await open(page, 'Hub')
  await page.getByRole('searchbox', { name: 'Search Docker Hub' }).fill(LARGE_REPOSITORY)
  const card = page.getByRole('option', { name: LARGE_REPOSITORY })
  await expect(card).toBeVisible()
  hub.allowed = 6
  await card.click()
  const notice = page.getByRole('main').getByRole('alert')
  await expect(notice).toBeVisible()
  await expect(page.getByRole('main').getByText(/^[1-6]00 of 2,500 tags$/)).toBeVisible()
  expect(hub.asked.length).toBeLessThan(20)
  hub.allowed = Number.POSITIVE_INFINITY
  hub.mood = 'ok'
  await notice.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('main').getByText(/^2,500 tags$/)).toBeVisible({ timeout: 20_000 })
})
