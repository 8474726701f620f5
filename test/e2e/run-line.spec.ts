/** A docker run line from a README: pasted, understood, run; its mistakes told at their place; its rarer flags kept. */
import { COLOURS, EVERYTHING, findings } from './support/axe.ts'
import { canRunRegistry, startRegistry } from '../support/registry.ts'
import { WELCOME, fetchPage } from '../support/native.ts'
import { open, row, runPanel } from './support/parts.ts'
import { expect, test } from './support/workbench.ts'

const PORT = 18_610

test.beforeEach(async ({ page }) => {
  await open(page, 'Containers')
  await page.getByRole('button', { name: /^Run…/ }).click()
})

test('a pasted line fills the form; form and line follow each other; it runs as the docker CLI would run it', async ({ page, daemon }) => {
  const panel = runPanel(page)
  const line = panel.getByRole('textbox', { name: 'Command line' })
  await line.fill(`$ sudo docker run -dp 127.0.0.1:${PORT}:80 \\\n  --name pasted -e GREETING="hello there" \\\n  --ulimit nofile=1024:2048 --memory 64m naru/welcome # the welcome page`)
  await expect(panel.getByRole('combobox', { name: 'Image' })).toHaveValue('naru/welcome')
  // While it is written in, the line stays as it was written.
  await expect(line).toHaveValue(/^\$ sudo docker/)
  await expect(panel.getByRole('textbox', { name: 'Host port' })).toHaveValue(String(PORT))
  await expect(panel.getByRole('textbox', { name: 'Value' })).toHaveValue('hello there')

  await panel.getByText('Limits', { exact: true }).click()
  await expect(panel.getByRole('textbox', { name: /^Memory --memory$/ })).toHaveValue('64m')
  await panel.getByRole('textbox', { name: 'Processes --pids-limit' }).fill('77')
  await expect(line).toHaveValue(/--pids-limit 77/)
  await expect(line).toHaveValue(/-e 'GREETING=hello there'/)

  await panel.getByRole('button', { name: /^Run(?! attached)/ }).click()
  await expect(panel).toBeHidden()
  await expect(row(page, 'pasted')).toContainText('Up')
  expect((await fetchPage('127.0.0.1', PORT)).status).toBe(200)
  const { body } = await daemon.call('GET', '/containers/pasted/json')
  expect(body).toMatchObject({
    HostConfig: { PidsLimit: 77, Memory: 64 * 1024 * 1024, Ulimits: [{ Name: 'nofile', Soft: 1024, Hard: 2048 }] },
  })
  expect((body as { Config: { Env: string[] } }).Config.Env).toContain('GREETING=hello there')
})

test('a mistake is told where it stands, keeps the form as it was, and stops nothing once corrected', async ({ page, daemon }) => {
  const panel = runPanel(page)
  const line = panel.getByRole('textbox', { name: 'Command line' })
  await panel.getByRole('combobox', { name: 'Image' }).fill('naru/welcome')
  await line.fill('docker run -d --name wrong --memory lots --pod x naru/welcome | tee log')
  const told = panel.getByRole('alert').filter({ hasText: 'is not a size' })
  await expect(told).toContainText('--pod is a flag of Podman')
  await expect(told).toContainText('“|” and what follows is not done')
  await expect(panel.getByRole('button', { name: /^Run(?! attached)/ })).toBeDisabled()
  await told.getByRole('button', { name: 'lots' }).click()
  expect(await line.evaluate((area) => (area instanceof HTMLTextAreaElement ? area.value.slice(area.selectionStart, area.selectionEnd) : ''))).toBe('lots')
  await expect(panel.getByRole('textbox', { name: /^Name/ }).first()).toHaveValue('')

  await line.fill('docker create --name wrong --memory 64m --label kept=yes naru/welcome')
  await expect(told).toBeHidden()
  await panel.getByRole('button', { name: 'Create only' }).click()
  await expect(panel).toBeHidden()
  await expect(row(page, 'wrong')).toContainText('Created')
  expect((await daemon.call('GET', '/containers/wrong/json')).body).toMatchObject({ Config: { Labels: { kept: 'yes' }, AttachStdout: true } })
})

