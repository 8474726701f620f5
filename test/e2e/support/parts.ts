/** Parts of the window by role and name, as a person finds them. */
import type { Locator, Page } from '@playwright/test'

export type ScreenLabel = 'Overview' | 'Containers' | 'Images' | 'Hub' | 'Builds' | 'Logs' | 'Ports' | 'Activity' | 'Engines' | 'Settings'

/** Shows a screen by its link in the sidebar. */
export async function open(page: Page, screen: ScreenLabel): Promise<void> {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: new RegExp(`^${screen}`) }).click()
}

/** The list of a screen. */
export const list = (page: Page, name: string): Locator => page.getByRole('grid', { name, exact: true })

/** A row of a list that has a cell with exactly this text. */
export function row(page: Page, text: string): Locator {
  return page.getByRole('row').filter({ has: page.getByText(text, { exact: true }) })
}

/** The panel that runs a container. */
export const runPanel = (page: Page): Locator => page.getByRole('dialog', { name: 'Run a container' })

/** The lines of the log in sight, oldest first. */
export const logLines = (page: Page, container: string): Locator => page.getByRole('log', { name: `Log of ${container}` })

/** Notices at the bottom right. */
export const notices = (page: Page): Locator => page.getByRole('region', { name: 'Notices' })

/** Opens the menu with everything that can be done to a container and chooses from it. */
export async function choose(page: Page, container: string, action: string): Promise<void> {
  await row(page, container).getByRole('button', { name: `More actions for ${container}` }).click()
  await page.getByRole('menuitem', { name: action }).click()
}
