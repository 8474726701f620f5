/** Logging in where it is missing: a push that is refused, a wrong password, then push, pull, log out, and a pull that is refused. */
import type { Page } from '@playwright/test'
import { openRegistryFront, openTokenServer } from '../support/registry-front.ts'
import { ADA, canRunRegistry, startRegistry } from '../support/registry.ts'
import { EVERYTHING, findings } from './support/axe.ts'
import { open, row } from './support/parts.ts'
import { expect, goTo, test } from './support/workbench.ts'

async function pull(page: Page, reference: string) {
  await open(page, 'Images')
  await page.getByRole('button', { name: 'Pull…' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Pull an image' })
  await dialog.getByRole('textbox', { name: 'Image' }).fill(reference)
  await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
  return dialog.getByRole('article', { name: `Pull of ${reference}` })
}

test('log in, push, pull and log out', async ({ page }) => {
  test.skip(!canRunRegistry, 'docker-registry is not installed')
  test.setTimeout(120_000)
  const registry = await startRegistry(ADA.htpasswd)
  const reference = `${registry.host}/team/web:1`
  try {
    await open(page, 'Images')
    await row(page, 'naru/welcome:latest').or(page.getByRole('row').filter({ hasText: 'naru/welcome' })).first().click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Push…' }).click()
    const push = page.getByRole('dialog', { name: /^Push/ })
    await push.getByRole('textbox', { name: 'Push as' }).fill(reference)
    await expect(push).toContainText(`You are not logged in to ${registry.host}.`)
    expect.soft(await findings(page, EVERYTHING), 'push dialog').toEqual([])
    await push.getByRole('button', { name: 'Push', exact: true }).click()
    const card = push.getByRole('article', { name: `Push of ${reference}` })
    await expect(card.getByRole('alert')).toContainText('wants you to log in', { timeout: 30_000 })
    await card.getByRole('button', { name: `Log in to ${registry.host}` }).click()

    const login = page.getByRole('dialog', { name: `Log in to ${registry.host}` })
    await login.getByRole('textbox', { name: 'User' }).fill(ADA.user)
    await login.getByLabel('Password or access token').fill('not the password')
    await expect(login).toContainText(/forgotten when Naru closes|keychain/)
    await login.getByRole('button', { name: 'Log in', exact: true }).click()
    await expect(login.getByRole('alert')).toContainText('does not accept this user and password', { timeout: 30_000 })
    expect.soft(await findings(page, EVERYTHING), 'login dialog').toEqual([])
    await login.getByLabel('Password or access token').fill(ADA.password)
    await login.getByRole('button', { name: 'Log in', exact: true }).click()
    await expect(login).toBeHidden({ timeout: 30_000 })
    await expect(card).toContainText('pushed in', { timeout: 30_000 })
    await expect(card).toContainText('sha256:')
    await push.getByRole('button', { name: 'Close' }).last().click()

    const pulled = await pull(page, reference)
    await expect(pulled).toContainText(/up to date|pulled in/, { timeout: 30_000 })
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()

    await goTo(page, 'settings')
    await page.getByRole('link', { name: 'Manage logins' }).click()
    const entry = page.getByRole('listitem', { name: registry.host })
    await expect(entry).toContainText(ADA.user)
    await entry.getByRole('button', { name: 'Test' }).click()
    await expect(entry).toContainText('works')
    // Where the engine wants certificates and exceptions, and what becomes of a login here.
    await expect(page.getByText('/etc/docker/certs.d/HOST:PORT/ca.crt')).toBeVisible()
    await expect(page.getByText('/etc/docker/daemon.json')).toBeVisible()
    await expect(page.getByText('Everyone on the way can read and change what is sent.', { exact: false })).toBeVisible()
    await expect(page.getByRole('main').getByText(/Only in memory: forgotten when Naru closes|Sealed with the system’s keychain/).first()).toBeVisible()
    expect.soft(await findings(page, EVERYTHING), 'registries').toEqual([])
    await entry.getByRole('button', { name: 'Log out' }).click()
    await expect(page.getByRole('heading', { name: 'Not logged in anywhere' })).toBeVisible()
    const refused = await pull(page, reference)
    await expect(refused.getByRole('alert')).toContainText('wants you to log in', { timeout: 30_000 })
    await expect(refused.getByRole('button', { name: `Log in to ${registry.host}` })).toBeVisible()

    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
    await open(page, 'Activity')
    await expect(page.getByText(`docker login -u ${ADA.user} --password-stdin ${registry.host}`).first()).toBeVisible()
    await expect(page.getByText(ADA.password)).toHaveCount(0)
  } finally {
    await registry.close()
  }
})

test('a registry that has logins checked at another host is refused until that is allowed, and it can be taken back', async ({ page }) => {
  test.skip(!canRunRegistry, 'docker-registry is not installed')
  const registry = await startRegistry()
  const front = await openRegistryFront(registry.port)
  const tokens = await openTokenServer()
  front.realm = tokens.realm
  try {
    await goTo(page, 'settings/registries')
    const open = async () => {
      await page.getByRole('button', { name: 'Log in…', exact: true }).click()
      const dialog = page.getByRole('dialog', { name: 'Log in to a registry' })
      await dialog.getByRole('textbox', { name: 'Registry' }).fill(front.host)
      await dialog.getByRole('textbox', { name: 'User' }).fill(ADA.user)
      await dialog.getByLabel('Password or access token').fill(ADA.password)
      await dialog.getByRole('button', { name: 'Log in', exact: true }).click()
      return dialog
    }
    const dialog = await open()
    await expect(dialog.getByRole('alert')).toContainText(`${front.host} would have your login checked at ${tokens.host}, a host of another name. Nothing was sent.`)
    expect(tokens.logins).toEqual([])
    expect.soft(await findings(page, EVERYTHING), 'login dialog with a foreign realm').toEqual([])
    await dialog.getByRole('button', { name: `Allow ${tokens.host} and log in` }).click()
    await expect(dialog).toBeHidden({ timeout: 30_000 })
    expect(tokens.logins).toContain(`${ADA.user}:${ADA.password}`)
    const allowed = page.getByRole('list', { name: 'Logins checked at another host' })
    await expect(allowed).toContainText(`${front.host} → ${tokens.host}`)
    // It is not asked for again.
    await page.getByRole('listitem', { name: front.host }).getByRole('button', { name: 'Test' }).click()
    await expect(page.getByRole('listitem', { name: front.host })).toContainText('works')
    expect.soft(await findings(page, EVERYTHING), 'registries with a realm').toEqual([])
    await allowed.getByRole('button', { name: 'Take back' }).click()
    await expect(allowed).toBeHidden()
    const refused = await open()
    await expect(refused.getByRole('alert')).toContainText('a host of another name')
    await refused.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('listitem', { name: front.host }).getByRole('button', { name: 'Log out' }).click()
  } finally {
    await Promise.all([front.close(), tokens.close(), registry.close()])
  }
})
