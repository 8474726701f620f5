/** Actions that only look: screens, lists, details, commands, settings of the window. */
import { list, open, row } from '../../e2e/support/parts.ts'
import { goTo } from '../../e2e/support/workbench.ts'
import { shuffled } from '../support/chance.ts'
import { expect, filterContainers, heading, pick } from '../support/scene.ts'
import type { Action } from '../support/scene.ts'
import { CONTAINERS, nameOf, RUNNING, TALKERS } from '../support/stage.ts'

const SCREENS = ['Overview', 'Containers', 'Images', 'Hub', 'Builds', 'Logs', 'Ports', 'Activity', 'Engines', 'Settings'] as const
const TABS = ['Logs', 'Overview', 'Files', 'Stats', 'Processes', 'Changes', 'Ports', 'Environment', 'Inspect'] as const

/** All screens, in an order of chance. */
const screens: Action = {
  name: 'change screens',
  act: async ({ page, chance }) => {
    for (const screen of shuffled(SCREENS, chance)) {
      await open(page, screen)
      await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible()
    }
  },
}

const filter: Action = {
  name: 'filter, sort, group',
  act: async ({ page, chance }) => {
    const table = list(page, 'Containers')
    await filterContainers(page, pick(['is:running', 'label:half=1', 'base-01', 'is:exited'], chance))
    await expect(table).not.toHaveAttribute('aria-rowcount', String(CONTAINERS + 1))
    await filterContainers(page, '')
    await expect(table).toHaveAttribute('aria-rowcount', String(CONTAINERS + 1))
    for (const column of shuffled(['Name', 'State', 'CPU'], chance)) {
      await table.getByRole('columnheader', { name: column }).getByRole('button').first().click()
    }
    await page.getByRole('button', { name: 'Group by project' }).click()
    await page.getByRole('button', { name: 'Group by project' }).click()
    await table.getByRole('row').nth(1).focus()
    await page.keyboard.press('End')
    await page.keyboard.press('Home')
  },
}

const details: Action = {
  name: 'open a container, all its tabs',
  act: async ({ page, chance }) => {
    const name = nameOf(TALKERS + Math.floor(chance() * (RUNNING - TALKERS)))
    await filterContainers(page, name)
    await row(page, name).getByText(name, { exact: true }).click()
    for (const label of shuffled(TABS, chance)) {
      const tab = page.getByRole('tab', { name: label, exact: true })
      await tab.click()
      await expect(tab).toHaveAttribute('aria-selected', 'true')
      await expect(page.getByRole('tabpanel').last()).not.toBeEmpty()
    }
    await filterContainers(page, '')
  },
}

const figures: Action = {
  name: 'watch figures',
  act: async ({ page, engine, chance }) => {
    const id = await engine.docker('inspect', '--format', '{{.Id}}', nameOf(Math.floor(chance() * RUNNING)))
    await goTo(page, `containers/${id}?tab=stats`)
    await expect(page.locator('.stat-plot canvas').first()).toBeVisible()
    await page.getByRole('button', { name: 'Numbers' }).click()
    await expect(page.getByRole('table', { name: /^The last \d+ samples/ }).getByRole('row').nth(2)).toBeVisible()
    await page.getByRole('button', { name: 'Charts' }).click()
  },
}

const palette: Action = {
  name: 'commands by keyboard',
  act: async ({ page, chance }) => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill(nameOf(Math.floor(chance() * CONTAINERS)))
    await expect(page.getByRole('listbox').getByRole('option').first()).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('listbox')).toHaveCount(0)
  },
}

const look: Action = {
  name: 'theme and language',
  act: async ({ page }) => {
    await open(page, 'Settings')
    for (const theme of ['Light', 'Dark', 'System']) await page.getByRole('button', { name: theme, exact: true }).click()
    await page.getByRole('combobox', { name: 'Language' }).click()
    await page.getByRole('option', { name: '한국어' }).click()
    await expect(heading(page, '설정')).toBeVisible()
    await goTo(page, 'containers')
    await expect(heading(page, '컨테이너')).toBeVisible()
    await goTo(page, 'settings')
    await page.getByRole('combobox', { name: '언어' }).click()
    await page.getByRole('option', { name: 'English' }).click()
    await expect(heading(page, 'Settings')).toBeVisible()
  },
}

const check: Action = {
  name: 'self-check',
  act: async ({ page }) => {
    await open(page, 'Engines')
    await page.getByRole('link', { name: 'Self-check' }).click()
    // On a busy machine the engine is slow, and that is what it says.
    await expect(page.locator('[data-check=engine]')).toHaveAttribute('data-state', /passed|warned/)
    await expect(page.getByRole('button', { name: 'Run again' })).toBeEnabled()
  },
}

export const LOOKING: readonly Action[] = [screens, filter, details, figures, palette, look, check]
