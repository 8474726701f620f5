/** Tidying up: a name more, an archive out and in again, a clean-up that says first what goes, a newer image. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { Page } from '@playwright/test'
import { pack } from 'tar-stream'
import { writeLayered } from './support/layers.ts'
import { list, open } from './support/parts.ts'
import { canRunRegistry, expect, test } from './support/shop.ts'

const imageRow = (page: Page, name: string) => list(page, 'Images').getByRole('row').filter({ hasText: name })

async function choose(page: Page, name: string, action: string): Promise<void> {
  await imageRow(page, name).getByRole('button', { name: /^More actions/ }).click()
  await page.getByRole('menuitem', { name: action }).click()
}
async function more(page: Page, action: string): Promise<void> {
  await page.getByRole('button', { name: 'More for images' }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

async function tarFile(folder: string, name: string, text: string): Promise<string> {
  const archive = pack()
  archive.entry({ name: 'file.txt' }, text)
  archive.finalize()
  const path = join(folder, name)
  await writeFile(path, await buffer(archive))
  return path
}

test('an image is tagged, saved, removed and loaded again', async ({ page }) => {
  test.setTimeout(90_000)
  await open(page, 'Images')
  await choose(page, 'naru/welcome', 'Tag…')
  const tag = page.getByRole('dialog', { name: 'Tag naru/welcome:latest' })
  const name = tag.getByRole('textbox', { name: 'New name' })
  await name.fill('shop/HELLO')
  await name.blur()
  await expect(tag.getByRole('alert')).toContainText(/small letters|is not an image name/)
  await expect(tag.getByRole('button', { name: 'Tag', exact: true })).toBeDisabled()
  await name.fill('shop/hello:1')
  await expect(tag).toContainText('docker tag naru/welcome:latest shop/hello:1')
  await tag.getByRole('button', { name: 'Tag', exact: true }).click()
  await expect(tag).toBeHidden()
  await expect(imageRow(page, 'naru/welcome')).toContainText('shop/hello:1')

  // A picker of the system's own cannot be answered by a test; without one the file is downloaded.
  await page.evaluate(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))
  await choose(page, 'naru/welcome', 'Save to a file…')
  const save = page.getByRole('dialog', { name: 'Save naru/welcome:latest' })
  await expect(save).toContainText('docker save -o naru-welcome-latest.tar naru/welcome:latest shop/hello:1')
  const [file] = await Promise.all([page.waitForEvent('download'), save.getByRole('button', { name: 'Save', exact: true }).click()])
  expect(file.suggestedFilename()).toBe('naru-welcome-latest.tar')
  const path = await file.path()
  const strip = page.getByRole('region', { name: 'Archives' })
  await expect(strip.getByRole('status').first()).toContainText('Saved')

  await choose(page, 'naru/welcome', 'Remove…')
  const removal = page.getByRole('dialog')
  await removal.getByRole('radio', { name: /all its 2 tags/ }).click()
  await removal.getByRole('button', { name: 'Delete image' }).click()
  await expect(imageRow(page, 'naru/welcome')).toBeHidden()

  await more(page, 'Load from a file…')
  const load = page.getByRole('dialog', { name: 'Load images' })
  await load.locator('input[type=file]').setInputFiles(path)
  await load.getByRole('button', { name: 'Load 1 file' }).click()
  await expect(strip.getByText(/^Loaded .*naru\/welcome:latest/)).toBeVisible({ timeout: 30_000 })
  await expect(imageRow(page, 'naru/welcome')).toContainText('shop/hello:1')
  await open(page, 'Activity')
  await expect(page.getByText(/^docker save -o naru-welcome-latest.tar/).first()).toBeVisible()
})

test('a broken archive says so, and an image comes from a root filesystem', async ({ page }) => {
  const folder = await mkdtemp(join(tmpdir(), 'naru-e2e-tidy-'))
  try {
    const broken = join(folder, 'broken.tar')
    await writeFile(broken, 'no archive at all '.repeat(100))
    const files = await tarFile(folder, 'root.tar', 'hello')
    await open(page, 'Images')
    await more(page, 'Load from a file…')
    await page.locator('input[type=file]').setInputFiles(broken)
    await page.getByRole('button', { name: 'Load 1 file' }).click()
    const strip = page.getByRole('region', { name: 'Archives' })
    await expect(strip).toContainText('broken.tar is not a whole archive')
    await strip.getByRole('button', { name: 'Put away' }).first().click()

    await more(page, 'Import a root filesystem…')
    const dialog = page.getByRole('dialog', { name: 'Import a root filesystem' })
    await dialog.locator('input[type=file]').setInputFiles(files)
    await dialog.getByRole('textbox', { name: 'Name of the image' }).fill('made/base:1')
    await dialog.getByRole('textbox', { name: /^Instructions/ }).fill('CMD ["/bin/sh"]')
    await expect(dialog).toContainText("docker import -c 'CMD [\"/bin/sh\"]' root.tar made/base:1")
    await dialog.getByRole('button', { name: 'Import', exact: true }).click()
    await expect(imageRow(page, 'made/base')).toBeVisible()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('a clean-up lists what goes and what it frees before it does', async ({ page, daemon }) => {
  const folder = await mkdtemp(join(tmpdir(), 'naru-e2e-tidy-'))
  try {
    await daemon.docker('import', await tarFile(folder, 'a.tar', 'a'.repeat(400_000)))
    await daemon.docker('import', await tarFile(folder, 'b.tar', 'b'.repeat(700_000)), 'spare/one:1')
    await daemon.start('keeper', ['sleep', '600'])
    await open(page, 'Images')
    await expect(imageRow(page, 'spare/one')).toBeVisible()
    await more(page, 'Clean up images…')
    const dialog = page.getByRole('dialog', { name: 'Clean up images' })
    const rows = dialog.getByRole('list', { name: 'What goes' }).getByRole('listitem')
    await expect(rows).toHaveCount(1)
    await expect(dialog).toContainText(/Frees 400\s?kB: 1 of 1/)
    await dialog.getByRole('button', { name: 'All unused' }).click()
    await expect(rows).toHaveCount(2)
    await expect(dialog).toContainText('1 image stays: a container is made from it.')
    await expect(dialog).toContainText('docker image prune -a')
    await rows.filter({ hasText: 'spare/one' }).getByRole('checkbox').click()
    await expect(dialog).toContainText(/Frees 400\s?kB: 1 of 2/)
    await dialog.getByRole('button', { name: 'Remove 1', exact: true }).click()
    await expect(dialog).toContainText(/400\s?kB freed/)
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await expect(imageRow(page, 'spare/one')).toBeVisible()
    expect(await daemon.docker('images', '-q', '--filter', 'dangling=true')).toBe('')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('history, and the way to a value as a template', async ({ page }) => {
  await open(page, 'Images')
  await imageRow(page, 'naru/welcome').click({ position: { x: 90, y: 14 } })
  await page.getByRole('tab', { name: 'History' }).click()
  await expect(page.getByRole('region', { name: 'History, newest first' }).getByRole('row')).toHaveCount(7)
  await page.getByRole('tab', { name: 'Inspect' }).click()
  await page.getByRole('searchbox').fill('architecture')
  await page.getByRole('button', { name: /^Architecture (?:amd64|arm64)/ }).click()
  await expect(page.getByText('Copied {{.Architecture}}')).toBeVisible()
})

test.describe('newer images', () => {
  test.skip(!canRunRegistry, 'docker-registry is not installed')

  test('a check finds it, the pull fetches it and says who stays on the old one', async ({ page, daemon, shop }) => {
    test.setTimeout(90_000)
    const folder = await mkdtemp(join(tmpdir(), 'naru-e2e-tidy-'))
    try {
      await daemon.docker('pull', shop.image)
      await daemon.docker('run', '-d', '--name', 'behind', shop.image)
      await open(page, 'Images')
      await choose(page, 'team/app', 'Check for a newer image')
      await expect(page.getByText('No newer images')).toBeVisible()
      await writeLayered(join(folder, 'newer.tar'), 1, 500_000)
      await shop.registry.seed(join(folder, 'newer.tar'), 'team/app', '1')
      await expect(async () => {
        await choose(page, 'team/app', 'Check for a newer image')
        await expect(imageRow(page, 'team/app').getByRole('button', { name: 'newer image' })).toBeVisible({ timeout: 3_000 })
      }).toPass({ timeout: 30_000 })
      await imageRow(page, 'team/app').getByRole('button', { name: 'newer image' }).click()
      const dialog = page.getByRole('dialog', { name: /^Get the newer localhost/ })
      await expect(dialog.getByRole('link', { name: /behind/ })).toBeVisible()
      await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
      await expect(dialog).toContainText('is now the newer image.', { timeout: 30_000 })
      await expect(dialog).toContainText('Still on the old image: 1 container.')
      await dialog.getByRole('button', { name: 'Close' }).last().click()
      await expect(imageRow(page, 'team/app').getByRole('button', { name: 'newer image' })).toBeHidden()
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

test('what a container holds is exported as one tar', async ({ page, daemon }) => {
  await daemon.start('holder', ['sleep', '600'])
  await open(page, 'Containers')
  const row = list(page, 'Containers').getByRole('row').filter({ hasText: 'holder' })
  await row.getByRole('button', { name: 'More actions for holder' }).click()
  await page.getByRole('menuitem', { name: 'Export files…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Export the files of holder' })
  await dialog.getByRole('button', { name: /^A path on/ }).click()
  const folder = await mkdtemp(join(tmpdir(), 'naru-e2e-tidy-'))
  try {
    await dialog.getByRole('textbox', { name: 'Path' }).fill(join(folder, 'holder.tar'))
    await expect(dialog).toContainText(`docker export -o ${join(folder, 'holder.tar')} holder`)
    await dialog.getByRole('button', { name: 'Export', exact: true }).click()
    await open(page, 'Activity')
    await expect(page.getByRole('row').filter({ hasText: 'docker export -o' })).toContainText('done')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
