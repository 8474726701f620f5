/** The log of noisy containers: nothing lost, nothing frozen, found, saved. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { choose, logLines, open, row } from './support/parts.ts'
import { expect, test } from './support/workbench.ts'

const LINES = 60_000
/** Numbered lines as fast as the shell can, then the end. */
const NOISE = ['sh', '-c', `seq 1 ${LINES} | sed 's/$/ the quick brown fox jumps over the lazy dog/'; sleep 2`]
/** Longest time without a frame, ms; generous, the machine may be busy. */
const FROZEN = 1_500

async function watchFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    let last = performance.now()
    const seen = { longest: 0 }
    Object.assign(window, { frames: seen })
    const frame = (now: number): void => {
      seen.longest = Math.max(seen.longest, now - last)
      last = now
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
}
const longestFrame = (page: Page): Promise<number> => page.evaluate(() => (window as unknown as { frames: { longest: number } }).frames.longest)

async function showLog(page: Page, name: string): Promise<void> {
  await open(page, 'Containers')
  await row(page, name).getByRole('button', { name: `More actions for ${name}` }).click()
  await page.getByRole('menuitem', { name: 'Show logs' }).click()
}

test('a noisy container: the newest line stays in view, the page never freezes, nothing is lost', async ({ page, daemon }) => {
  await open(page, 'Containers')
  await watchFrames(page)
  await daemon.start('noisy', NOISE)
  await showLog(page, 'noisy')
  const log = logLines(page, 'noisy')
  await expect(log).toContainText(`${LINES} the quick`, { timeout: 30_000 })
  const pane = page.getByRole('region', { name: 'Log of noisy' })
  await expect(pane.getByText('Container is not running')).toBeVisible({ timeout: 20_000 })
  expect(await longestFrame(page)).toBeLessThan(FROZEN)

  // What the tail left out is loaded on demand; then held + missing = produced.
  const all = pane.getByRole('button', { name: 'Load everything the engine has' })
  if (await all.isVisible()) await all.click()
  await expect(pane.getByText(/^60,000 lines/)).toBeVisible({ timeout: 30_000 })
  await expect(pane.getByText(/lines are missing here/)).toHaveCount(0)
  expect(await longestFrame(page)).toBeLessThan(FROZEN)
})

test('scrolling up pauses with a pill of new lines; the pill returns to the end', async ({ page, daemon }) => {
  await daemon.start('talker', ['sh', '-c', 'i=0; while true; do i=$((i+1)); echo "line $i"; usleep 20000 2>/dev/null || sleep 0.02; done'])
  await showLog(page, 'talker')
  const log = logLines(page, 'talker')
  // More lines than the pane is high, whichever they are by the time it is open.
  await expect(log).toContainText(/line ([5-9]\d|\d{3,})\b/)
  await log.hover()
  await page.mouse.wheel(0, -300)
  const follow = page.getByRole('button', { name: 'Follow', exact: true })
  await expect(follow).toBeVisible()
  const pill = page.getByRole('button', { name: /\d+ new lines?/ })
  const behind = async (): Promise<number> => parseInt(await pill.innerText(), 10)
  const third = async (): Promise<string | undefined> => (await log.innerText()).split('\n')[2]
  await expect(pill).toBeVisible()
  // The wheel's own movement may take some frames; after it new lines no longer move the text.
  await expect(async () => {
    const [text, lines] = [await third(), await behind()]
    await expect.poll(behind).toBeGreaterThan(lines + 5)
    expect(await third()).toBe(text)
  }).toPass({ timeout: 10_000 })
  await expect(follow).toBeVisible()
  await pill.click()
  await expect(pill).toBeHidden()
  await expect(page.getByRole('button', { name: 'Following' })).toBeVisible()
})

