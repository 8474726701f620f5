/** Logs for everybody: screen readers, keys, text of every script, lines of any length, drivers that keep nothing. */
import type { Locator, Page } from '@playwright/test'
import { findings } from './support/axe.ts'
import { choose, logLines, open } from './support/parts.ts'
import { expect, test } from './support/workbench.ts'

async function showLog(page: Page, name: string): Promise<void> {
  await open(page, 'Containers')
  await choose(page, name, 'Show logs')
}

test('a mode for screen readers: a list walked line by line, news told seldom; every key is listed', async ({ page, daemon }) => {
  await daemon.start('spoken', ['sh', '-c', 'for i in 1 2 3; do echo "WARN step $i"; done; while true; do for i in 1 2 3 4 5 6 7 8 9 10; do echo tick; done; sleep 0.2; done'])
  await showLog(page, 'spoken')
  const pane = page.getByRole('region', { name: 'Log of spoken' })
  const log = logLines(page, 'spoken')
  await expect(log).toContainText('tick')
  await log.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toContainText('Screen-reader mode')
  await page.keyboard.press('Escape')

  await pane.getByRole('button', { name: 'No times' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Screen-reader mode' }).click()
  await page.keyboard.press('Escape')
  const lines = pane.getByRole('list', { name: 'Log of spoken' })
  await lines.locator('[tabindex="0"]').focus()
  await page.keyboard.press('Home')
  const here = lines.locator(':focus')
  await expect(here).toContainText('WARN step 1')
  await expect(here).toContainText('Warn')
  await page.keyboard.press('ArrowDown')
  await expect(here).toContainText('WARN step 2')
  await expect(here).toHaveAttribute('aria-posinset', '2')
  const news = pane.getByRole('log', { name: 'New lines' })
  await expect(news).toHaveText(/^\d+ new lines$/)
  // About fifty lines a second: the next news is some seconds and a hundred lines away, and the focus stays.
  const before = await news.innerText()
  await expect(news).not.toHaveText(before, { timeout: 10_000 })
  expect(Number(/\d+/.exec(await news.innerText())?.[0])).toBeGreaterThan(60)
  await expect(here).toContainText('WARN step 2')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('region', { name: 'The line' })).toContainText('WARN step 2')
  expect(await findings(page)).toEqual([])
  await page.keyboard.press('Escape')
  await page.keyboard.press('r')
  await expect(logLines(page, 'spoken')).toContainText('tick')
})

test('wide characters and emoji keep their columns, right-to-left text and five megabytes in a line do no harm', async ({ page, daemon }) => {
  const rows = ['printf "상품|\\n"', 'printf "abcd|\\n"', 'printf "🚚🚀|\\n"', 'printf "価格|\\n"', 'printf "\\342\\200\\256 \\327\\251\\327\\234\\327\\225\\327\\235 right\\n"', 'printf "after|\\n"']
  await daemon.start('scripts', ['sh', '-c', `${rows.join('; ')}; head -c 5000000 /dev/zero | tr '\\0' x; echo; echo the end; sleep 1000`])
  await showLog(page, 'scripts')
  const log = logLines(page, 'scripts')
  await expect(log).toContainText('the end', { timeout: 20_000 })
  await expect(log).toContainText('line cut here')
  /** Where the bar at the end of a row is drawn. */
  const barOf = (row: Locator): Promise<number> =>
    row.locator('.log-text').evaluate((body) => {
      const range = document.createRange()
      range.selectNodeContents(body)
      const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT)
      let last: Node = body
      while (walker.nextNode()) last = walker.currentNode
      range.setStart(last, (last.textContent ?? '').length - 1)
      return range.getBoundingClientRect().left
    })
  await log.press('g')
  const rowOf = (text: string): Locator => log.locator('.log-row', { hasText: text })
  const plain = await barOf(rowOf('abcd|'))
  for (const wide of ['상품|', '🚚🚀|', '価格|']) expect(Math.abs((await barOf(rowOf(wide))) - plain), wide).toBeLessThan(1)
  // What turns the direction of writing ends with its line, and never reaches the columns before it.
  const [turned, after] = [rowOf('right'), rowOf('after|')]
  const left = (row: Locator, part: string): Promise<number> => row.locator(part).evaluate((element) => element.getBoundingClientRect().left)
  for (const part of ['.log-level', '.log-text']) expect(Math.abs((await left(turned, part)) - (await left(after, part))), part).toBeLessThan(1)
  await expect(after.locator('.log-text')).toHaveText('after|')
})

test('a driver that keeps nothing says so, and how to change it', async ({ page, daemon }) => {
  await daemon.docker('run', '-d', '--name', 'mute', '--log-driver', 'none', 'naru/welcome', 'sleep', '1000')
  await showLog(page, 'mute')
  await expect(page.getByText('The log driver none keeps nothing that can be read back.')).toBeVisible()
  await expect(page.getByText(/Run it anew with --log-driver json-file or local/)).toBeVisible()
  await open(page, 'Logs')
  await page.getByRole('list', { name: 'Containers' }).getByRole('button', { name: /^running mute/i }).click()
  await expect(page.getByText('Run it with the driver json-file or local.')).toBeVisible()
})
