/** The end as a person makes it: the engine stopped with its containers, Naru closed; and what is left then. */
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { enginePaths } from '../../e2e/support/engine.ts'
import { CACHE } from '../../e2e/support/environment.ts'
import { open } from '../../e2e/support/parts.ts'
import { traces } from '../../support/native.ts'
import { filesBelow } from './handles.ts'
import { expect } from './scene.ts'
import type { Stage } from './stage.ts'

/** Stops the embedded engine and every container in it. */
export async function stopEngine(page: Page): Promise<void> {
  await open(page, 'Engines')
  await page.getByRole('button', { name: 'Stop…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('radio', { name: 'Stop containers first' }).click()
  await dialog.getByRole('button', { name: 'Stop engine' }).click()
  await expect(page.getByRole('article').filter({ hasText: 'stopped' }).first()).toBeVisible()
}

/** Processes, mounts, firewall rules, links, routes and temporary files of this world; empty when all is gone. */
export async function leftOf({ world, temporary }: Stage): Promise<readonly string[]> {
  const bundle = join(CACHE, 'engine')
  const { state, tag, hostLink } = enginePaths(world)
  const network = (await traces(bundle, state)).filter((line) => line.includes(tag) || line.includes(hostLink))
  const living = (await traces(bundle, join(world.home, '..'))).filter((line) => /^(?:process|mount) /.test(line))
  const files = [...(await filesBelow(temporary)), ...(await filesBelow(join(world.home, 'tmp')))]
  return [...network, ...living, ...files.map((path) => `file ${path}`)]
}