test('search finds, steps through and marks; wrong patterns are told', async ({ page, daemon }) => {
  await daemon.start('numbers', ['sh', '-c', 'seq 1 20000 | sed "s/^/row-/"; sleep 1000'])
  await showLog(page, 'numbers')
  const log = logLines(page, 'numbers')
  await expect(log).toContainText('row-20000')
  const pane = page.getByRole('region', { name: 'Log of numbers' })
  const box = pane.getByRole('searchbox', { name: 'Search the log' })
  await box.fill('row-1999')
  await expect(pane.getByText('10 lines', { exact: true })).toBeVisible()
  await box.press('Enter')
  await expect(pane.getByText('1 of 10')).toBeVisible()
  await pane.getByRole('button', { name: 'Next match' }).click()
  await expect(pane.getByText('2 of 10')).toBeVisible()
  await expect(log).toContainText('row-1999')
  await pane.getByRole('button', { name: 'Regular expression' }).click()
  await box.fill('row-1999(5|6)$')
  await expect(pane.getByText('2 lines', { exact: true })).toBeVisible()
  await box.press('Enter')
  await box.fill('row-(')
  await expect(pane.getByRole('alert')).toContainText('not a valid regular expression')
})

test('save gives the same bytes as docker logs; wrap and times are kept', async ({ page, daemon }) => {
  await daemon.start('book', ['sh', '-c', 'for i in $(seq 1 3000); do echo "page $i $(printf %0300d $i)"; done; printf "\\033[31mred\\033[0m\\n"; printf "no newline"'])
  await showLog(page, 'book')
  const pane = page.getByRole('region', { name: 'Log of book' })
  await expect(pane.getByText('Container is not running')).toBeVisible()
  await expect(pane.getByText(/^3,002 lines/)).toBeVisible()
  await pane.getByRole('button', { name: 'More', exact: true }).click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Save to a file…' }).click()])
  expect(file.suggestedFilename()).toMatch(/^book-.*\.log$/)
  const saved = await readFile(await file.path())
  const shown = await daemon.docker('logs', 'book')
  const sum = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex')
  expect(saved.toString().trimEnd().split('\n')).toHaveLength(3_002)
  expect(sum(saved.toString().trimEnd())).toBe(sum(shown))

  const wrap = pane.getByRole('button', { name: 'Wrap long lines' })
  const before = await wrap.getAttribute('aria-pressed')
  await wrap.click()
  await expect(wrap).toHaveAttribute('aria-pressed', before === 'true' ? 'false' : 'true')
  await wrap.click()
  await expect(wrap).toHaveAttribute('aria-pressed', before ?? 'false')
})

test('the log opens in a window of its own and goes on there', async ({ page, naru, daemon }) => {
  await daemon.start('apart', ['sh', '-c', 'i=0; while true; do i=$((i+1)); echo "tick $i"; sleep 0.2; done'])
  await open(page, 'Containers')
  const window = await naru.nextWindow(() => choose(page, 'apart', 'Logs in own window'))
  await expect(window).toHaveTitle(/apart/)
  await expect(logLines(window, 'apart')).toContainText('tick 3')
  await expect(window.getByRole('navigation')).toHaveCount(0)
  await page.reload()
  const seen = Number(/tick (\d+)\D*$/.exec(await logLines(window, 'apart').innerText())?.[1])
  await expect(logLines(window, 'apart')).toContainText(`tick ${seen + 3}`)
  await window.close()
})

test('lines are told apart by level and filtered; the address keeps the filter, save has what passes', async ({ page, daemon }) => {
  // One output: the engine mixes two as it likes, so the end would not be known.
  const noise = 'i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo "INFO step $i"; [ $((i % 100)) = 0 ] && echo "ERROR broken $i" && echo "    at step.js:$i" ; [ $((i % 50)) = 0 ] && echo "WARN slow $i"; done; sleep 1000'
  await daemon.start('levels', ['sh', '-c', noise])
  await showLog(page, 'levels')
  const log = logLines(page, 'levels')
  const pane = page.getByRole('region', { name: 'Log of levels' })
  await expect(log).toContainText('INFO step 2000')
  await expect(log.locator('[data-level=error]').first()).toContainText('ERROR broken')

  await pane.getByRole('button', { name: 'Filter the lines' }).click()
  const filter = pane.getByRole('group', { name: 'Filter the lines' })
  await filter.getByRole('button', { name: 'Error', exact: true }).click()
  await expect(filter.getByText('40 lines pass')).toBeVisible()
  await expect(log.locator('.log-row').last()).toContainText('ERROR broken 2000')
  await log.getByRole('button', { name: '1 more line' }).last().click()
  await expect(log).toContainText('at step.js:2000')
  await expect(log).not.toContainText('INFO step')
  await expect(page).toHaveURL(/level=error/)

  await filter.getByRole('textbox', { name: 'Without' }).fill('/step\\.js:\\d+$/')
  await expect(filter.getByText('20 lines pass')).toBeVisible()
  await filter.getByRole('textbox', { name: 'With', exact: true }).fill('broken 1')
  await expect(filter.getByText('11 lines pass')).toBeVisible()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    pane.getByRole('button', { name: 'More', exact: true }).click().then(() => page.getByRole('menuitem', { name: 'Save to a file…' }).click()),
  ])
  const saved = (await readFile(await file.path(), 'utf8')).trimEnd().split('\n')
  expect(saved).toHaveLength(11)
  expect(saved[0]).toBe('ERROR broken 100')

  await filter.getByRole('textbox', { name: 'With', exact: true }).fill('/(/')
  await expect(filter.getByRole('alert')).toContainText('not a valid regular expression')
  await filter.getByRole('button', { name: 'Show all lines' }).click()
  await expect(log).toContainText('INFO step 2000')
  await expect(page).not.toHaveURL(/level=|with=/)
})

