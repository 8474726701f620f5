/** From a folder to an image on a real engine: the form, the steps, the cache, a failure at its line, a cancel, the result. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { findings } from './support/axe.ts'
import { whyNoEngine } from './support/engine.ts'
import { list, open, row, runPanel } from './support/parts.ts'
import { expect, test as base } from './support/workbench.ts'

type Files = Readonly<Record<string, string>>
const test = base.extend<{ project: (files: Files) => Promise<string> }>({
  project: async ({ playwright: _playwright }, use) => {
    const folders: string[] = []
    await use(async (files) => {
      const folder = await mkdtemp(join(tmpdir(), 'naru-e2e-build-'))
      folders.push(folder)
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true })
        await writeFile(join(folder, path), text)
      }
      return folder
    })
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
  },
})
test.skip(whyNoEngine() !== null, whyNoEngine() ?? '')

const panel = (page: Page): Locator => page.getByRole('dialog', { name: 'Build an image' })
const steps = (page: Page): Locator => page.getByRole('list', { name: 'Steps' })
const step = (page: Page, name: RegExp): Locator => steps(page).getByRole('button', { name })
/** Nothing of an earlier run may be in the engine's cache. */
const fresh = (): string => `${Date.now()}-${Math.random()}`

/** Opens the form on a folder and names the image. */
async function fill(page: Page, folder: string, tag: string): Promise<Locator> {
  await open(page, 'Builds')
  await page.getByRole('button', { name: 'Build…' }).first().click()
  const form = panel(page)
  await form.getByRole('textbox', { name: 'Folder' }).fill(folder)
  await form.getByRole('textbox', { name: 'Folder' }).press('Enter')
  await expect(form.getByRole('region', { name: 'What is sent' })).toBeVisible()
  await form.getByRole('textbox', { name: 'Tag 1' }).fill(tag)
  return form
}
const start = (form: Locator): Promise<void> => form.getByRole('button', { name: /^Build( |$|Ctrl)/ }).click()

