/** Inside a container: what its tabs tell is what the engine tells. */
import { list, open, row } from './support/parts.ts'
import { expect, goTo, test } from './support/workbench.ts'

test('processes: each with its command while it runs, and a sentence when it does not', async ({ page, daemon }) => {
  const id = await daemon.start('worker')
  await open(page, 'Containers')
  await row(page, 'worker').click()
  await page.getByRole('tab', { name: 'Processes' }).click()
  const processes = list(page, 'Processes of worker')
  const [, ...lines] = (await daemon.docker('top', 'worker', '-eo', 'pid,args')).split('\n')
  for (const line of lines) {
    const [, pid = '', command = ''] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? []
    await expect(processes.getByRole('row').filter({ hasText: pid })).toContainText(command.trim())
  }
  await expect(page.getByText('docker top worker -eo pid,user,pcpu,rss,time,args')).toBeVisible()
  await daemon.call('POST', `/containers/${id}/kill`)
  await expect(page.getByText('Nothing runs in it.')).toBeVisible()
  await goTo(page, 'containers')
  await goTo(page, `containers/${id}?tab=processes`)
  await expect(page.getByRole('tab', { name: 'Processes' })).toHaveAttribute('aria-selected', 'true')
})
