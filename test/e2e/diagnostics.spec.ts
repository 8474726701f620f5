/** The self-check against a real engine: found from the palette, run, and its report on the clipboard. */
import { findings } from './support/axe.ts'
import { open } from './support/parts.ts'
import { expect, test } from './support/workbench.ts'

test('looks at engine and machine, tells what is wrong beside what is fine, and runs again', async ({ page }) => {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('self-check')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Self-check' })).toBeVisible()
  const row = (id: string) => page.locator(`[data-check=${id}]`)
  await expect(row('engine')).toHaveAttribute('data-state', 'passed')
  await expect(row('engine')).toContainText(/answers in \d/)
  await expect(page.getByRole('button', { name: 'Run again' })).toBeEnabled({ timeout: 40_000 })
  // The folder of this Naru is its own, and nothing on the screen may be an accident of this machine.
  await expect(row('access')).toContainText('is open to nobody else')
  await expect(page.locator('[data-state=running], [data-state=left]')).toHaveCount(0)
  expect(await findings(page)).toEqual([])

  await page.getByRole('button', { name: 'Run again' }).click()
  await expect(row('engine')).toHaveAttribute('data-state', 'passed')
  await open(page, 'Engines')
  await page.getByRole('link', { name: 'Self-check' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Self-check' })).toBeVisible()
})
