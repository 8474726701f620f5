/** A page whose files do not all arrive. */
import { expect, test } from './support/naru.ts'

test('a script whose load was broken off is asked for again', async ({ page }) => {
  let broken = 0
  await page.route(/\/assets\/index-[\w-]+\.js$/, async (route) => {
    broken += 1
    await (broken <= 2 ? route.abort('internetdisconnected') : route.continue())
  })
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  expect(broken).toBe(3)
  expect(await page.evaluate(() => sessionStorage.getItem('naru.reloads'))).toBeNull()
})