test('a folder becomes an image, the second time from the cache, and the result runs', async ({ page, daemon, project }) => {
  test.setTimeout(120_000)
  const folder = await project({
    Dockerfile: `FROM naru/welcome:latest AS base\nARG GREETING=hi\nRUN echo "the step says $GREETING ${fresh()}"\n\nFROM base\nCOPY note.txt /note.txt\n`,
    'note.txt': 'a note', 'debug.log': 'left out', 'more.log': 'left out', '.dockerignore': '*.log\n',
  })
  const form = await fill(page, folder, 'e2e/app:1')
  await expect(form).toContainText('2 entries are left out by .dockerignore.')
  await form.getByRole('textbox', { name: /^GREETING/ }).fill('hello')
  await form.getByRole('button', { name: 'Add a tag' }).click()
  await form.getByRole('textbox', { name: 'Tag 2' }).fill('e2e/app:latest')
  await expect(form.getByRole('region', { name: 'The same as a command' })).toContainText(`docker build -t e2e/app:1 -t e2e/app:latest --build-arg GREETING=hello ${folder}`)
  await start(form)

  await expect(page.getByRole('heading', { level: 1, name: 'e2e/app:1' })).toBeVisible()
  await expect(page.getByRole('main').getByText('succeeded', { exact: true })).toBeVisible({ timeout: 60_000 })
  await step(page, /RUN echo/).click()
  await expect(page.getByRole('log')).toContainText('the step says hello')
  await expect(step(page, /RUN echo/)).not.toContainText('CACHED')
  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save this log' }).click()])
  expect(saved.suggestedFilename()).toMatch(/^e2e-app-1-.*\.log$/)
  expect(await daemon.docker('image', 'ls', '-q', 'e2e/app:latest')).not.toBe('')

  const first = page.url()
  await page.getByRole('button', { name: 'Build again' }).click()
  await expect(page).not.toHaveURL(first)
  await expect(page.getByRole('main').getByText('succeeded', { exact: true })).toBeVisible({ timeout: 60_000 })
  await expect(step(page, /RUN echo/)).toContainText('CACHED')
  expect(await findings(page)).toEqual([])

  await page.getByRole('button', { name: 'Run the result…' }).click()
  await expect(runPanel(page).getByRole('combobox', { name: 'Image' }).or(runPanel(page).getByRole('textbox', { name: 'Image' }))).toHaveValue('e2e/app:1')
  await page.keyboard.press('Escape')

  await open(page, 'Builds')
  await expect(row(page, 'e2e/app:1').first()).toContainText('cached')
  await page.getByRole('tab', { name: 'Build cache' }).click()
  await expect(list(page, 'Build cache').getByRole('row').nth(1)).toBeVisible()
  await page.getByRole('button', { name: 'Clean up…' }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
})

test('a step that fails shows its line, its log, and stands among what needs attention', async ({ page, project }) => {
  test.setTimeout(90_000)
  const folder = await project({ Dockerfile: `FROM naru/welcome:latest\n# made to fail\n\nRUN echo "just before ${fresh()}" && exit 7\nRUN echo never\n` })
  const form = await fill(page, folder, 'e2e/broken:1')
  await form.getByRole('textbox', { name: 'Folder' }).fill('')
  const dropped = await page.evaluateHandle((path) => {
    const data = new DataTransfer()
    data.setData('text/uri-list', `file://${path}`)
    return data
  }, folder)
  const where = form.getByRole('textbox', { name: 'Folder' })
  await where.dispatchEvent('drop', { dataTransfer: dropped })
  await expect(where).toHaveValue(folder)
  await where.press('Enter')
  await expect(form.getByRole('region', { name: 'What is sent' })).toBeVisible()
  await start(form)
  const failure = page.getByRole('region', { name: 'Why it failed' })
  await expect(failure.getByRole('alert')).toContainText('Line 4 ended with code 7: RUN echo', { timeout: 60_000 })
  await expect(failure.getByRole('listitem').filter({ hasText: 'line 4 failed' })).toContainText('exit 7')
  await expect(page.getByRole('log')).toContainText('just before')
  expect(await findings(page)).toEqual([])

  await open(page, 'Overview')
  const attention = page.getByRole('listitem').filter({ hasText: 'e2e/broken:1' })
  await expect(attention).toContainText('The build failed at line 4')
  await writeFile(join(folder, 'Dockerfile'), 'FROM naru/welcome:latest\nRUN echo mended\n')
  await attention.getByRole('link', { name: 'Show' }).click()
  await page.getByRole('button', { name: 'Build again' }).first().click()
  await expect(page.getByRole('main').getByText('succeeded', { exact: true })).toBeVisible({ timeout: 60_000 })
  await open(page, 'Overview')
  await expect(page.getByRole('heading', { name: 'Needs attention' })).toBeVisible()
  await expect(attention).toBeHidden()
})

test('a build is cancelled while a step runs, and leaves nothing', async ({ page, daemon, project }) => {
  test.setTimeout(90_000)
  const folder = await project({ Dockerfile: `FROM naru/welcome:latest\nRUN echo "waiting ${fresh()}" && sleep 300\n` })
  await start(await fill(page, folder, 'e2e/endless:1'))
  await expect(page.getByRole('log')).toContainText('waiting', { timeout: 60_000 })
  await open(page, 'Builds')
  const running = page.getByRole('article', { name: 'Build of e2e/endless:1' })
  await expect(running).toContainText('sleep 300')
  await running.getByRole('button', { name: 'Cancel' }).click()
  await expect(running).toBeHidden({ timeout: 30_000 })
  await expect(row(page, 'e2e/endless:1').first()).toContainText('cancelled')
  expect(await daemon.docker('image', 'ls', '-q', 'e2e/endless:1')).toBe('')
  expect(await daemon.docker('ps', '-aq')).toBe('')
  await row(page, 'e2e/endless:1').first().getByRole('button', { name: 'More actions for e2e/endless:1' }).click()
  await page.getByRole('menuitem', { name: 'Remove from history' }).click()
  await page.getByRole('dialog', { name: 'Remove this build from the history?' }).getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(row(page, 'e2e/endless:1')).toHaveCount(0)
})

test('what is wrong in the form is said at its field, and folders can be browsed', async ({ page, project }) => {
  const folder = await project({ 'inner/Dockerfile': 'FROM naru/welcome:latest\n', 'readme.txt': 'no Dockerfile here' })
  await open(page, 'Builds')
  await page.getByRole('button', { name: 'Build…' }).first().click()
  const form = panel(page)
  const path = form.getByRole('textbox', { name: 'Folder' })
  const submit = form.getByRole('button', { name: /^Build( |$|Ctrl)/ })
  await path.fill(join(folder, 'nowhere'))
  await path.press('Enter')
  await expect(form.getByRole('alert').filter({ hasText: 'is no folder of this machine' })).toBeVisible()
  await expect(submit).toBeDisabled()
  await path.fill(folder)
  await form.getByRole('button', { name: 'Browse…' }).click()
  const browser = form.getByRole('region', { name: 'Folders of this machine' })
  await browser.getByRole('button', { name: /^inner/ }).click()
  await browser.getByRole('button', { name: 'Use this folder' }).click()
  await expect(path).toHaveValue(join(folder, 'inner'))
  await expect(submit).toBeEnabled()
  await form.getByRole('textbox', { name: 'Tag 1' }).fill('Not/Valid')
  await form.getByRole('combobox', { name: /^Platform/ }).fill('amd64')
  await path.focus()
  await expect(form.getByRole('alert').filter({ hasText: 'Image names are written in small letters.' })).toBeVisible()
  await expect(form.getByRole('alert').filter({ hasText: 'A platform is written like linux/amd64' })).toBeVisible()
  await expect(submit).toBeDisabled()
  expect(await findings(page)).toEqual([])
})
