/** Logs for others and beside each other: saved as JSON lines, a link to a line, two views at once. */
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { logLines, notices, open } from './support/parts.ts'
import { expect, test } from './support/workbench.ts'

const chooseLog = async (page: Page, name: RegExp): Promise<void> => {
  await open(page, 'Logs')
  await page.getByRole('list', { name: 'Containers' }).getByRole('button', { name }).click()
}
const query = (page: Page): URLSearchParams => new URLSearchParams(page.url().split('?')[1] ?? '')

test('a merged log is saved as JSON lines: who, when, where, how serious, and what was printed', async ({ page, daemon }) => {
  const labels = { 'com.docker.compose.project': 'duo' }
  await daemon.start('duo-web', ['sh', '-c', 'echo \'{"level":"warn","order":7}\'; printf "bad \\377 bytes \\033[31mred\\033[0m\\n" >&2; sleep 1000'], { labels })
  await daemon.start('duo-db', ['sh', '-c', 'echo "INFO 주문"; sleep 1000'], { labels })
  await chooseLog(page, /^duo/)
  const pane = page.getByRole('region', { name: 'Log of duo' })
  await expect(logLines(page, 'duo')).toContainText('주문')
  await expect(logLines(page, 'duo')).toContainText('red')
  const save = async (): Promise<Record<string, unknown>[]> => {
    await pane.getByRole('button', { name: 'More', exact: true }).click()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Save as JSON lines…' }).click()])
    expect(file.suggestedFilename()).toMatch(/^duo-.*\.jsonl$/)
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(await file.path()))
    return text.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  }
  const named = (lines: readonly Record<string, unknown>[]) => lines.map(({ time, container, ...rest }) => ({ name: (container as { name: string }).name, timed: /^2\d{3}-.*Z$/.test(String(time)), ...rest }))
  const all = named(await save())
  expect(all).toHaveLength(3)
  expect(all).toContainEqual({ name: 'duo-web', timed: true, stream: 'stdout', level: 'warn', line: '{"level":"warn","order":7}', fields: { level: 'warn', order: 7 } })
  expect(all).toContainEqual({ name: 'duo-web', timed: true, stream: 'stderr', level: 'unknown', line: 'bad \ufffd bytes \u001b[31mred\u001b[0m' })
  expect(all).toContainEqual({ name: 'duo-db', timed: true, stream: 'stdout', level: 'info', line: 'INFO 주문' })

  // Only this one, by its key; then only that is saved.
  await page.getByRole('group', { name: 'Containers shown' }).getByRole('button', { name: 'duo-db' }).press('o')
  await expect(page).toHaveURL(/only=duo-db/)
  await expect(logLines(page, 'duo')).not.toContainText('red')
  expect(named(await save()).map(({ name }) => name)).toEqual(['duo-db'])
})

