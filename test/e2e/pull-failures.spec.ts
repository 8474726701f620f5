/** Each way a pull or a search fails is told as what it is, with the next step. */
import type { Page } from '@playwright/test'
import { startHub } from '../support/hub.ts'
import { startRegistry } from '../support/registry.ts'
import { open } from './support/parts.ts'
import { test as onFake } from './support/fake.ts'
import { canRunRegistry, expect, test, useHub } from './support/shop.ts'

/** Asks for an image by name on the Images screen; gives the pull's card. */
async function pull(page: Page, reference: string) {
  await open(page, 'Images')
  await page.getByRole('button', { name: 'Pull…' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Pull an image' })
  await dialog.getByRole('textbox', { name: 'Image' }).fill(reference)
  await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
  return dialog.getByRole('article', { name: `Pull of ${reference}` })
}

test.describe('registries', () => {
  test.skip(!canRunRegistry, 'docker-registry is not installed')

  test('unknown image', async ({ page, shop }) => {
    const card = await pull(page, `localhost:${shop.door.port}/team/app:nowhere`)
    await expect(card.getByRole('alert')).toContainText(/There is no (such )?image/)
  })

  test('nobody answers at the address', async ({ page, shop }) => {
    const { port } = shop.door
    await shop.door.close()
    const card = await pull(page, `localhost:${port}/team/app:1`)
    await expect(card.getByRole('alert')).toContainText('cannot be reached')
    await expect(card.getByRole('button', { name: 'Try again' })).toBeVisible()
  })

  test('unauthorised', async ({ page }) => {
    const registry = await startRegistry('someone:$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e\n')
    try {
      const card = await pull(page, `localhost:${registry.port}/team/app:1`)
      await expect(card.getByRole('alert')).toContainText('wants you to log in')
    } finally {
      await registry.close()
    }
  })

  test('a registry that hangs: the pull is cancelled, tried again, and succeeds', async ({ page, shop }) => {
    shop.door.mood = 'silent'
    const card = await pull(page, shop.image)
    await card.getByRole('button', { name: 'Cancel' }).click()
    await expect(card).toContainText('cancelled')
    shop.door.mood = 'open'
    await card.getByRole('button', { name: 'Try again' }).click()
    await expect(page.getByRole('article', { name: `Pull of ${shop.image}` }).filter({ hasText: 'pulled in' }).first()).toBeVisible({ timeout: 30_000 })
  })
})

test('an invalid name is refused at its field', async ({ page }) => {
  await open(page, 'Images')
  await page.getByRole('button', { name: 'Pull…' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Pull an image' })
  await dialog.getByRole('textbox', { name: 'Image' }).fill('UPPER/Case')
  await expect(dialog.getByRole('alert').filter({ hasText: 'Image names are written in small letters.' })).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Pull', exact: true })).toBeDisabled()
})

// On the fake daemon: a real one would ask the true Hub where ours fails.
onFake('the Hub limits us, is not there, or something else answers: each told apart', async ({ page, fake: _fake }) => {
  const hub = await startHub()
  const ask = async (word: string): Promise<void> => page.getByRole('searchbox', { name: 'Search Docker Hub' }).fill(word)
  const problem = page.getByRole('main').getByRole('alert')
  await useHub(page, hub.url)
  await open(page, 'Hub')
  hub.mood = 'limited'
  await ask('nginx')
  await expect(problem).toContainText('The Hub allows no more requests for now', { timeout: 30_000 })
  hub.mood = 'html'
  await ask('redis')
  await expect(problem).toContainText('Something else answers in place of', { timeout: 30_000 })
  hub.mood = 'broken'
  await ask('caddy')
  await expect(problem).toContainText('answers, but not usefully', { timeout: 30_000 })
  hub.mood = 'ok'
  await problem.getByRole('button', { name: 'Try again' }).click()
  await expect(problem).toBeHidden()
  await hub.close()
  await ask('postgres')
  await expect(problem).toContainText('cannot be reached', { timeout: 30_000 })
})

onFake('the disk is full', async ({ page, fake }) => {
  fake.faults.pullError = 'failed to register layer: write /usr/lib/big: no space left on device'
  const card = await pull(page, 'nginx:1.27')
  await expect(card.getByRole('alert')).toContainText('The disk is full.')
  await card.getByRole('button', { name: "The engine's own words" }).click()
  await expect(card).toContainText('no space left on device')
})