test('a line is looked at whole: JSON as a tree, its time, its output; the keyboard leads there and back', async ({ page, daemon }) => {
  await daemon.start('facts', ['sh', '-c', 'echo plain >&2; echo \'{"level":"warn","order":{"id":7,"note":"주문"}}\' >&2; sleep 1000'])
  await showLog(page, 'facts')
  const log = logLines(page, 'facts')
  await log.getByText('"order"').click()
  const panel = page.getByRole('region', { name: 'The line' })
  await expect(panel).toContainText('Warn')
  await expect(panel).toContainText('stderr')
  const note = panel.getByRole('listitem').filter({ hasText: 'note' }).last()
  await expect(note).toContainText('"주문"')
  await panel.getByRole('button', { name: 'Fold order' }).click()
  await expect(panel.getByText('"주문"')).toBeHidden()
  await panel.getByRole('button', { name: 'Open order' }).click()
  await expect(panel.getByText('"주문"')).toBeVisible()
  await panel.getByRole('button', { name: 'Previous line' }).click()
  await expect(panel.getByRole('group', { name: 'Text of the line' })).toHaveText('plain')
  await page.keyboard.press('Escape')
  await expect(panel).toBeHidden()
  await log.press('Enter')
  await expect(panel).toBeVisible()
})

test('lines with the same value are asked for from the tree of one of them', async ({ page, daemon }) => {
  const orders = 'for i in $(seq 1 200); do echo "{\\"order\\":$i,\\"shop\\":{\\"id\\":$((i % 10))}}"; done; sleep 1000'
  await daemon.start('orders', ['sh', '-c', orders])
  await showLog(page, 'orders')
  const log = logLines(page, 'orders')
  const pane = page.getByRole('region', { name: 'Log of orders' })
  await log.getByText('"order":200,').click()
  const panel = page.getByRole('region', { name: 'The line' })
  await panel.getByRole('listitem').filter({ hasText: /^id/ }).hover()
  await panel.getByRole('button', { name: 'What to do with shop.id' }).click()
  await page.getByRole('menuitem', { name: 'Show only lines with this value' }).click()
  await expect(pane.getByText('20 lines pass')).toBeVisible()
  await expect(log).not.toContainText('"order":199,')
  await expect(page).toHaveURL(/with=/)
})

