/** A terminal in a running container: typed into, resized, left and found again, ended with its container. */
import type { Locator, Page } from '@playwright/test'
import { findings } from './support/axe.ts'
import { choose, notices, open, row } from './support/parts.ts'
import { expect, goTo, test } from './support/workbench.ts'

/** Longest time without a frame, ms; generous, the machine may be busy. */
const FROZEN = 1_500
const screenOf = (page: Page): Locator => page.locator('[data-terminal] .xterm-rows')
const inputOf = (page: Page, name: string): Locator => page.getByRole('textbox', { name: `Terminal sh in ${name}` })

/** Types a line; what is typed is split, so that only the answer holds the word. */
async function run(page: Page, name: string, line: string): Promise<void> {
  await inputOf(page, name).focus()
  await page.keyboard.type(`${line}\n`)
}

test('a shell: typed into, resized, a second one, left and found again, ended with its container', async ({ page, daemon }) => {
  const id = await daemon.start('box', ['sleep', '3600'])
  await open(page, 'Containers')
  await choose(page, 'box', 'Open terminal')
  await expect(page.getByRole('tab', { name: 'Terminal' })).toHaveAttribute('aria-selected', 'true')
  await expect(page.getByText('docker exec -it box /bin/sh')).toBeVisible()
  await run(page, 'box', 'echo he""llo 안녕 $TERM')
  await expect(screenOf(page)).toContainText('hello 안녕 xterm-256color')

  // Its size is the program's: another window, another size.
  await run(page, 'box', 'trap "echo now $(stty size | tr " " x)" WINCH; stty size | sed "s/ /x/;s/^/was /"')
  await expect(screenOf(page)).toContainText(/was \d+x\d+/)
  const columns = async (): Promise<number> => {
    await run(page, 'box', 'clear; stty size | sed "s/ /x/;s/^/size /"')
    await expect(screenOf(page)).toContainText(/size \d+x\d+/)
    return Number(/size \d+x(\d+)/.exec(await screenOf(page).innerText())?.[1])
  }
  const wide = await columns()
  await page.setViewportSize({ width: 980, height: 820 })
  await expect.poll(columns).toBeLessThan(wide)

  // A full-screen program draws itself again after leaving.
  await run(page, 'box', 'vi /new-file')
  await expect(screenOf(page)).toContainText('~')
  await page.keyboard.type('ifull screen')
  await goTo(page, 'images')
  await goTo(page, `containers/${id}?tab=terminal`)
  await expect(screenOf(page)).toContainText('full screen')
  // It may still be drawing when the key comes, and take it for the beginning of another.
  await expect(async () => {
    await inputOf(page, 'box').focus()
    await page.keyboard.press('Escape')
    await expect(screenOf(page)).toContainText('- /new-file', { timeout: 2_000 })
  }).toPass({ timeout: 20_000 })
  await page.keyboard.type(':q!\n')
  await run(page, 'box', 'clear; echo vi has en""ded')
  await expect(screenOf(page)).toContainText('vi has ended')

  // A second one beside it.
  await page.getByRole('button', { name: 'New terminal' }).click()
  await page.getByRole('button', { name: 'Open terminal' }).click()
  await run(page, 'box', 'echo sec""ond')
  await expect(screenOf(page)).toContainText('second')
  const terminals = page.getByRole('group', { name: 'Terminals' })
  await expect(terminals.getByRole('button', { name: /^sh \d$/ })).toHaveCount(2)
  await page.getByRole('button', { name: 'Close sh 2' }).click()
  await expect(terminals.getByRole('button', { name: /^sh \d$/ })).toHaveCount(1)

  // It goes on while nobody looks, and shows what it printed.
  await run(page, 'box', 'clear; sleep 1; echo mean""while')
  await goTo(page, 'images')
  await expect(page.getByRole('heading', { level: 1, name: 'Images' })).toBeVisible()
  await goTo(page, `containers/${id}?tab=terminal`)
  await expect(screenOf(page)).toContainText('meanwhile')
  await run(page, 'box', 'echo al""ive')
  await expect(screenOf(page)).toContainText('alive')

  // The keyboard gets out again.
  await page.keyboard.press('Shift+F6')
  await expect(terminals.getByRole('button', { name: 'sh 1', exact: true })).toBeFocused()
  expect(await findings(page)).toEqual([])

  await daemon.call('POST', `/containers/${id}/kill`)
  await expect(page.getByText('The container stopped (exit code 137: killed), and the command with it.')).toBeVisible()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await expect(page.getByText('No terminal: the container is not running.')).toBeVisible()
  await page.getByRole('button', { name: 'Start box' }).last().click()
  await expect(page.getByRole('button', { name: '/bin/sh' })).toBeVisible()
})

