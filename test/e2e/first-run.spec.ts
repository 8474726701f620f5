/** A fresh machine without network: Naru brings its engine, runs the welcome container, and takes it away again. */
import { fetchPage } from '../support/native.ts'
import { whyNoEngine } from './support/engine.ts'
import { expect, test } from './support/naru.ts'
import { choose, list, logLines, open, row } from './support/parts.ts'

test.use({ worldOptions: { engine: 'native' } })
test.skip(whyNoEngine() !== null, whyNoEngine() ?? '')

test('the engine starts by itself and the welcome container runs offline, is seen, stopped and removed', async ({ page }) => {
  test.setTimeout(120_000)
  const badge = page.getByRole('link', { name: /Embedded engine/ })
  await expect(badge).toContainText(/native · Moby \d+\.\d+.* · ready/, { timeout: 60_000 })

  await page.getByRole('button', { name: 'Run the welcome container' }).click()
  const link = page.getByRole('link', { name: /^Open http:/ })
  await expect(link).toBeVisible({ timeout: 30_000 })
  const address = new URL((await link.getAttribute('href')) ?? '')
  expect(address.hostname).toBe('127.0.0.1')
  const answer = await fetchPage(address.hostname, Number(address.port))
  expect(answer.status).toBe(200)
  expect(answer.body).toContain('Naru')

  await page.getByRole('link', { name: 'See its logs' }).click()
  await expect(logLines(page, 'naru-welcome')).toContainText('Naru welcome: listening on port 80')
  await expect(logLines(page, 'naru-welcome')).toContainText('response:200')
  await expect(row(page, 'naru-welcome')).toContainText(/Up .* second/)
  await expect(row(page, 'naru-welcome').getByRole('link')).toHaveText(new RegExp(address.port))

  await page.getByRole('button', { name: 'Stop naru-welcome' }).first().click()
  await expect(row(page, 'naru-welcome')).toContainText('Exited (0)')
  expect((await fetchPage(address.hostname, Number(address.port))).status).toBe(0)

  await choose(page, 'naru-welcome', 'Remove…')
  const dialog = page.getByRole('dialog', { name: 'Remove naru-welcome?' })
  await expect(dialog).toContainText('docker rm naru-welcome')
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'No containers yet' })).toBeVisible()

  await open(page, 'Activity')
  const done = list(page, 'Operations')
  for (const command of [/^docker run -d --name naru-welcome -p 127\.0\.0\.1:\d+:80 --pull never naru\/welcome:latest$/, /^docker stop( -t \d+)? naru-welcome$/, 'docker rm naru-welcome']) {
    await expect(done.getByRole('row').filter({ hasText: 'done' }).getByText(command)).toBeVisible()
  }

  await open(page, 'Engines')
  await page.getByRole('button', { name: 'Stop…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Stop engine' }).click()
  await expect(badge).toContainText('stopped', { timeout: 30_000 })
  // Asked for on every frame: a start is over within a second.
  const phase = page.getByRole('main').getByText(/Step \d of \d: [A-Z]/).waitFor()
  await page.getByRole('main').getByRole('button', { name: 'Start', exact: true }).click()
  await phase
  await expect(badge).toContainText('ready', { timeout: 60_000 })
})
