/** Actions on images: built, their layers read, tagged, saved, removed. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { list, open, row } from '../../e2e/support/parts.ts'
import { expect } from '../support/scene.ts'
import type { Action } from '../support/scene.ts'

const imageRow = (page: Page, name: string) => list(page, 'Images').getByRole('row').filter({ hasText: name })

async function choose(page: Page, name: string, action: string): Promise<void> {
  await imageRow(page, name).getByRole('button', { name: /^More actions/ }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

async function removeImage(page: Page, name: string): Promise<void> {
  await open(page, 'Images')
  await choose(page, name, 'Remove…')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete image' }).click()
  await expect(imageRow(page, name)).toBeHidden()
}

/** Takes the build off the history: its steps and log would stay on disk. */
async function forgetBuild(page: Page, tag: string): Promise<void> {
  await open(page, 'Builds')
  await row(page, tag).first().getByRole('button', { name: `More actions for ${tag}` }).click()
  await page.getByRole('menuitem', { name: 'Remove from history' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(row(page, tag)).toHaveCount(0)
}

const build: Action = {
  name: 'build an image, read its layers, remove it',
  act: async ({ page, engine, number, folder }) => {
    const name = `soak/built-${number}`
    await writeFile(join(folder, 'Dockerfile'), 'FROM naru/welcome:latest\nCOPY note.txt /note.txt\nRUN echo built\n')
    await writeFile(join(folder, 'note.txt'), `note ${number} of ${Date.now()}\n`.repeat(5_000))
    await open(page, 'Builds')
    await page.getByRole('button', { name: 'Build…' }).first().click()
    const form = page.getByRole('dialog', { name: 'Build an image' })
    await form.getByRole('textbox', { name: 'Folder' }).fill(folder)
    await form.getByRole('textbox', { name: 'Folder' }).press('Enter')
    await expect(form.getByRole('region', { name: 'What is sent' })).toBeVisible()
    await form.getByRole('textbox', { name: 'Tag 1' }).fill(`${name}:1`)
    await form.getByRole('button', { name: /^Build( |$|Ctrl)/ }).click()
    await expect(page.getByRole('main').getByText('succeeded', { exact: true })).toBeVisible()

    await open(page, 'Images')
    await imageRow(page, name).getByText(name).click()
    await expect(page.getByText(/^analysed in/)).toBeVisible()
    const files = page.getByRole('tree', { name: 'Files' })
    await expect(files.getByRole('treeitem').first()).toBeVisible()
    await files.getByRole('treeitem').first().click()
    await removeImage(page, name)
    await forgetBuild(page, `${name}:1`)
    await engine.call('POST', '/build/prune?all=true')
  },
}

const tag: Action = {
  name: 'tag, save, remove an image',
  act: async ({ page, number }) => {
    const name = `soak/tagged-${number}`
    await open(page, 'Images')
    await choose(page, 'naru/welcome', 'Tag…')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'New name' }).fill(`${name}:1`)
    await dialog.getByRole('button', { name: 'Tag', exact: true }).click()
    await expect(dialog).toBeHidden()
    await choose(page, 'naru/welcome', 'Save to a file…')
    const save = page.getByRole('dialog')
    const [file] = await Promise.all([page.waitForEvent('download'), save.getByRole('button', { name: 'Save', exact: true }).click()])
    await file.path()
    await file.delete()
    await open(page, 'Images')
    await choose(page, 'naru/welcome', 'Remove…')
    const removal = page.getByRole('dialog')
    await removal.getByRole('radio', { name: `Only the tag ${name}:1` }).click()
    await removal.getByRole('button', { name: 'Take tag off' }).click()
    await expect(imageRow(page, 'naru/welcome')).not.toContainText(name)
  },
}

export const ON_IMAGES: readonly Action[] = [build, tag]
