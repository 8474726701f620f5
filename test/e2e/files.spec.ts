/** Files of a container: browsed, opened, taken out, put in, renamed and deleted, running and stopped. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { findings } from './support/axe.ts'
import { expect, goTo, test } from './support/workbench.ts'

const grid = (page: Page, path = '/'): Locator => page.getByRole('grid', { name: `Files in ${path}` })
const line = (page: Page, name: string, path = '/'): Locator => grid(page, path).getByRole('row').filter({ has: page.getByRole('button', { name, exact: true }) })
const crumb = (page: Page, name: string): Locator => page.getByRole('navigation', { name: 'Path' }).getByRole('button', { name, exact: true })
const strip = (page: Page): Locator => page.getByRole('region', { name: 'Uploads and downloads' })
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function select(page: Page, name: string, path = '/'): Promise<void> {
  await line(page, name, path).getByRole('checkbox').click()
}
async function saved(page: Page, begin: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), begin()])
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) }
}

test('a running container: folders, links, a file shown, taken out, put in, renamed, deleted', async ({ page, daemon }, info) => {
  const id = await daemon.start('shelf', ['sleep', '3600'])
  const folder = info.outputPath('tree')
  await mkdir(join(folder, 'in ner'), { recursive: true })
  await writeFile(join(folder, 'note.txt'), 'first line\nsecond line\n')
  await writeFile(join(folder, 'in ner', "odd'name"), 'odd')
  await daemon.docker('cp', `${folder}/.`, 'shelf:/srv')
  await daemon.docker('exec', 'shelf', '/bin/busybox', 'ln', '-s', '../srv/in ner', '/srv/lead')

  // The browser's own question where to save is not the page's.
  await page.evaluate(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))
  await goTo(page, `containers/${id}?tab=files`)
  await expect(page.getByRole('tab', { name: 'Files' })).toHaveAttribute('aria-selected', 'true')
  await expect(line(page, 'srv')).toContainText('added')
  await expect(page.getByText('as the running container sees it')).toBeVisible()
  expect(await findings(page)).toEqual([])

  // By name, by keyboard, by link; back by crumb and by key.
  await line(page, 'srv').getByRole('button', { name: 'srv' }).click()
  await expect(line(page, 'note.txt', '/srv')).toContainText('23B')
  await expect(line(page, 'lead', '/srv')).toContainText('→ ../srv/in ner')
  await line(page, 'lead', '/srv').getByRole('button', { name: 'lead' }).click()
  await expect(line(page, "odd'name", '/srv/in ner')).toBeVisible()
  await crumb(page, 'srv').click()
  await expect(line(page, 'note.txt', '/srv')).toBeVisible()
  await page.keyboard.press('Home')
  await expect(grid(page, '/srv').locator('[data-line="0"]')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(line(page, "odd'name", '/srv/in ner')).toBeVisible()
  await expect(grid(page, '/srv/in ner').locator('[data-line="0"]')).toBeFocused()
  await page.keyboard.press('Backspace')
  await expect(line(page, 'note.txt', '/srv')).toBeVisible()

  await line(page, 'note.txt', '/srv').getByRole('button', { name: 'note.txt' }).click()
  const viewer = page.getByRole('dialog', { name: 'note.txt' })
  await expect(viewer).toContainText('second line')
  await page.keyboard.press('Escape')
  await expect(viewer).toHaveCount(0)

  // Out: a file as it is, a folder as a tar.
  await select(page, 'note.txt', '/srv')
  const out = await saved(page, () => page.getByRole('button', { name: 'Download', exact: true }).click())
  expect(out).toMatchObject({ name: 'note.txt', bytes: Buffer.from('first line\nsecond line\n') })
  await expect(strip(page)).toContainText('shelf:/srv/note.txt downloaded (23B)')
  await select(page, 'note.txt', '/srv')
  await select(page, 'in ner', '/srv')
  const tar = await saved(page, () => page.getByRole('button', { name: 'Download', exact: true }).click())
  expect(tar.name).toBe('in-ner.tar')
  expect(tar.bytes.toString('latin1')).toContain("in ner/odd'name")
  await page.getByRole('button', { name: 'Clear selection' }).click()

  // In: by picker; what is there is asked about.
  const content = randomBytes(2_500_000)
  await page.locator('[data-upload-files]').setInputFiles([
    { name: 'big.bin', mimeType: 'application/octet-stream', buffer: content },
    { name: 'run.sh', mimeType: 'text/plain', buffer: Buffer.from('#!/bin/sh\n') },
  ])
  await expect(strip(page)).toContainText('Uploaded to shelf:/srv/: 2 files')
  await expect(line(page, 'run.sh', '/srv')).toContainText('-rwxr-xr-x')
  await daemon.docker('cp', 'shelf:/srv/big.bin', info.outputPath('big.bin'))
  expect(sha(await readFile(info.outputPath('big.bin')))).toBe(sha(content))
  await page.locator('[data-upload-files]').setInputFiles([{ name: 'run.sh', mimeType: 'text/plain', buffer: Buffer.from('plain now') }])
  const replace = page.getByRole('dialog', { name: 'run.sh is there already' })
  await replace.getByRole('button', { name: 'Replace' }).click()
  await expect(line(page, 'run.sh', '/srv')).toContainText('9B')
  await expect(line(page, 'run.sh', '/srv')).toContainText('-rwxr-xr-x')

  // In: by drop.
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer()
    transfer.items.add(new File(['dropped'], 'dropped file.txt'))
    return transfer
  })
  const zone = page.locator('[data-drop-zone]')
  await zone.dispatchEvent('dragenter', { dataTransfer: data })
  await expect(page.getByText('Drop to upload to /srv')).toBeVisible()
  await zone.dispatchEvent('drop', { dataTransfer: data })
  await expect(line(page, 'dropped file.txt', '/srv')).toContainText('7B')

  // New folder, another name, gone.
  await page.getByRole('button', { name: 'New folder' }).click()
  const made = page.getByRole('dialog', { name: 'New folder in /srv' })
  await made.getByRole('textbox', { name: 'Name' }).fill('a/b')
  await expect(made.getByRole('button', { name: 'Create folder' })).toBeDisabled()
  await made.getByRole('textbox', { name: 'Name' }).fill('fresh')
  await made.getByRole('button', { name: 'Create folder' }).click()
  await expect(line(page, 'fresh', '/srv')).toBeVisible()
  await select(page, 'fresh', '/srv')
  await page.getByRole('button', { name: 'Rename', exact: true }).click()
  const rename = page.getByRole('dialog', { name: 'Rename fresh' })
  await rename.getByRole('textbox', { name: 'New name' }).fill('note.txt')
  await rename.getByRole('button', { name: 'Rename' }).click()
  await expect(rename.getByText('note.txt is there already.')).toBeVisible()
  await rename.getByRole('textbox', { name: 'New name' }).fill('older')
  await expect(rename.getByText('docker exec -u 0 shelf mv -- /srv/fresh /srv/older')).toBeVisible()
  await rename.getByRole('button', { name: 'Rename' }).click()
  await expect(line(page, 'older', '/srv')).toBeVisible()
  await select(page, 'older', '/srv')
  await select(page, 'big.bin', '/srv')
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  const remove = page.getByRole('dialog', { name: 'Delete 2 names?' })
  await expect(remove.getByText('docker exec -u 0 shelf rm -rf -- /srv/older /srv/big.bin')).toBeVisible()
  await remove.getByRole('button', { name: 'Delete' }).click()
  await expect(line(page, 'older', '/srv')).toHaveCount(0)
  await expect(line(page, 'big.bin', '/srv')).toHaveCount(0)
  expect(await daemon.docker('exec', 'shelf', '/bin/busybox', 'ls', '/srv')).not.toMatch(/older|big/)

  // Only what fits the filter, and a way back.
  await page.getByRole('searchbox', { name: 'Filter names' }).fill('NOTE')
  await expect(grid(page, '/srv').locator('[data-line]')).toHaveCount(1)
  await page.getByRole('searchbox', { name: 'Filter names' }).fill('nothing like it')
  await page.getByRole('button', { name: 'Show all' }).click()
  await expect(line(page, 'run.sh', '/srv')).toBeVisible()
  expect(await findings(page)).toEqual([])
})

test('a stopped container: read from its archive, files in and out, and why names stay', async ({ page, daemon }, info) => {
  const id = await daemon.start('still', undefined, { created: true })
  const file = info.outputPath('kept.txt')
  await writeFile(file, 'kept')
  await daemon.docker('cp', file, 'still:/kept.txt')
  // The browser's own question where to save is not the page's.
  await page.evaluate(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))
  await goTo(page, `containers/${id}?tab=files`)
  await expect(line(page, 'kept.txt')).toContainText('added')
  await expect(page.getByText(/from the archive, /)).toBeVisible()
  await select(page, 'kept.txt')
  await expect(page.getByRole('button', { name: 'Delete', exact: true })).toBeDisabled()
  await expect(page.getByText('The container’s own programs rename and delete; it is not running.').first()).toBeVisible()
  const out = await saved(page, () => page.getByRole('button', { name: 'Download', exact: true }).click())
  expect(out.bytes.toString()).toBe('kept')
  await page.getByRole('button', { name: 'Clear selection' }).click()
  await page.locator('[data-upload-files]').setInputFiles([{ name: 'new one', mimeType: 'text/plain', buffer: Buffer.from('new') }])
  await expect(line(page, 'new one')).toContainText('3B')
  await page.getByRole('button', { name: 'New folder' }).click()
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('made')
  await page.getByRole('dialog').getByRole('button', { name: 'Create folder' }).click()
  await expect(line(page, 'made')).toBeVisible()

  // A picture is drawn, and one with the wrong bytes is not.
  const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
  await page.locator('[data-upload-files]').setInputFiles([{ name: 'dot.png', mimeType: 'image/png', buffer: pixel }])
  await line(page, 'dot.png').getByRole('button', { name: 'dot.png' }).click()
  const picture = page.getByRole('img', { name: 'dot.png' })
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1)
  await page.keyboard.press('Escape')
  expect(await findings(page)).toEqual([])
})
