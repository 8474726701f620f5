/** Settings that reach outside the window: they are shown, kept, and their file is there. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { open } from './support/parts.ts'
import { expect, test } from './support/naru.ts'

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
