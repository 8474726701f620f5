/** What a container uses: charts, the same in numbers, a file; and that nobody is asked while nobody looks. */
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { COLOURS, EVERYTHING, findings } from './support/axe.ts'
import { test as onFake } from './support/fake.ts'
import type { FakeDockerd } from '../fake-dockerd/fake-dockerd.ts'
import { open, row } from './support/parts.ts'
import { expect, goTo, test } from './support/workbench.ts'

const BURN = ['run', '-d', '--name', 'burner', '--cpus', '0.5', '--memory', '64m', '--pids-limit', '50', 'naru/welcome:latest', 'sh', '-c', 'while :; do :; done'] as const

test('charts with the limits drawn, the same in numbers, and a file', async ({ page, daemon }, info) => {
  const id = await daemon.docker(...BURN)
  await goTo(page, `containers/${id}?tab=stats`)
  const stats = page.getByRole('region', { name: 'Figures of burner' })
  await expect(stats.locator('canvas')).toHaveCount(4, { timeout: 15_000 })
  await expect(stats.getByRole('img', { name: /^CPU\. CPU from .* % to .* %\. limit 50 %$/ })).toBeVisible()
  await expect(stats.getByRole('img', { name: /^Memory\. .*limit 64MiB$/ })).toBeVisible()
  await expect(stats.getByRole('img', { name: /^Processes\. .*limit 50$/ })).toBeVisible()
  await expect(stats.getByText('nothing was read or written so far')).toBeVisible()
  await expect(page.getByText('Measured every second while this is open')).toBeVisible()
  await expect(page.getByText('docker stats burner')).toBeVisible()
  for (const [scheme, rules] of [['light', EVERYTHING], ['dark', COLOURS]] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    expect.soft(await findings(page, rules), `charts, ${scheme}`).toEqual([])
  }
  await page.getByRole('button', { name: 'Numbers' }).click()
  const figures = stats.getByRole('table', { name: 'In the chosen time' })
  await expect(figures.getByRole('row', { name: /^CPU / })).toContainText('50 %')
  // The quota holds whatever else the machine does.
  await expect(figures.getByRole('row', { name: /^CPU / })).toContainText(/(3\d|4\d|5\d)\.\d %/)
  await expect(stats.getByRole('table', { name: /^The last \d+ samples/ }).getByRole('row').nth(3)).toBeVisible()
  expect.soft(await findings(page), 'numbers').toEqual([])
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save as CSV' }).click()
  const file = info.outputPath('stats.csv')
  await (await saved).saveAs(file)
  const [head, ...lines] = (await readFile(file, 'utf8')).trim().split('\r\n')
  expect(head).toBe('time,cpu_percent,memory_bytes,network_received_bytes_per_second,network_sent_bytes_per_second,disk_read_bytes_per_second,disk_written_bytes_per_second,pids')
  expect(lines.length).toBeGreaterThanOrEqual(3)
  expect(lines.at(-1)).toMatch(/^20.+Z,\d+(\.\d+)?,\d+,/)

  await daemon.call('POST', `/containers/${id}/kill`)
  await expect(page.getByText(/^Not running\. The last figures are from \d\d:\d\d:\d\d\.$/)).toBeVisible()
  await page.getByRole('button', { name: 'Charts' }).click()
  await expect(stats.getByRole('img', { name: /^CPU\./ })).toBeVisible()
})

test('a stopped container says so; a row in sight draws its line', async ({ page, daemon }) => {
  await daemon.start('never', undefined, { created: true })
  await daemon.docker(...BURN)
  await open(page, 'Containers')
  await expect(row(page, 'burner').getByRole('img', { name: /% to .* of a core in the last / })).toBeVisible({ timeout: 15_000 })
  await expect(row(page, 'never').getByRole('img')).toHaveCount(0)
  await row(page, 'never').getByText('never', { exact: true }).click()
  await page.getByRole('tab', { name: 'Stats' }).click()
  await expect(page.getByText('Nothing to measure.')).toBeVisible()
})

const statsAsked = (fake: FakeDockerd): number => fake.requests.filter((one) => /^GET \/containers\/\w+\/stats/.test(one)).length
/** Requests for figures in three seconds. */
async function asked(page: Page, fake: FakeDockerd): Promise<number> {
  const before = statsAsked(fake)
  await page.waitForTimeout(3_000)
  return statsAsked(fake) - before
}
/** Tells the page that its window was hidden or shown; a headless browser never hides one itself. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((now) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (now ? 'hidden' : 'visible') })
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => now })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)
}

onFake.describe('nobody looks', () => {
  onFake.use({ fakeOptions: { containers: 60, images: 3 } })
  onFake('nothing is asked', async ({ page, fake }) => {
    const running = [...fake.world.containers.values()].find(({ state }) => state === 'running')
    if (!running) throw new Error('the fake engine runs nothing')
    await goTo(page, 'overview')
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
    expect(statsAsked(fake)).toBe(0)
    // Details alone in the window: the list asks for nothing.
    await goTo(page, `containers/${running.id}?tab=stats`)
    const stats = page.getByRole('region', { name: `Figures of ${running.name}` })
    await page.getByRole('button', { name: 'Use the whole window' }).click()
    await expect(stats.locator('canvas').first()).toBeVisible()
    await expect.poll(() => asked(page, fake)).toBeGreaterThan(1)
    expect(fake.requests.filter((one) => one.includes(`/${running.id}/stats`)).length).toBeGreaterThan(1)

    await setHidden(page, true)
    await expect.poll(() => asked(page, fake), 'a hidden window').toBe(0)
    await setHidden(page, false)
    await expect.poll(() => asked(page, fake)).toBeGreaterThan(1)
    await page.getByRole('tab', { name: 'Overview' }).click()
    await expect.poll(() => asked(page, fake), 'another tab').toBe(0)
    await page.getByRole('tab', { name: 'Stats' }).click()
    await expect.poll(() => asked(page, fake)).toBeGreaterThan(1)
    await goTo(page, 'images')
    await expect.poll(() => asked(page, fake), 'another screen').toBe(0)
  })
})
