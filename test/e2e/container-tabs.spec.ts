/** Inside a container: what its tabs tell is what the engine tells. */
import { writeFile } from 'node:fs/promises'
import { WELCOME_IMAGE } from './support/daemon.ts'
import { choose, list, notices, open, row } from './support/parts.ts'
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

test('changes: what docker diff tells, filtered by kind and path, and committed to a new image', async ({ page, daemon }, info) => {
  const id = await daemon.start('writer', undefined, { created: true })
  const file = info.outputPath('made here.txt')
  await writeFile(file, 'hello')
  await daemon.docker('cp', file, 'writer:/made here.txt')
  await goTo(page, `containers/${id}?tab=changes`)
  const changes = list(page, 'Changes of writer')
  await expect(changes.getByRole('row').filter({ hasText: '/made here.txt' })).toContainText('Added')
  const lines = (await daemon.docker('diff', 'writer')).split('\n')
  const count = (kind: string): number => lines.filter((line) => line.startsWith(`${kind} `)).length
  for (const [kind, label] of [['A', 'Added'], ['C', 'Changed'], ['D', 'Deleted']] as const) {
    await expect(page.getByRole('button', { name: `${label} ${count(kind)}` })).toBeVisible()
  }
  await page.getByRole('button', { name: /^Deleted/ }).click()
  await expect(changes.getByRole('row').filter({ hasText: '/made here.txt' })).toHaveCount(0)
  await page.getByRole('button', { name: /^Deleted/ }).click()
  await page.getByRole('searchbox', { name: 'Filter by path' }).fill('MADE here')
  await expect(changes.getByRole('row').filter({ hasText: '/made here.txt' })).toBeVisible()

  await page.getByRole('button', { name: 'Commit to a new image…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Commit writer to a new image' })
  await expect(dialog.getByText(`${count('A')} added · ${count('C')} changed · ${count('D')} deleted`)).toBeVisible()
  await dialog.getByRole('textbox', { name: 'Name of the image' }).fill('Not A Name')
  await expect(dialog.getByRole('button', { name: 'Commit' })).toBeDisabled()
  await dialog.getByRole('textbox', { name: 'Name of the image' }).fill('shop/committed:1')
  await dialog.getByRole('textbox', { name: 'Message' }).fill('by hand')
  await dialog.getByRole('textbox', { name: 'Instructions' }).fill('ENV MADE=yes')
  await expect(dialog.getByText(`docker commit -m 'by hand' -c 'ENV MADE=yes' writer shop/committed:1`)).toBeVisible()
  await dialog.getByRole('button', { name: 'Commit' }).click()
  await expect(notices(page).getByText('Committed shop/committed:1')).toBeVisible()
  expect(await daemon.docker('image', 'inspect', '--format', '{{.Comment}} {{.Config.Env}}', 'shop/committed:1')).toMatch(/^by hand .*MADE=yes/)
})

test('health: the check, its settings and what it said; no tab without one', async ({ page, daemon }) => {
  await daemon.start('plain')
  await daemon.docker('run', '-d', '--name', 'sick', '--health-cmd', '/no-such-check', '--health-interval', '1s', '--health-retries', '2', WELCOME_IMAGE)
  await open(page, 'Containers')
  await row(page, 'sick').click()
  await page.getByRole('tab', { name: 'Health' }).click()
  const health = page.getByRole('region', { name: 'Health checks of sick' })
  await expect(health.getByText('unhealthy', { exact: true })).toBeVisible()
  await expect(health).toContainText('/no-such-check')
  await expect(health).toContainText('2 failures in a row')
  await expect(health.getByRole('row').nth(3)).toBeVisible()
  await row(page, 'plain').click()
  await expect(page.getByRole('tab', { name: 'Overview' })).toHaveAttribute('aria-selected', 'true')
  await expect(page.getByRole('tab', { name: 'Health' })).toHaveCount(0)
})

test('limits and restart policy change while it runs', async ({ page, daemon }) => {
  await daemon.docker('run', '-d', '--name', 'tight', '--memory', '64m', WELCOME_IMAGE)
  await open(page, 'Containers')
  await row(page, 'tight').click()
  await page.getByRole('tab', { name: 'Overview' }).click()
  await expect(page.getByText('never restarted')).toBeVisible()
  await choose(page, 'tight', 'Change limits…')
  const dialog = page.getByRole('dialog', { name: 'Change limits of tight' })
  const memory = dialog.getByRole('textbox', { name: 'Memory' })
  await expect(memory).toHaveValue('64m')
  await memory.fill('much')
  await expect(dialog.getByRole('alert')).toContainText('A size such as 512m')
  await memory.fill('256m')
  await dialog.getByRole('textbox', { name: 'Processes at most' }).fill('99')
  await dialog.getByRole('combobox', { name: 'Restart policy' }).click()
  await page.getByRole('option', { name: 'Always' }).click()
  await expect(dialog.getByText('docker update --memory 256m --memory-swap 512m --pids-limit 99 --restart always tight')).toBeVisible()
  await dialog.getByRole('button', { name: 'Change' }).click()
  await expect(notices(page).getByText('Changed tight')).toBeVisible()
  await expect(page.getByText('always restarted')).toBeVisible()
  const format = '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.State.Running}}'
  expect(await daemon.docker('inspect', '--format', format, 'tight')).toBe(`${256 * 1024 ** 2} 99 true`)
})
