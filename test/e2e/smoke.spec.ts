import { expect, test } from './support/naru.ts'

test('the window opens with its title and breaks no rule of its policy', async ({ page, faults }) => {
  await expect(page).toHaveTitle(/Naru/)
  await expect(page.locator('#app')).not.toBeEmpty()
  await page.reload()
  await expect(page.locator('#app')).not.toBeEmpty()
  expect(faults.all).toEqual([])
})

test('closing and starting again works on the same state', async ({ naru, world, faults }, info) => {
  await expect(naru.page).toHaveTitle(/Naru/)
  await naru.close()
  const { startShell } = await import('./support/shells.ts')
  const again = await startShell(info.project.name as 'electron' | 'web', world, faults.watch)
  await expect(again.page.locator('#app')).not.toBeEmpty()
  await again.close()
})
