/** Images as stacks: who stands on them, what they share, where two part, and what lies in each layer. */
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { Page } from '@playwright/test'
import { extract } from 'tar-stream'
import type { StackStep } from '../support/stack-image.ts'
import type { Daemon } from './support/daemon.ts'
import { list, open } from './support/parts.ts'
import { loadStack } from './support/stacks.ts'
import { expect, test } from './support/workbench.ts'

const BASE = { instruction: 'COPY base /', files: { 'etc/motd': 'hello from the base\n', 'usr/base.bin': Buffer.alloc(400_000, 1) } }
const ENV = { instruction: 'ENV COLOUR=green' }

/** Two shops on one base; the second writes a file of the first again. */
async function loadShops(daemon: Daemon): Promise<void> {
  const shops: Readonly<Record<string, readonly StackStep[]>> = {
    'shop/one:1': [BASE, ENV, { instruction: 'COPY app /', files: { 'app/readme.txt': 'first shop\n', 'app/data.bin': Buffer.alloc(100_000, 2) } }],
    'shop/two:1': [BASE, ENV, { instruction: 'COPY app /', files: { 'app/readme.txt': 'second shop\n' } }, { instruction: 'COPY motd /etc', files: { 'etc/motd': 'hello again\n' } }],
  }
  for (const [tag, steps] of Object.entries(shops)) await loadStack(daemon, tag, steps)
}

async function tarNames(path: string): Promise<Record<string, string>> {
  const names: Record<string, string> = {}
  const reader = extract()
  createReadStream(path).pipe(reader)
  for await (const entry of reader) names[entry.header.name] = await text(entry)
  return names
}

const imageRow = (page: Page, name: string) => list(page, 'Images').getByRole('row').filter({ hasText: name })
const files = (page: Page) => page.getByRole('tree', { name: 'Files' })
const file = (page: Page, name: string) => files(page).getByRole('treeitem').filter({ has: page.getByText(name, { exact: true }) })

