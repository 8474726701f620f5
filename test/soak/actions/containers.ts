/** Actions on containers: run, stopped, removed, looked into, by hand and behind Naru's back; and the link lost meanwhile. */
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { choose, list, logLines, open, row } from '../../e2e/support/parts.ts'
import { goTo } from '../../e2e/support/workbench.ts'
import { fetchPage } from '../../support/page.ts'
import { cutLinks } from '../support/cut.ts'
import { expect, filterContainers, heading, pick, removeContainer, runLine } from '../support/scene.ts'
import type { Action } from '../support/scene.ts'
import { freePort, must, nameOf, RUNNING, TALKERS } from '../support/stage.ts'

const talker = (chance: () => number): string => nameOf(Math.floor(chance() * TALKERS))
const sleeper = (chance: () => number): string => nameOf(TALKERS + Math.floor(chance() * (RUNNING - TALKERS)))

/** Waits until the log grows. */
async function untilFollowed(page: Page, name: string): Promise<void> {
  const log = logLines(page, name)
  const last = async (): Promise<number> => Number(/line (\d+)\D*$/.exec(await log.innerText())?.[1] ?? Number.NaN)
  await expect(log).toContainText('of a container that talks')
  const before = await last()
  await expect.poll(last).toBeGreaterThan(before)
}

const log: Action = {
  name: 'follow a log, search it',
  act: async ({ page, chance }) => {
    const name = talker(chance)
    await filterContainers(page, name)
    await choose(page, name, 'Show logs')
    await untilFollowed(page, name)
    const pane = page.getByRole('region', { name: `Log of ${name}` })
    const box = pane.getByRole('searchbox', { name: 'Search the log' })
    await box.fill('line 1')
    await pane.getByRole('button', { name: 'Next match' }).click()
    await expect(pane.getByText(/^[\d,]+ of [\d,]+$/)).toBeVisible()
    await box.press('Escape')
    await page.getByRole('button', { name: 'Close details' }).click()
    await filterContainers(page, '')
  },
}

const ownWindow: Action = {
  name: 'a log in a window of its own',
  act: async ({ page, naru, chance }) => {
    const name = talker(chance)
    await filterContainers(page, name)
    const window = await naru.shell.nextWindow(() => choose(page, name, 'Logs in own window'))
    await untilFollowed(window, name)
    await window.close()
    await filterContainers(page, '')
  },
}

const terminal: Action = {
  name: 'a terminal, opened and closed',
  act: async ({ page, chance }) => {
    const name = sleeper(chance)
    await filterContainers(page, name)
    await choose(page, name, 'Open terminal')
    const screen = page.locator('[data-terminal] .xterm-rows')
    await expect(screen).toContainText('#')
    await page.getByRole('textbox', { name: `Terminal sh in ${name}` }).focus()
    await page.keyboard.type('seq 500; echo he""llo\n')
    await expect(screen).toContainText('hello')
    await page.getByRole('button', { name: /^Close sh 1/ }).click()
    await expect(page.locator('[data-terminal]')).toHaveCount(0)
    await filterContainers(page, '')
  },
}

const run: Action = {
  name: 'run, stop, remove',
  act: async ({ page, number }) => {
    const name = `soak-${number}`
    await runLine(page, name, `docker run -d --network none --name ${name} -e COLOUR=green naru/welcome`)
    await page.getByRole('button', { name: `Stop ${name}` }).first().click()
    await expect(row(page, name)).toContainText('Exited')
    await removeContainer(page, name)
  },
}

const ports: Action = {
  name: 'publish a port, see the map',
  act: async ({ page, number }) => {
    const name = `soak-${number}`
    const port = await freePort()
    await runLine(page, name, `docker run -d -p 127.0.0.1:${port}:80 --name ${name} naru/welcome`)
    await open(page, 'Ports')
    await expect(row(page, name)).toContainText('reachable')
    expect((await fetchPage('127.0.0.1', port)).status).toBe(200)
    await removeContainer(page, name)
  },
}

