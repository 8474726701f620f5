/** A container's main process: run with its terminal, left, found again after a reload, attached to again, started attached, its end told. */
import type { Locator, Page } from '@playwright/test'
import { findings } from './support/axe.ts'
import { choose, open, row, runPanel } from './support/parts.ts'
import { expect, goTo, test } from './support/workbench.ts'

const screenOf = (page: Page): Locator => page.locator('[data-terminal] .xterm-rows')
const inputOf = (page: Page, program: string, name: string): Locator => page.getByRole('textbox', { name: `Terminal ${program} in ${name}` })

/** Types a line; what is typed is split, so that only the answer holds the word. */
async function type(page: Page, input: Locator, line: string): Promise<void> {
  await input.focus()
  await page.keyboard.type(`${line}\n`)
}

async function runLine(page: Page, line: string): Promise<void> {
  await open(page, 'Containers')
  await page.getByRole('button', { name: /^Run…/ }).click()
  const panel = runPanel(page)
  await panel.getByRole('textbox', { name: 'Command line' }).fill(line)
  await expect(panel.getByText('Attach to its main process, then start it: its terminal opens here.')).toBeVisible()
  await panel.getByRole('button', { name: 'Run attached' }).click()
  await expect(panel).toBeHidden()
}

test('docker run -it opens its terminal; it is left and found, and its end is told', async ({ page, daemon }) => {
  await runLine(page, 'docker run -it --name shell naru/welcome sh')
  const input = inputOf(page, 'main process', 'shell')
  await type(page, input, 'echo he""re; kept=yes')
  await expect(screenOf(page)).toContainText('here')
  await expect(page.getByText('docker attach shell')).toBeVisible()

  // Its own keys leave it running.
  await input.focus()
  await page.keyboard.press('Control+P')
  await page.keyboard.press('Control+Q')
  await expect(page.getByText('Detached. The container goes on.')).toBeVisible()
  await expect(row(page, 'shell')).toContainText('Up')
  await page.getByRole('button', { name: 'Attach again' }).click()
  await expect(page.getByText('Detached. The container goes on.')).toBeHidden()
  await type(page, input, 'echo it is $kept')
  await expect(screenOf(page)).toContainText('it is yes')

  // So does the button, and closing.
  await page.getByRole('button', { name: 'Detach' }).click()
  await expect(page.getByText('Detached. The container goes on.')).toBeVisible()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByRole('button', { name: 'Attach', exact: true }).click()
  await expect(input).toBeVisible()
  expect(await findings(page)).toEqual([])
  await page.getByRole('button', { name: /^Close main process/ }).click()
  await expect(input).toBeHidden()
  expect((await daemon.call('GET', '/containers/shell/json')).body).toMatchObject({ State: { Running: true } })

  await choose(page, 'shell', 'Attach to its main process')
  await type(page, input, 'exit 3')
  await expect(page.getByText('The container stopped with exit code 3: error 3.')).toBeVisible()
  await page.getByRole('button', { name: 'Start attached' }).click()
  await expect(page.getByText(/^The container stopped/)).toBeHidden()
  await type(page, input, 'echo once mo""re; exit')
  await expect(screenOf(page)).toContainText('once more')
  await expect(page.getByText('The container stopped with exit code 0: finished.')).toBeVisible()

  await choose(page, 'shell', 'Start attached')
  await expect(page.getByText(/^The container stopped/)).toBeHidden()
  await type(page, input, 'echo aga""in')
  await expect(screenOf(page)).toContainText('again')
})

test('with --rm nothing of it is lost: what it printed, its exit code', async ({ page }) => {
  await runLine(page, `docker run --rm --name brief naru/welcome sh -c 'echo famous last words; exit 4'`)
  await expect(page.getByText('The container ended with exit code 4 (error 4) and was removed.')).toBeVisible()
  await expect(screenOf(page)).toContainText('famous last words')
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await expect(page.getByText('This container is no longer there.')).toBeVisible()
})

test('without a terminal lines are written here, and Ctrl+D ends the input; without -i there is only output', async ({ page, daemon }) => {
  await runLine(page, `docker run -i --name lines naru/welcome sh -c 'while read -r line; do echo "got $line"; done; echo input over; exit 5'`)
  const input = inputOf(page, 'main process', 'lines')
  await input.focus()
  await page.keyboard.type('onx')
  await page.keyboard.press('Backspace')
  await page.keyboard.type('e\n')
  await expect(screenOf(page)).toContainText('got one')
  await page.keyboard.press('Control+D')
  await expect(screenOf(page)).toContainText('input over')
  await expect(page.getByText('The container stopped with exit code 5: error 5.')).toBeVisible()

  const id = await daemon.start('mute', ['sh', '-c', 'while :; do echo tick; sleep 1; done'])
  await goTo(page, `containers/${id}?tab=terminal`)
  await expect(page.getByText('It takes no input: the container was made without -i.')).toBeVisible()
  await page.getByRole('button', { name: 'Attach', exact: true }).click()
  await expect(screenOf(page)).toContainText('tick')
  await expect(page.getByText('Output only: the container was made without -i')).toBeVisible()
  await daemon.call('POST', `/containers/${id}/kill`)
  await expect(page.getByText('The container stopped with exit code 137: killed.')).toBeVisible()
})

test('terminals are there again after the page is loaded anew, with what they showed', async ({ page, daemon }) => {
  const id = await daemon.start('box', ['sleep', '3600'])
  await goTo(page, `containers/${id}?tab=terminal`)
  await page.getByRole('button', { name: 'Open terminal' }).click()
  const input = inputOf(page, 'sh', 'box')
  await type(page, input, 'cd /www; mark=kept; echo be""fore')
  await expect(screenOf(page)).toContainText('before')
  await page.reload()
  await goTo(page, `containers/${id}?tab=terminal`)
  await expect(screenOf(page)).toContainText('before')
  await type(page, input, 'echo "$mark in $PWD"')
  await expect(screenOf(page)).toContainText('kept in /www')

  // A program that hears neither Ctrl+C nor Ctrl+D is not left behind.
  await type(page, input, 'clear; vi /new-file')
  await expect(screenOf(page)).toContainText('- /new-file')
  await page.getByRole('button', { name: 'Close sh 1' }).click()
  await expect
    .poll(async () => ((await daemon.call('GET', `/containers/${id}/top`)).body as { Processes: unknown[] }).Processes.length)
    .toBe(1)
})
