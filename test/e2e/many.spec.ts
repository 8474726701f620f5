/** Long lists: 500 containers of a real engine, 5 000 of a fake one. */
import { list, open, row } from './support/parts.ts'
import { test as onFake } from './support/fake.ts'
import { expect, test } from './support/workbench.ts'

const COUNT = 500
const nameOf = (index: number): string => `many-${String(index).padStart(3, '0')}`

test('500 containers appear, scroll, filter and are removed in one go with a result for each', async ({ page, daemon }) => {
  test.setTimeout(180_000)
  await open(page, 'Containers')
  for (let from = 0; from < COUNT; from += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, at) => daemon.start(nameOf(from + at), undefined, { created: true, labels: { half: String((from + at) % 2) } })))
  }
  const table = list(page, 'Containers')
  await expect(table).toHaveAttribute('aria-rowcount', String(COUNT + 1), { timeout: 30_000 })
  await expect(row(page, nameOf(0))).toBeVisible()
  expect(await table.getByRole('row').count()).toBeLessThan(100)
  await row(page, nameOf(0)).focus()
  await page.keyboard.press('End')
  await expect(row(page, nameOf(COUNT - 1))).toBeInViewport()

  const filter = page.getByRole('searchbox', { name: 'Filter containers' })
  await filter.fill('many-04')
  await expect(table).toHaveAttribute('aria-rowcount', '11')
  await filter.fill('label:half=1 ')
  await expect(table).toHaveAttribute('aria-rowcount', String(COUNT / 2 + 1))
  await page.getByRole('checkbox', { name: 'Select all' }).click()
  await expect(page.getByText(`${COUNT / 2} selected`)).toBeVisible()

  await page.getByRole('button', { name: 'Remove…', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: `Remove ${COUNT / 2} containers?` })
  await expect(dialog.getByRole('list', { name: 'Will be removed' }).getByRole('listitem')).toHaveCount(COUNT / 2)
  await dialog.getByRole('button', { name: `Remove ${COUNT / 2}` }).click()
  const results = page.getByRole('region', { name: `Removing ${COUNT / 2} containers` })
  await expect(results).toBeVisible()
  await results.getByRole('button', { name: 'Each result' }).click()
  await expect(results.getByRole('status')).toContainText(`${COUNT / 2} done · 0 failed`, { timeout: 120_000 })
  await expect(results.getByRole('listitem')).toHaveCount(COUNT / 2)
  await expect(page.getByRole('button', { name: 'Reset filter' })).toBeVisible()
  await page.getByRole('button', { name: 'Reset filter' }).click()
  await expect(table).toHaveAttribute('aria-rowcount', String(COUNT / 2 + 1))
})

test('each row says what is being done to it, and a failure stays with its own', async ({ page, daemon }) => {
  await daemon.start('quick', ['sh', '-c', 'trap "exit 0" TERM; sleep 1000 & wait'])
  // Takes its time to end, so that its row can be seen waiting.
  await daemon.start('slow', ['sh', '-c', 'trap "sleep 3; exit 0" TERM; sleep 1000 & wait'])
  await open(page, 'Containers')
  await expect(row(page, 'slow')).toContainText('Up')
  await row(page, 'slow').getByRole('button', { name: 'Stop slow' }).click()
  await expect(row(page, 'slow')).toContainText('Stopping…')
  await expect(row(page, 'quick')).toContainText('Up')
  await expect(row(page, 'slow')).toContainText('Exited (0)')
  await expect(row(page, 'quick')).toContainText('Up')
})

onFake.describe('with 5 000 containers', () => {
  onFake.use({ fakeOptions: { containers: 5_000, images: 20 } })

  onFake('only what is in sight is painted, from the first to the last', async ({ page }) => {
    await open(page, 'Containers')
    const table = list(page, 'Containers')
    await expect.poll(async () => Number(await table.getAttribute('aria-rowcount'))).toBeGreaterThan(5_000)
    expect(await table.getByRole('row').count()).toBeLessThan(120)
    await page.getByRole('button', { name: 'Group by project' }).click()
    await expect(table).toHaveAttribute('aria-rowcount', '5001')
    await table.getByRole('row').nth(1).focus()
    await page.keyboard.press('End')
    await expect(table.getByRole('row').last()).toHaveAttribute('aria-rowindex', '5001')
    await page.getByRole('searchbox', { name: 'Filter containers' }).fill('fake_4321')
    await expect(table).toHaveAttribute('aria-rowcount', '2')
    await expect(row(page, 'fake_4321')).toBeVisible()
  })

  onFake('what the engine refuses in a bulk act is told for each', async ({ page, fake }) => {
    await open(page, 'Containers')
    await page.getByRole('searchbox', { name: 'Filter containers' }).fill('is:exited fake_12')
    const table = list(page, 'Containers')
    const victims = [...fake.world.containers.values()].filter(({ state, name }) => state === 'exited' && name.includes('fake_12'))
    // All of them: "few rows" would also be true of a list that has not come yet.
    const complete = async (): Promise<boolean> => {
      const rows = Number(await table.getAttribute('aria-rowcount'))
      return rows > victims.length && rows < victims.length + 100
    }
    await expect.poll(complete, { timeout: 20_000 }).toBe(true)
    await page.getByRole('checkbox', { name: 'Select all' }).click()
    fake.faults.fail = new RegExp(`^DELETE /containers/(${victims.slice(0, 2).map(({ id }) => id).join('|')})`)
    await page.getByRole('button', { name: 'Remove…', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: `Remove ${victims.length}` }).click()
    const results = page.getByRole('region', { name: `Removing ${victims.length} containers` })
    await expect(results.getByRole('status')).toContainText(`${victims.length - 2} done · 2 failed`)
    await expect(results.getByRole('listitem').filter({ visible: true })).toHaveCount(2)
    fake.faults.fail = null
    await results.getByRole('button', { name: 'Try the failed ones again' }).click()
    await expect(page.getByRole('region', { name: 'Removing 2 containers' }).getByRole('status')).toContainText('2 done · 0 failed')
  })
})
