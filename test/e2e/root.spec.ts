/** Naru as root works, and says once what that means. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { findings } from './support/axe.ts'
import { expect, test } from './support/naru.ts'
import { open } from './support/parts.ts'
import { startShell } from './support/shells.ts'
import type { ShellName } from './support/shells.ts'

test.skip(process.getuid?.() !== 0, 'only root is told about root')

const note = (page: Page) => page.getByRole('complementary', { name: 'Naru runs as root' })

test('what root means is said until it was read, and never again: not after a reload, not after a restart', async ({ world, faults }, info) => {
  const begin = () => startShell(info.project.name as ShellName, world, faults.watch)
  const first = await begin()
  try {
    const { page } = first
    await expect(note(page)).toContainText('Whoever can use this window is root on this machine')
    await expect(note(page)).toContainText('without the browser’s sandbox')
    await expect(note(page)).toContainText('Start it as a normal user')
    expect(await findings(page)).toEqual([])
    await open(page, 'Engines')
    await expect(note(page)).toBeVisible()
    await note(page).getByRole('button', { name: 'Understood' }).click()
    await expect(note(page)).toHaveCount(0)
    expect(JSON.parse(readFileSync(join(world.home, 'settings.json'), 'utf8'))).toEqual({ rootExplained: true })
    await page.reload()
    await staysAway(page)
  } finally {
    await first.close()
  }
  const second = await begin()
  try {
    await staysAway(second.page)
  } finally {
    await second.close()
  }
})

/** Looked for when the page knows its settings, on each screen that would show it. */
async function staysAway(page: Page): Promise<void> {
  await open(page, 'Settings')
  await expect(page.getByRole('main')).toContainText(/Everything Naru keeps is in/)
  for (const screen of ['Overview', 'Engines'] as const) {
    await open(page, screen)
    await expect(page.getByRole('heading', { name: screen, level: 1 })).toBeVisible()
    await expect(page.getByRole('main')).toContainText('The embedded engine has not been built yet.')
    expect(await note(page).count()).toBe(0)
  }
}
