/** Every screen and the main dialogs keep axe's rules, light and dark; the main job begins without a mouse. */
import { COLOURS, EVERYTHING, findings } from './support/axe.ts'
import { choose, logLines, open, row, runPanel } from './support/parts.ts'
import { expect, goTo, test } from './support/workbench.ts'

const SCREENS = ['overview', 'containers', 'images', 'hub', 'builds', 'logs', 'ports', 'activity', 'engines', 'settings']

for (const [scheme, rules] of [
  ['light', EVERYTHING],
  ['dark', COLOURS],
] as const) {
  test(`no rule of axe is broken: ${scheme}`, async ({ page, daemon }) => {
    test.setTimeout(120_000)
    await page.emulateMedia({ colorScheme: scheme })
    await daemon.start('shop', undefined, { hostPort: 18_490, labels: { 'com.docker.compose.project': 'store' } })
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
