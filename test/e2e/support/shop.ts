/** The workbench with something to pull: a registry behind a door, and a stand-in for the Hub. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { startHub } from '../../support/hub.ts'
import type { HubStandIn } from '../../support/hub.ts'
import { startRegistry } from '../../support/registry.ts'
import type { Registry } from '../../support/registry.ts'
import { openDoor } from './door.ts'
import type { Door } from './door.ts'
import { writeLayered } from './layers.ts'
import { expect, goTo, test as base } from './workbench.ts'

export { expect } from './workbench.ts'
export { canRunRegistry } from '../../support/registry.ts'

export interface Shop {
  readonly registry: Registry
  readonly door: Door
  /** `localhost:PORT/team/app:1`, through the door: the welcome image and two layers of 3 MB. */
  readonly image: string
}

interface Fixtures {
  shop: Shop
  hub: HubStandIn
}

export const test = base.extend<Fixtures>({
  shop: async ({ playwright: _playwright }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'naru-e2e-shop-'))
    const registry = await startRegistry()
    const door = await openDoor(registry.port)
    const archive = join(folder, 'image.tar')
    await writeLayered(archive, 2, 3_000_000)
    await registry.seed(archive, 'team/app', '1')
    await use({ registry, door, image: `localhost:${door.port}/team/app:1` })
    await door.close()
    await registry.close()
    await rm(folder, { recursive: true, force: true })
  },
  hub: async ({ playwright: _playwright }, use) => {
    const hub = await startHub()
    await use(hub)
    await hub.close()
  },
})

/** Tells Naru where the Hub is, as a person does. */
export async function useHub(page: Page, url: string): Promise<void> {
  await goTo(page, 'settings')
  const address = page.getByRole('textbox', { name: 'Address of the Hub' })
  await address.fill(url)
  await address.press('Enter')
  await expect(address).toHaveValue(url)
}