test('whether an image is here or at its registry is said while one writes, and stops nothing', async ({ page, daemon: _daemon }) => {
  test.skip(!canRunRegistry, 'docker-registry is not installed')
  const registry = await startRegistry()
  try {
    await registry.seed(WELCOME, 'shop/web', '1')
    const panel = runPanel(page)
    const image = panel.getByRole('combobox', { name: 'Image' })
    await image.fill('naru/welcome')
    await expect(panel.getByText(/^On this machine · /)).toBeVisible()
    await image.fill(`${registry.host}/shop/web:1`)
    await expect(panel.getByText('Not on this machine, but at its registry: it is pulled first.')).toBeVisible({ timeout: 30_000 })
    await image.fill(`${registry.host}/shop/web:2`)
    await expect(panel.getByText('Neither on this machine nor at its registry: look at the name and the tag.')).toBeVisible({ timeout: 30_000 })
    expect.soft(await findings(page, EVERYTHING), 'missing').toEqual([])
    await registry.close()
    await image.fill(`${registry.host}/shop/web:3`)
    await expect(panel.getByText('Not on this machine, and its registry cannot be reached now.')).toBeVisible({ timeout: 30_000 })
    await expect(panel.getByRole('button', { name: /^Pull and run/ })).toBeEnabled()
  } finally {
    await registry.close()
  }
})

test('what it may do to the machine is said before it does; axe has nothing to say', async ({ page }) => {
  const panel = runPanel(page)
  await panel.getByRole('textbox', { name: 'Command line' }).fill(`docker run -d --privileged -p ${PORT}:80 -v /nowhere/at-all:/data -v /var/run/docker.sock:/s naru/welcome`)
  const risks = panel.getByRole('region', { name: 'Before you run it' })
  await expect(risks).toContainText('Privileged')
  await expect(risks).toContainText(`Other machines can reach ${PORT}:80`)
  await expect(risks).toContainText('/var/run/docker.sock hands it the whole engine')
  await expect(risks).toContainText('/nowhere/at-all is not there')
  await panel.getByRole('textbox', { name: 'Command line' }).fill('docker run -d --ipc host --uts=host --cap-add SYS_TIME --device /dev/null -v /etc/sudoers.d:/s -v /root/.ssh:/k:ro --network host naru/welcome')
  await expect(risks.getByRole('listitem')).toHaveText([
    '/etc/sudoers.d can be changed by it, and with it what this machine runs and who may enter.',
    '/root/.ssh is a place for keys and passwords: it can read them.',
    'The network of this machine is its own: every port it opens is open here, -p does nothing.',
    'It shares memory and message queues with programs of this machine.',
    'The name of this machine is its own: with the right to it can be changed.',
    'SYS_TIME reaches past the container: clock, network, log or limits of this machine, by its name.',
    '/dev/null of this machine is used directly.',
  ])
  for (const group of ['Process and labels', 'Network and names', 'Storage', 'Limits', 'Security and namespaces', 'Devices and runtime', 'Health and log', 'Image platform']) {
    await panel.getByText(group, { exact: true }).click()
  }
  await panel.getByRole('button', { name: 'Add: Label', exact: true }).click()
  expect.soft(await findings(page, EVERYTHING), 'light').toEqual([])
  await page.emulateMedia({ colorScheme: 'dark' })
  expect.soft(await findings(page, COLOURS), 'dark').toEqual([])
})

test('a container that was made elsewhere says what it may reach, running or not; one with nothing says nothing', async ({ page, daemon }) => {
  await daemon.docker('create', '--name', 'reaching', '--pid', 'host', '--cap-add', 'SYS_ADMIN', '-v', '/etc:/host-etc', '-p', `${PORT}:80`, 'naru/welcome')
  await daemon.docker('create', '--name', 'modest', '-v', '/srv:/srv:ro', '-p', `127.0.0.1:${PORT}:80`, 'naru/welcome')
  await page.keyboard.press('Escape')
  await open(page, 'Containers')
  await row(page, 'reaching').click()
  await page.getByRole('tab', { name: 'Overview' }).click()
  const reach = page.getByRole('region', { name: 'What it may reach' })
  await expect(reach.getByRole('listitem')).toHaveText([
    '/etc can be changed by it, and with it what this machine runs and who may enter.',
    'It sees every process of this machine, and with the same user may end them.',
    `Other machines can reach ${PORT}:80: the port is open on all addresses of this computer.`,
    'CAP_SYS_ADMIN can break out of the container, and then do on this machine what root can.',
  ])
  expect(await findings(page, EVERYTHING)).toEqual([])
  await row(page, 'modest').click()
  await expect(page.getByText('/srv', { exact: true }).first()).toBeVisible()
  await expect(reach).toHaveCount(0)
})
