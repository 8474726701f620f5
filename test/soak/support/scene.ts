/** What every action of a soak gets, and the small steps they share. */
import { expect as base } from '@playwright/test'
import type { Locator, Page } from '@playwright/test'
import { open, row, runPanel } from '../../e2e/support/parts.ts'
import type { Chance } from './chance.ts'
import type { Engine, Naru } from './stage.ts'

/** Waits for what has to come to pass; how long it takes is no matter here. */
export const expect = base.configure({ timeout: 60_000 })

export interface Scene {
  readonly page: Page
  readonly naru: Naru
  readonly engine: Engine
  readonly chance: Chance
  /** Grows with every action: names made of it are new. */
  readonly number: number
  /** An empty folder for what is built. */
  readonly folder: string
}

/** Something a person does; it leaves containers, images and settings as it found them. */
export interface Action {
  readonly name: string
  readonly act: (scene: Scene) => Promise<void>
}

/** One of them. */
export function pick<Item>(items: readonly Item[], chance: Chance): Item {
  const item = items[Math.floor(chance() * items.length)]
  if (item === undefined) throw new Error('there is nothing to pick from')
  return item
}

export const heading = (page: Page, name: string): Locator => page.getByRole('heading', { level: 1, name, exact: true })

/** Shows the container list with nothing but what fits; an empty text shows all again. */
export async function filterContainers(page: Page, text: string): Promise<void> {
  await open(page, 'Containers')
  await page.getByRole('searchbox', { name: 'Filter containers' }).fill(text)
}

/** Runs a container by its command line, from the form. */
export async function runLine(page: Page, name: string, line: string): Promise<void> {
  await open(page, 'Containers')
  await page.getByRole('button', { name: /^Run…/ }).click()
  await runPanel(page).getByRole('textbox', { name: 'Command line' }).fill(line)
  await runPanel(page).getByRole('button', { name: /^Run(?! attached)/ }).click()
  await expect(runPanel(page)).toBeHidden()
  await filterContainers(page, name)
  await expect(row(page, name)).toContainText('Up')
}

/** Removes it with all that is asked before, and takes the filter off. */
export async function removeContainer(page: Page, name: string): Promise<void> {
  await filterContainers(page, name)
  await row(page, name).getByRole('button', { name: `More actions for ${name}` }).click()
  await page.getByRole('menuitem', { name: 'Remove…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: /remove/i }).last().click()
  await expect(row(page, name)).toBeHidden()
  await filterContainers(page, '')
}