test('the stack shows who stands on it and what it shares; two images part above their base', async ({ page, daemon }) => {
  await loadShops(daemon)
  await daemon.docker('create', '--name', 'standing', 'shop/two:1', '/app')
  await open(page, 'Images')
  await expect(imageRow(page, 'shop/one')).toContainText('400kB')
  await expect(page.getByText(/shared by several, kept once/)).toContainText('400kB')

  await imageRow(page, 'shop/two').getByText('shop/two').click()
  await expect(page.getByRole('link', { name: /standing/ })).toContainText('writable layer 0B')
  const stack = page.getByRole('listbox', { name: 'Layers, newest first' })
  await expect(stack.getByRole('option')).toHaveCount(4)
  await expect(stack.getByRole('option').last()).toContainText('shared with 1 image')
  await stack.getByRole('option').last().click()
  await expect(page.getByRole('link', { name: 'shop/one:1' })).toBeVisible()
  await expect(page.getByText(/overlay2\/[0-9a-f]+….?\/diff/).first()).toBeVisible()
  await page.getByRole('link', { name: /standing/ }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Containers' })).toBeVisible()

  await open(page, 'Images')
  for (const name of ['shop/one', 'shop/two']) await imageRow(page, name).getByRole('checkbox').click()
  await page.getByRole('link', { name: 'Compare', exact: true }).click()
  await expect(page.getByText('Here they part')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Common base: 1 layer, 400kB, stored once' })).toBeVisible()
  await expect(page.getByRole('list', { name: /^Layers of its own.*shop\/two/ }).getByRole('listitem')).toHaveCount(2)
  await page.getByRole('tab', { name: 'Files' }).click()
  const both = page.getByRole('tree', { name: 'Files of both images' })
  await expect(both.getByRole('treeitem').first()).toBeVisible({ timeout: 30_000 })
  await page.getByRole('searchbox', { name: 'Filter files' }).fill('data.bin')
  await expect(both.getByRole('treeitem').filter({ hasText: 'data.bin' })).toContainText('100kB')
})

test('the files of a layer: tree, waste, text, saved', async ({ page, daemon }) => {
  await loadShops(daemon)
  await open(page, 'Images')
  await imageRow(page, 'shop/two').getByText('shop/two').click()
  await expect(page.getByText(/^analysed in/)).toBeVisible({ timeout: 30_000 })
  await expect(file(page, 'motd')).toBeVisible()
  await expect(page.getByRole('button', { name: 'changed 1' })).toBeVisible()

  await page.getByRole('button', { name: 'Stacked' }).click()
  await file(page, 'app').click()
  await page.keyboard.press('ArrowRight')
  await expect(file(page, 'readme.txt')).toBeVisible()
  await page.keyboard.press('ArrowDown')
  const chosen = page.getByRole('region', { name: 'Chosen path' })
  await expect(chosen).toContainText('/app/readme.txt')
  await page.keyboard.press('Enter')
  const viewer = page.getByRole('dialog', { name: 'readme.txt' })
  await expect(viewer.getByRole('region', { name: 'readme.txt' })).toContainText('second shop', { timeout: 30_000 })
  await viewer.getByRole('button', { name: 'Hex' }).click()
  await expect(viewer.getByRole('region', { name: 'readme.txt' })).toContainText('73 65 63 6f 6e 64')
  await page.keyboard.press('Escape')
  await expect(viewer).toBeHidden()

  const [saved] = await Promise.all([page.waitForEvent('download'), chosen.getByRole('button', { name: 'Save…' }).click()])
  expect(saved.suggestedFilename()).toBe('readme.txt')
  expect(await readFile(await saved.path(), 'utf8')).toBe('second shop\n')

  await file(page, 'app').click()
  await expect(chosen).toContainText('/app')
  const [folder] = await Promise.all([page.waitForEvent('download'), chosen.getByRole('button', { name: 'Save…' }).click()])
  expect(folder.suggestedFilename()).toBe('app.tar')
  expect(await tarNames(await folder.path())).toMatchObject({ 'app/readme.txt': 'second shop\n' })

  const waste = page.getByRole('region', { name: 'How well the layers use their bytes' })
  await waste.getByRole('button', { name: '1 wasted path' }).click()
  await waste.getByRole('list', { name: 'Wasted paths, largest first' }).getByRole('button').click()
  await expect(page.getByRole('button', { name: 'This layer' })).toHaveAttribute('aria-pressed', 'true')
  await expect(chosen).toContainText('/etc/motd')
})

test('a removal says what it frees and what stays for others; a large image is read when asked, and the reading can be stopped', async ({ page, daemon }) => {
  test.setTimeout(90_000)
  await loadStack(daemon, 'base/os:1', [BASE])
  await loadStack(daemon, 'shop/built:1', [BASE, { instruction: 'COPY app /', files: { 'app/data.bin': Buffer.alloc(100_000, 2) } }])
  await loadStack(daemon, 'shop/large:1', [{ instruction: 'COPY large /', files: { 'large.bin': Buffer.alloc(201_000_000) } }])
  await open(page, 'Images')
  await imageRow(page, 'base/os').getByText('base/os').click()
  await page.getByRole('button', { name: 'Push…' }).click()
  await expect(page.getByRole('dialog', { name: 'Push base/os:1' })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Remove…' }).click()
  const remains = page.getByRole('dialog').getByRole('note', { name: 'What remains' })
  await expect(remains).toContainText('Frees 0B. 1 layer (400kB) stays: other images have it too.')
  await expect(remains).toContainText('1 image has all its layers and stays whole:')
  await expect(remains.getByRole('link', { name: 'shop/built:1' })).toBeVisible()
  await page.keyboard.press('Escape')

  await open(page, 'Images')
  await imageRow(page, 'shop/built').getByText('shop/built').click()
  await page.getByRole('button', { name: 'Remove…' }).click()
  await expect(remains).toContainText('Frees 100kB. 1 layer (400kB) stays')
  await daemon.docker('create', '--name', 'holder', 'shop/built:1', '/app')
  await expect(remains).toContainText('Frees 100kB once no container made from it is left.')
  await expect(remains).not.toContainText('stays whole')
  await page.keyboard.press('Escape')

  await open(page, 'Images')
  await imageRow(page, 'shop/large').getByText('shop/large').click()
  await page.getByRole('button', { name: 'Analyse' }).click()
  await page.getByRole('region', { name: 'Reading shop/large:1' }).getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('button', { name: 'Analyse' })).toBeVisible()
  await expect(files(page)).toBeHidden()
  await open(page, 'Activity')
  await expect(page.getByRole('row').filter({ hasText: 'shop/large:1' }).first()).toContainText(/cancelled/i)
})