test('fields of JSON and logfmt lines stand in columns, kept in the address and taken away again', async ({ page, daemon }) => {
  const lines = 'echo plain; for i in $(seq 11 20); do echo "{\\"order\\":$i,\\"shop\\":{\\"id\\":$((i % 10))}}"; done; echo "level=info order=77 msg=\\"by logfmt\\""; sleep 1000'
  await daemon.start('fields', ['sh', '-c', lines])
  await showLog(page, 'fields')
  const log = logLines(page, 'fields')
  const pane = page.getByRole('region', { name: 'Log of fields' })
  await expect(log).toContainText('by logfmt')
  await pane.getByRole('button', { name: 'Fields as columns' }).click()
  for (const name of ['order', 'shop.id']) {
    await page.getByRole('menuitemcheckbox', { name, exact: true }).click()
    await expect(page.getByRole('menuitemcheckbox', { name, exact: true })).toBeChecked()
  }
  await page.keyboard.press('Escape')
  const cells = (text: string) => log.locator('.log-row', { hasText: text }).locator('.log-cell')
  await expect(cells('by logfmt')).toHaveText(['77', '–'])
  await expect(cells('"order":20,')).toHaveText(['20', '0'])
  await expect(cells('plain')).toHaveText(['–', '–'])
  await expect(page).toHaveURL(/col=order&col=shop\.id/)
  // What is searched, copied and saved is the line as it was printed.
  await pane.getByRole('searchbox', { name: 'Search the log' }).fill('77')
  await expect(pane.getByText('1 line', { exact: true })).toBeVisible()

  const head = pane.getByRole('group', { name: 'Columns' })
  await head.getByText('order').hover()
  await expect(head.getByRole('button', { name: 'Take the column order away' })).toHaveCSS('opacity', '1')
  await head.getByRole('button', { name: 'Take the column order away' }).click()
  await expect(cells('by logfmt')).toHaveText(['–'])
  await page.reload()
  await expect(cells('"order":20,')).toHaveText(['0'])
})

/** A Java trace on stderr among lines on stdout, then silence. */
const TRACE = [
  'for i in $(seq 1 50); do echo "INFO before $i"; done',
  'printf "ERROR [main] App : failed\\njava.lang.IllegalStateException: boom\\n\\tat com.example.App.main(App.java:10)\\n\\tat java.lang.Thread.run(Thread.java:1)\\nCaused by: java.io.IOException: disk is full\\n\\t... 2 more\\n"',
  'for i in $(seq 1 50); do echo "INFO behind $i"; done',
  'sleep 1000',
].join('; ')

test('a stack trace is folded into its first line: opened by pointer and keys, by a search that leads into it, and not at all', async ({ page, daemon }) => {
  await daemon.start('traces', ['sh', '-c', TRACE])
  await showLog(page, 'traces')
  const log = logLines(page, 'traces')
  const pane = page.getByRole('region', { name: 'Log of traces' })
  await expect(log).toContainText('INFO behind 50')
  const box = pane.getByRole('searchbox', { name: 'Search the log' })

  // Found inside: the first line says so, and is opened by the step that leads there.
  await box.fill('disk is full')
  await expect(pane.getByText('1 line', { exact: true })).toBeVisible()
  await box.press('Enter')
  await expect(log.getByText('Caused by: java.io.IOException: disk is full')).toBeVisible()
  await expect(log.getByText('ERROR [main] App : failed')).toBeVisible()
  await log.getByRole('button', { name: 'Fold 5 lines' }).click()
  await expect(log.getByText('Caused by:')).toBeHidden()
  await box.fill('')

  // Keys: Enter picks the line, once more opens it; the arrows open and fold as well.
  await log.getByText('ERROR [main] App : failed').click()
  await log.focus()
  await log.press('Enter')
  await expect(log.getByText('at com.example.App.main')).toBeVisible()
  await log.press('ArrowLeft')
  await expect(log.getByText('at com.example.App.main')).toBeHidden()
  await log.press('ArrowRight')
  await expect(log.getByText('java.lang.IllegalStateException: boom')).toBeVisible()

  // Not folded: kept in the address and for the next time.
  await pane.getByRole('button', { name: 'Fold stack traces' }).click()
  await expect(page).toHaveURL(/fold=off/)
  await expect(log.getByRole('button', { name: /lines?$/ })).toHaveCount(0)
  await box.fill('disk is full')
  await expect(pane.getByText('1 line', { exact: true })).toBeVisible()
  await box.press('Enter')
  await expect(log.getByText('... 2 more')).toBeVisible()
})

test('a trace that is still being printed grows in its first line', async ({ page, daemon }) => {
  await daemon.start('slow-trace', ['sh', '-c', 'echo "ERROR x"; while ! [ -e /go ]; do sleep 0.1; done; echo "ERROR y"; for i in 1 2 3 4 5 6 7 8; do echo "    at f$i (a.js:$i)"; sleep 0.2; done; sleep 1000'])
  await showLog(page, 'slow-trace')
  const log = logLines(page, 'slow-trace')
  await expect(log).toContainText('ERROR x')
  await daemon.docker('exec', 'slow-trace', 'touch', '/go')
  await expect(log.getByRole('button', { name: /[1-7] more lines?/ })).toBeVisible()
  await expect(log.getByRole('button', { name: '8 more lines' })).toBeVisible()
})