test('a link to a line leads back to it, filter included, after a reload and from the palette; a lost line is told', async ({ page, naru, daemon }) => {
  await naru.context.grantPermissions(['clipboard-read', 'clipboard-write']).catch(() => undefined)
  await daemon.start('linked', ['sh', '-c', 'seq 1 5000 | sed "s/^/old-/"; sleep 1.2; seq 1 12000 | sed "s/^/new-/"; sleep 1000'])
  await chooseLog(page, /^running linked/i)
  const pane = page.getByRole('region', { name: 'Log of linked' })
  const log = logLines(page, 'linked')
  const picked = log.locator('.log-row.selected')
  await expect(log).toContainText('new-12000')
  await pane.getByRole('button', { name: 'Filter the lines' }).click()
  await pane.getByRole('textbox', { name: 'Without' }).fill('/[13579]$/')
  await pane.getByRole('searchbox', { name: 'Search the log' }).fill('old-4200')
  await expect(pane.getByText('1 line', { exact: true })).toBeVisible()
  await pane.getByRole('searchbox', { name: 'Search the log' }).press('Enter')
  await expect(log).toContainText('old-4202')
  await log.getByText('old-4200', { exact: true }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Copy link to this line' }).click()
  await expect(notices(page)).toContainText('Link copied')

  await open(page, 'Overview')
  await page.keyboard.press('ControlOrMeta+k')
  await expect(page.getByRole('combobox')).toBeFocused()
  await page.keyboard.press('ControlOrMeta+v')
  await expect(page.getByRole('combobox')).toHaveValue(/^naru:\/logs\?engine=.*&container=.*&without=.*&line=/)
  await expect(page.getByRole('option')).toHaveText(/^Open the linked log line/)
  await page.keyboard.press('Enter')
  await expect(picked).toContainText('old-4200')
  await expect(log).toContainText('old-4202')
  await expect(log).not.toContainText('old-4201')

  // The newest 10 000 lines, which a page loads first, do not have it.
  await page.reload()
  await expect(picked).toContainText('old-4200', { timeout: 20_000 })
  await expect(page.getByRole('region', { name: 'The line' })).toContainText('old-4200')

  const words = query(page)
  const line = words.get('line') ?? ''
  await page.keyboard.press('Escape')
  await expect(page).not.toHaveURL(/line=/)
  const lost = async (value: string): Promise<void> => {
    words.set('line', value)
    await page.evaluate((hash) => (location.hash = hash), `/logs?${words.toString()}`)
  }
  await lost(line.replace(/~\d+\./, '~1000000000.'))
  await expect(pane.getByRole('alert')).toContainText('no longer has the linked line', { timeout: 15_000 })
  // The log that was opened anew for it stands at its end and goes on, with nothing moving as well: a height that is set is there to be measured.
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const measured = await page.evaluate(() => {
    const box = document.body.appendChild(document.createElement('div'))
    const heights = ['1px', '500px'].map((height) => {
      box.style.height = height
      return box.offsetHeight
    })
    box.remove()
    return heights
  })
  expect(measured).toEqual([1, 500])
  await page.reload()
  await expect(pane.getByRole('alert')).toContainText('no longer has the linked line', { timeout: 15_000 })
  await expect(log).toContainText('new-12000')
  await expect(pane.getByRole('button', { name: 'Following', exact: true })).toBeVisible()
  await pane.getByRole('button', { name: 'Forget the link' }).click()
  await expect(pane.getByRole('alert')).toHaveCount(0)
  await daemon.docker('rm', '-f', 'linked')
  await lost(line)
  await expect(page.getByText('The linked line is gone')).toBeVisible()
})

test('two logs beside each other: each its own, kept in the address, moved together by time, by keys', async ({ page, daemon }) => {
  const talk = (name: string): string[] => ['sh', '-c', `for i in $(seq 1 400); do echo "${name} $i"; done; sleep 1.5; for i in $(seq 1 400); do echo "${name} late $i"; done; sleep 1000`]
  await Promise.all([daemon.start('left', talk('left')), daemon.start('right', talk('right'))])
  await chooseLog(page, /^running left/i)
  const [left, right] = [logLines(page, 'left'), logLines(page, 'right')]
  await expect(left).toContainText('left late 400')
  await left.press('s')
  await expect(right).toContainText('right late 400')
  await expect(page).toHaveURL(/b\.container=/)
  const second = page.getByRole('region', { name: 'Log of right' })
  await second.getByRole('button', { name: 'Filter the lines' }).click()
  await second.getByRole('textbox', { name: 'Without' }).fill('7')
  await expect(page).toHaveURL(/b\.without=7/)
  await page.reload()
  await expect(right).toContainText('right late 400')
  await expect(right).not.toContainText('right late 397')
  await expect(left).toContainText('left late 397')

  await page.getByRole('checkbox', { name: 'Move both together by time' }).click()
  await left.press('g')
  await expect(left).toContainText('left 1')
  await expect(right.locator('.log-row', { hasText: /^\D*right \d+$/ }).first()).toBeVisible()
  await left.press('F6')
  await expect(right).toBeFocused()
  await right.press('G')
  await expect(left).toContainText('left late')

  // What stays keeps its filter and has all the room.
  await page.getByRole('button', { name: 'Close the log of left' }).click()
  await expect(left).toHaveCount(0)
  await expect(right).toContainText('right late 400')
  await expect(right).not.toContainText('right late 397')
  await expect(page).toHaveURL(/[?&]without=7/)
  await expect(page).not.toHaveURL(/b\./)
})