const fails: Action = {
  name: 'one that fails, and why',
  act: async ({ page, engine, number }) => {
    const name = `soak-${number}`
    await must(engine, `/containers/create?name=${name}`, { Image: 'naru/welcome:latest', Cmd: ['sh', '-c', 'echo no database >&2; exit 3'] })
    await filterContainers(page, name)
    await page.getByRole('button', { name: `Start ${name}` }).first().click()
    await expect(row(page, name)).toContainText('Exited (3)')
    await row(page, name).getByRole('link', { name: new RegExp(`Why ${name} stopped`) }).click()
    await expect(page.getByRole('region', { name: 'Why it stopped' })).toContainText('no database')
    await removeContainer(page, name)
  },
}

const several: Action = {
  name: 'several at once',
  act: async ({ page, engine, number }) => {
    const names = ['a', 'b', 'c', 'd'].map((letter) => `soak-${number}-${letter}`)
    for (const name of names) await must(engine, `/containers/create?name=${name}`, { Image: 'naru/welcome:latest', HostConfig: { NetworkMode: 'none' } })
    await filterContainers(page, `soak-${number}-`)
    await expect(list(page, 'Containers')).toHaveAttribute('aria-rowcount', String(names.length + 1))
    await page.getByRole('checkbox', { name: 'Select all' }).click()
    await page.getByRole('button', { name: 'Remove…', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: `Remove ${names.length}` }).click()
    for (const name of names) await expect(row(page, name)).toBeHidden()
    await filterContainers(page, '')
  },
}

const behind: Action = {
  name: "changes behind Naru's back",
  act: async ({ page, engine, chance, number }) => {
    const name = sleeper(chance)
    const other = `soak-${number}`
    await filterContainers(page, name)
    await expect(row(page, name)).toContainText('Up')
    await engine.docker('stop', name)
    await expect(row(page, name)).toContainText('Exited')
    await engine.docker('start', name)
    await expect(row(page, name)).toContainText('Up')
    await filterContainers(page, other)
    await must(engine, `/containers/create?name=${other}`, { Image: 'naru/welcome:latest' })
    await expect(row(page, other)).toBeVisible()
    await engine.docker('rm', other)
    await expect(row(page, other)).toBeHidden()
    await filterContainers(page, '')
  },
}

/** Gives the page a file as its picker would. Playwright's own way keeps hold of the field, and of all around it. */
async function chooseFile(page: Page, name: string, text: string): Promise<void> {
  await page.evaluate(
    ({ name, text }) => {
      const data = new DataTransfer()
      data.items.add(new File([text], name, { type: 'text/plain' }))
      const field = document.querySelector<HTMLInputElement>('[data-upload-files]')
      if (!field) throw new Error('there is no field for files')
      field.files = data.files
      field.dispatchEvent(new Event('change', { bubbles: true }))
    },
    { name, text },
  )
}

const files: Action = {
  name: 'a file in, out, removed',
  act: async ({ page, engine, chance, number }) => {
    const id = await engine.docker('inspect', '--format', '{{.Id}}', sleeper(chance))
    const file = `file-${number}.txt`
    await goTo(page, `containers/${id}?tab=files`)
    const line = page.getByRole('grid', { name: 'Files in /' }).getByRole('row').filter({ has: page.getByRole('button', { name: file, exact: true }) })
    await expect(page.getByRole('grid', { name: 'Files in /' })).toBeVisible()
    await chooseFile(page, file, 'soaked\n'.repeat(20_000))
    await expect(line).toBeVisible()
    await line.getByRole('checkbox').click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download', exact: true }).click()])
    expect((await readFile(await download.path())).length).toBe(140_000)
    await download.delete()
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await expect(line).toHaveCount(0)
    await filterContainers(page, '')
  },
}

const link: Action = {
  name: 'lose the link, get it back',
  act: async ({ page, naru, engine, chance, number }) => {
    const [before, after] = [`soak-${number}`, `soak-${number}-again`]
    const screen = pick(['Containers', 'Logs', 'Overview'] as const, chance)
    await open(page, screen)
    await expect(heading(page, screen)).toBeVisible()
    await must(engine, `/containers/create?name=${before}`, { Image: 'naru/welcome:latest' })
    expect(await cutLinks(naru.port)).toBeGreaterThan(0)
    await engine.docker('rename', before, after)
    await filterContainers(page, after)
    await expect(row(page, after)).toBeVisible()
    await removeContainer(page, after)
  },
}

export const ON_CONTAINERS: readonly Action[] = [log, ownWindow, terminal, run, ports, fails, several, behind, files, link]