test('an address in a line opens outside, letter for letter what is shown', async ({ page, daemon }) => {
  await daemon.start('links', ['sh', '-c', 'printf "see \\033[32mhttp://127.0.0.1:9/\\033[1mdocs\\033[0m, or \\033]8;;http://evil.example\\007click\\033]8;;\\007 here\\n"; sleep 1000'])
  await showLog(page, 'links')
  const log = logLines(page, 'links')
  await expect(log).toContainText('or click here')
  await expect(log.getByRole('link')).toHaveCount(1)
  const link = log.getByRole('link', { name: 'http://127.0.0.1:9/docs' })
  await expect(link).toHaveAttribute('href', 'http://127.0.0.1:9/docs')
  await expect(link).toHaveAttribute('target', '_blank')
  await expect(link).toHaveAttribute('rel', 'noreferrer noopener')
  await link.click()
  await expect(page.getByRole('region', { name: 'The line' })).toBeHidden()
})

test('lines over time: a range is dragged out, kept in the address, taken back; a time and a line are gone to', async ({ page, daemon }) => {
  // Two bursts with a second between them, in one output.
  await daemon.start('bursts', ['sh', '-c', 'for i in $(seq 1 400); do echo "early $i"; done; sleep 2; for i in $(seq 1 400); do echo "ERROR late $i"; done; sleep 1000'])
  await showLog(page, 'bursts')
  const log = logLines(page, 'bursts')
  const pane = page.getByRole('region', { name: 'Log of bursts' })
  await expect(log).toContainText('late 400')
  const chart = pane.getByRole('slider', { name: /Lines over time/ })
  await expect(chart.locator('path.bad')).toHaveAttribute('d', /M/)

  // By keys: from the first bar to the middle, where nothing is printed.
  await chart.press('Home')
  await expect(chart).toHaveAttribute('aria-valuetext', /[1-9]\d* lines?$/)
  const middle = Math.trunc(Number(await chart.getAttribute('aria-valuemax')) / 2)
  for (let bar = 0; bar < middle; bar += 1) await chart.press('Shift+ArrowRight')
  await chart.press('Enter')
  await expect(page).toHaveURL(/since=.*until=/)
  await expect(log).toContainText('early')
  await expect(log).not.toContainText('late')
  await expect(pane.getByText('800 lines')).toBeVisible()
  await pane.getByRole('button', { name: 'Show all times' }).click()
  await expect(log).toContainText('late 400')
  await expect(page).not.toHaveURL(/since=/)

  await pane.getByRole('button', { name: 'Go to a time or line' }).click()
  const box = pane.getByRole('textbox', { name: 'Time, how long ago, or line' })
  await box.fill('#200')
  await box.press('Enter')
  await expect(log).toContainText('early 200')
  await box.fill('whenever')
  await box.press('Enter')
  await expect(pane.getByRole('alert')).toContainText('Type a time')
  await pane.getByRole('button', { name: 'First line' }).click()
  await expect(log).toContainText('early 1')
  await pane.getByRole('button', { name: 'Last line' }).click()
  await expect(log).toContainText('late 400')
})

