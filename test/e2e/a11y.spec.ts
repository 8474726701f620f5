/** Every screen and the main dialogs keep axe's rules, light and dark; the main job begins without a mouse. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { loadStack } from './support/stacks.ts'
import { COLOURS, EVERYTHING, findings } from './support/axe.ts'
import { choose, list, logLines, open, row, runPanel } from './support/parts.ts'
import { expect, goTo, test } from './support/workbench.ts'

const SCREENS = ['overview', 'containers', 'images', 'hub', 'builds', 'settings/registries', 'logs', 'ports', 'activity', 'engines', 'settings']

/** An image with its files, two side by side, the dialogs of images, the form of a build and a build. */
async function imagesAndBuilds(page: Page, rules: typeof EVERYTHING): Promise<void> {
  const look = async (what: string): Promise<void> => expect.soft(await findings(page, rules), what).toEqual([])
  const image = (name: string) => list(page, 'Images').getByRole('row').filter({ hasText: name })
  await open(page, 'Images')
  await image('look/two').getByText('look/two').click()
  await expect(page.getByRole('tree', { name: 'Files' }).getByRole('treeitem').first()).toBeVisible({ timeout: 30_000 })
  await page.getByRole('tree', { name: 'Files' }).getByRole('treeitem').first().click()
  await look('image, layers analysed')
  await page.getByRole('button', { name: 'Remove…' }).click()
  await expect(page.getByRole('note', { name: 'What remains' })).toBeVisible()
  await look('removal of an image')
  await page.keyboard.press('Escape')
  await open(page, 'Images')
  for (const name of ['look/one', 'look/two']) await image(name).getByRole('checkbox').click()
  await page.getByRole('link', { name: 'Compare', exact: true }).click()
  await expect(page.getByText('Here they part')).toBeVisible()
  await look('comparison, layers')
  await page.getByRole('tab', { name: 'Files' }).click()
  await expect(page.getByRole('tree', { name: 'Files of both images' }).getByRole('treeitem').first()).toBeVisible({ timeout: 30_000 })
  await look('comparison, files')
  await open(page, 'Images')
  await page.getByRole('button', { name: 'More for images' }).click()
  await page.getByRole('menuitem', { name: 'Clean up images…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'All unused' }).click()
  await expect(page.getByRole('list', { name: 'What goes' })).toBeVisible()
  await look('clean-up of images')
  await page.keyboard.press('Escape')

  const folder = await mkdtemp(join(tmpdir(), 'naru-a11y-'))
  try {
    await writeFile(join(folder, 'Dockerfile'), 'FROM naru/welcome:latest AS base\nARG GREETING=hi\nFROM base\nRUN echo "$GREETING"\n')
    await open(page, 'Builds')
    await page.getByRole('button', { name: 'Build…' }).first().click()
    const form = page.getByRole('dialog', { name: 'Build an image' })
    await form.getByRole('textbox', { name: 'Folder' }).fill(folder)
    await form.getByRole('textbox', { name: 'Folder' }).press('Enter')
    await expect(form.getByRole('region', { name: 'What is sent' })).toBeVisible()
    await form.getByRole('textbox', { name: 'Tag 1' }).fill('look/built:1')
    await look('form of a build')
    await form.getByRole('button', { name: /^Build( |$|Ctrl)/ }).click()
    await expect(page.getByRole('main').getByText('succeeded', { exact: true })).toBeVisible({ timeout: 60_000 })
    await look('a build')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

for (const [scheme, rules] of [
  ['light', EVERYTHING],
  ['dark', COLOURS],
] as const) {
  test(`no rule of axe is broken: ${scheme}`, async ({ page, daemon }) => {
    test.setTimeout(120_000)
    await page.emulateMedia({ colorScheme: scheme })
    await daemon.start('shop', undefined, { hostPort: 18_490, labels: { 'com.docker.compose.project': 'store' } })
    const base = { instruction: 'COPY base /', files: { 'etc/motd': 'hello' } }
    await loadStack(daemon, 'look/one:1', [base, { instruction: 'COPY one /', files: { 'app/one.txt': 'one' } }])
    await loadStack(daemon, 'look/two:1', [base, { instruction: 'COPY two /', files: { 'app/two.txt': 'two', 'etc/motd': 'again' } }])
    await daemon.start('failed', ['sh', '-c', 'echo oops; exit 3'])
    await open(page, 'Containers')
    await expect(row(page, 'failed')).toContainText('Exited (3)')
    for (const screen of SCREENS) {
      await goTo(page, screen)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      expect.soft(await findings(page, rules), screen).toEqual([])
    }
    await open(page, 'Containers')
    for (const tab of ['Logs', 'Overview', 'Ports', 'Environment', 'Inspect']) {
      if (tab === 'Logs') await row(page, 'shop').getByText('shop', { exact: true }).click()
      await page.getByRole('tab', { name: tab }).click()
      expect.soft(await findings(page, rules), `container, ${tab}`).toEqual([])
    }
    await page.getByRole('button', { name: /^Run…/ }).click()
    await runPanel(page).getByRole('combobox', { name: 'Image' }).fill('naru/welcome')
    await expect(runPanel(page).getByRole('textbox', { name: 'Host port' })).toBeVisible()
    expect.soft(await findings(page, rules), 'run panel').toEqual([])
    await runPanel(page).getByRole('button', { name: 'Cancel' }).click()
    await choose(page, 'shop', 'Remove…')
    expect.soft(await findings(page, rules), 'remove dialog').toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.keyboard.press('Control+K')
    await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible()
    expect.soft(await findings(page, rules), 'palette').toEqual([])
    await page.keyboard.press('Escape')
    await imagesAndBuilds(page, rules)
    await page.emulateMedia({ colorScheme: null })
  })
}

test('from the palette to a running container and its log, with the keyboard alone', async ({ page }) => {
  await page.keyboard.press('Control+K')
  const commands = page.getByRole('dialog', { name: 'Commands' })
  await expect(commands.getByRole('combobox')).toBeFocused()
  await page.keyboard.type('run a container')
  await page.keyboard.press('Enter')
  const panel = runPanel(page)
  await expect(panel.getByRole('combobox', { name: 'Image' })).toBeFocused()
  await page.keyboard.type('naru/wel')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(panel.getByRole('combobox', { name: 'Image' })).toHaveValue('naru/welcome:latest')
  await page.keyboard.press('Tab')
  await expect(panel.getByRole('textbox', { name: /^Name/ }).first()).toBeFocused()
  await page.keyboard.type('by-keys')
  await page.keyboard.press('Control+Enter')
  await expect(panel).toBeHidden({ timeout: 20_000 })
  await expect(logLines(page, 'by-keys')).toContainText('listening on port 80')
  await page.keyboard.press('Control+2')
  await expect(page.getByRole('heading', { level: 1, name: 'Containers' })).toBeVisible()
  await page.keyboard.press('Control+1')
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
})