test('a flood is stopped by Ctrl+C, text is found, copied and pasted, colours are drawn', async ({ page, naru, daemon }) => {
  await daemon.start('noisy', ['sleep', '3600'])
  await naru.context.grantPermissions(['clipboard-read', 'clipboard-write']).catch(() => undefined)
  await open(page, 'Containers')
  await row(page, 'noisy').click()
  await page.getByRole('tab', { name: 'Terminal' }).click()
  await page.getByRole('textbox', { name: 'Command' }).fill('/bin/sh')
  await page.getByText('User, folder, environment').click()
  await page.getByRole('textbox', { name: 'Folder' }).fill('/www')
  await page.getByRole('textbox', { name: 'Environment' }).fill('WORD=needle')
  await page.getByRole('button', { name: 'Open terminal' }).click()
  await expect(page.getByText('docker exec -it -w /www -e WORD=needle noisy /bin/sh')).toBeVisible()
  await page.evaluate(() => {
    const seen = { last: performance.now(), longest: 0, frames: 0 }
    Object.assign(window, { frames: seen })
    const frame = (now: number): void => {
      Object.assign(seen, { longest: Math.max(seen.longest, now - seen.last), last: now, frames: seen.frames + 1 })
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
  await run(page, 'noisy', 'yes 0123456789012345678901234567890123456789')
  await expect(screenOf(page)).toContainText('0123456789012345678901234567890123456789')
  // The page lives on beneath the flood.
  await page.waitForFunction(() => (window as unknown as { frames: { frames: number } }).frames.frames > 100)
  await page.keyboard.press('Control+C')
  await run(page, 'noisy', 'echo "$PWD has a $WORD"; printf "\\033[31mred\\033[0m\\n"')
  await expect(screenOf(page)).toContainText('/www has a needle')
  expect(await page.evaluate(() => (window as unknown as { frames: { longest: number } }).frames.longest)).toBeLessThan(FROZEN)
  const red = await screenOf(page).locator('span', { hasText: /^red$/ }).evaluate((element) => getComputedStyle(element).color)
  // Which theme it is, the spec before decided.
  const dark = (await page.locator('html').getAttribute('data-theme')) === 'dark'
  expect(red).toBe(dark ? 'rgb(240, 112, 112)' : 'rgb(194, 53, 53)')

  await page.keyboard.press('Control+F')
  const box = page.getByRole('searchbox', { name: 'Find in the terminal' })
  await expect(box).toBeFocused()
  await box.fill('has a needle')
  await expect(page.getByText('1 of 1')).toBeVisible()
  // What was found is selected: it can be copied and pasted back.
  await box.press('Escape')
  await expect(inputOf(page, 'noisy')).toBeFocused()
  await page.keyboard.press('Control+Shift+C')
  await expect(notices(page)).toContainText('Copied')
  await page.keyboard.type('echo pas""ted ')
  await page.keyboard.press('Shift+Insert')
  await page.keyboard.press('Enter')
  await expect(screenOf(page)).toContainText('pasted has a needle')
})