test('whole words, and a search kept under a name that outlives the page', async ({ page, daemon }) => {
  await daemon.start('words', ['sh', '-c', 'for i in $(seq 1 30); do echo "id $i"; echo "width $i"; echo "주문 $i건"; done; sleep 1000'])
  await showLog(page, 'words')
  const log = logLines(page, 'words')
  const pane = page.getByRole('region', { name: 'Log of words' })
  await expect(log).toContainText('width 30')
  await pane.getByRole('searchbox', { name: 'Search the log' }).fill('3')
  await expect(pane.getByText('9 lines', { exact: true })).toBeHidden()
  await pane.getByRole('button', { name: 'Whole words' }).click()
  await expect(pane.getByText('2 lines', { exact: true })).toBeVisible()

  await pane.getByRole('button', { name: 'Filter the lines' }).click()
  const filter = pane.getByRole('group', { name: 'Filter the lines' })
  await filter.getByRole('textbox', { name: 'With', exact: true }).fill('id')
  await expect(filter.getByText('60 lines pass')).toBeVisible()
  await filter.getByRole('button', { name: 'Whole words' }).click()
  await expect(filter.getByText('30 lines pass')).toBeVisible()
  await expect(page).toHaveURL(/word=1/)

  await filter.getByRole('button', { name: 'Saved', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Save this filter and search…' }).click()
  await filter.getByRole('textbox', { name: 'Name of the search' }).fill('only ids')
  await filter.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(filter.getByRole('button', { name: 'only ids' })).toBeVisible()
  await filter.getByRole('button', { name: 'Show all lines' }).click()
  await page.reload()
  await expect(log).toContainText('width 30')
  await pane.getByRole('button', { name: 'Filter the lines' }).click()
  await filter.getByRole('button', { name: 'Saved', exact: true }).click()
  await page.getByRole('menuitem', { name: 'only ids' }).click()
  await expect(filter.getByText('30 lines pass')).toBeVisible()
  await expect(pane.getByRole('searchbox', { name: 'Search the log' })).toHaveValue('3')

  await filter.getByRole('button', { name: 'only ids' }).click()
  await page.getByRole('menuitem', { name: 'Rename or remove…' }).click()
  await filter.getByRole('button', { name: 'Remove only ids' }).click()
  await expect(filter.getByText('Nothing saved yet')).toBeVisible()
})

test('a project as one log: merged, each told apart, only one of them, and who joins later', async ({ page, daemon }) => {
  const labels = { 'com.docker.compose.project': 'trio' }
  const talk = (name: string): readonly string[] => ['sh', '-c', `for i in $(seq 1 5); do echo "${name} says $i"; done; sleep 1000`]
  await daemon.start('alpha', talk('alpha'), { labels })
  await daemon.start('beta', talk('beta'), { labels })
  await open(page, 'Logs')
  await page.getByRole('list', { name: 'Containers' }).getByRole('button', { name: /^trio/ }).click()
  const log = logLines(page, 'trio')
  await expect(log).toContainText('alpha says 5')
  await expect(log).toContainText('beta says 5')
  await expect(log.locator('.log-row', { hasText: 'beta says 1' }).locator('.log-source')).toHaveText('beta')

  await daemon.start('gamma', talk('gamma'), { labels })
  await expect(log).toContainText('gamma says 5')
  await expect(log).toContainText('alpha says 1')

  const sources = page.getByRole('group', { name: 'Containers shown' })
  await sources.getByRole('button', { name: 'gamma' }).click({ modifiers: ['Alt'] })
  await expect(log).not.toContainText('alpha')
  await expect(log).toContainText('gamma says 5')
  await expect(page).toHaveURL(/only=gamma/)
  await sources.getByRole('button', { name: 'beta' }).click()
  await expect(log).toContainText('beta says 5')
  await expect(log).not.toContainText('alpha')

  // Some containers chosen one by one.
  const entries = page.getByRole('list', { name: 'Containers' })
  await entries.getByRole('button', { name: /^running alpha/i }).click()
  await expect(logLines(page, 'alpha')).toContainText('alpha says 5')
  await entries.getByRole('button', { name: /^running beta/i }).click({ modifiers: ['Control'] })
  await expect(logLines(page, '2 containers')).toContainText('beta says 5')
  await expect(logLines(page, '2 containers')).toContainText('alpha says 5')
})

test('what is older than what is loaded is fetched when it is gone to', async ({ page, daemon }) => {
  await daemon.start('long', ['sh', '-c', 'seq 1 15000 | sed "s/^/old-/"; sleep 1.5; seq 1 12000 | sed "s/^/new-/"; sleep 1000'])
  await showLog(page, 'long')
  const log = logLines(page, 'long')
  const pane = page.getByRole('region', { name: 'Log of long' })
  await expect(log).toContainText('new-12000')
  await page.reload()
  await expect(log).toContainText('new-12000')
  await expect(pane.getByText(/^10,000 lines/)).toBeVisible()
  await pane.getByRole('button', { name: 'Go to a time or line' }).click()
  const box = pane.getByRole('textbox', { name: 'Time, how long ago, or line' })
  await box.fill('1h')
  await box.press('Enter')
  await expect(log.getByText('old-1', { exact: true })).toBeVisible({ timeout: 20_000 })
  await expect(pane.getByText(/^27,000 lines/)).toBeVisible()
})
