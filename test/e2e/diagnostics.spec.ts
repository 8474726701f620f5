/** The self-check and the support bundle against a real engine: found from the palette, run, and its report on the clipboard. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { findings } from './support/axe.ts'
import { open, runPanel } from './support/parts.ts'
import { expect, test } from './support/workbench.ts'

test('looks at engine and machine, tells what is wrong beside what is fine, and runs again', async ({ page }) => {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('self-check')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Self-check' })).toBeVisible()
  const row = (id: string) => page.locator(`[data-check=${id}]`)
  await expect(row('engine')).toHaveAttribute('data-state', 'passed')
  await expect(row('engine')).toContainText(/answers in \d/)
  await expect(page.getByRole('button', { name: 'Run again' })).toBeEnabled({ timeout: 40_000 })
  // The folder of this Naru is its own, and nothing on the screen may be an accident of this machine.
  await expect(row('access')).toContainText('is open to nobody else')
  await expect(page.locator('[data-state=running], [data-state=left]')).toHaveCount(0)
  expect(await findings(page)).toEqual([])

  await page.getByRole('button', { name: 'Run again' }).click()
  await expect(row('engine')).toHaveAttribute('data-state', 'passed')
  await open(page, 'Engines')
  await page.getByRole('link', { name: 'Self-check' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Self-check' })).toBeVisible()
})

const FILES = ['self-check.txt', 'naru.json', 'settings.json', 'machine.json', 'engines.json', 'operations.json', 'engine-room.log', 'dockerd.log', 'containerd.log', 'vm-console.log', 'vm-qemu.log']

test('a support bundle is looked at first, saved as it was shown, and holds no secret of what was done', async ({ page }) => {
  const secret = 'Geheim-Wort-77-planted'
  const folder = await mkdtemp(join(tmpdir(), 'naru-bundle-'))
  try {
    // Something that fails and repeats what it was given.
    await open(page, 'Containers')
    await page.getByRole('button', { name: /^Run…/ }).click()
    const panel = runPanel(page)
    await panel.getByRole('textbox', { name: 'Command line' }).fill(`docker run -d -e DB_PASSWORD=${secret} 127.0.0.1:1/not-here:1 --token=${secret}`)
    await panel.getByRole('button', { name: /^Pull and run/ }).click()
    await expect(panel.getByRole('alert').first()).toBeVisible({ timeout: 20_000 })
    await page.keyboard.press('Escape')
    await expect(page.locator('footer.foot code')).toContainText('-e DB_PASSWORD=••••••••')
    await expect(page.locator('footer.foot')).not.toContainText(secret)

    await open(page, 'Engines')
    await page.getByRole('link', { name: 'Self-check' }).click()
    await expect(page.getByRole('button', { name: 'Run again' })).toBeEnabled({ timeout: 40_000 })
    await page.getByRole('button', { name: 'Save a support bundle…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Support bundle' })
    await expect(dialog.locator('[data-file]')).toHaveCount(FILES.length)
    const shown: Record<string, string> = {}
    for (const name of FILES) {
      await dialog.locator(`[data-file="${name}"]`).click()
      await expect(dialog.locator(`[data-file="${name}"]`)).toHaveAttribute('aria-current', 'true')
      shown[name] = (await dialog.locator('[data-preview]').textContent()) ?? ''
    }
    expect(await findings(page)).toEqual([])
    expect(shown['self-check.txt']).toContain('[fine] Engine')
    expect(shown['operations.json']).toContain('containers.run')
    const path = join(folder, 'bundle.tar.gz')
    await dialog.getByLabel('Save as').fill(path)
    await dialog.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(dialog).toBeHidden()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const files: Record<string, string> = {}
    const tar = extract()
    tar.end(gunzipSync(await readFile(path)))
    for await (const entry of tar) {
      const pieces: Buffer[] = []
      for await (const piece of entry) pieces.push(piece as Buffer)
      files[entry.header.name.replace(/^naru-support-\d{8}-\d{6}\//, '')] = Buffer.concat(pieces).toString()
    }
    expect(files).toEqual(shown)
    expect(JSON.stringify(files)).not.toContain(secret)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
