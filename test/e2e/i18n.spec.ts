/** Language and theme change at once and reach every screen. */
import type { Page } from '@playwright/test'
import { en } from '../../renderer/i18n/en/index.ts'
import { ko } from '../../renderer/i18n/ko/index.ts'
import { expect, goTo, test } from './support/workbench.ts'

const SCREENS = ['overview', 'containers', 'images', 'hub', 'builds', 'logs', 'ports', 'activity', 'engines', 'settings']
type Texts = { readonly [key: string]: string | Texts }
/** Words of a catalogue, in small letters. */
function wordsOf(texts: Texts): ReadonlySet<string> {
  const all = (part: string | Texts): readonly string[] => (typeof part === 'string' ? [part] : Object.values(part).flatMap(all))
  return new Set(all(texts).flatMap((text) => wordsIn(text.replaceAll(/\{\w+\}/g, ''))))
}
const wordsIn = (text: string): readonly string[] => (text.match(/\b[A-Za-z]{4,}\b/g) ?? []).map((word) => word.toLowerCase())
/** Words Naru says in English and never in Korean: commands and names of things are the same in both. */
const KOREAN = wordsOf(ko)
const ENGLISH = new Set([...wordsOf(en)].filter((word) => !KOREAN.has(word)))

/** Paths and names of files, which are nobody's language: a card of an earlier act may still name some. */
const FILES = /\S*\/\S*|\S+\.\w+/g

/** Text a person sees on the page, without code, what containers say and what they named themselves. */
function seen(page: Page): Promise<string> {
  return page.evaluate(() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const texts: string[] = []
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const parent = node.parentElement
      if (!parent || parent.closest('code,pre,kbd,script,style,[data-key],[role=log],.mono') || parent.offsetParent === null) continue
      texts.push(node.textContent ?? '')
    }
    const names = [...document.querySelectorAll('[aria-label],[placeholder],[title]')].filter((each) => !each.closest('[data-key]'))
    for (const each of names) texts.push(each.getAttribute('aria-label') ?? '', each.getAttribute('placeholder') ?? '')
    return texts.join('\n')
  })
}

test('Korean reaches every screen at once, without English left over', async ({ page, daemon }) => {
  await daemon.start('shop', undefined, {})
  await goTo(page, 'settings')
  await page.getByRole('combobox', { name: 'Language' }).click()
  await page.getByRole('option', { name: '한국어' }).click()
  try {
    await expect(page.getByRole('heading', { level: 1, name: '설정' })).toBeVisible()
    await expect(page.locator('html')).toHaveAttribute('lang', 'ko')
    for (const screen of SCREENS) {
      await goTo(page, screen)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      const left = [...new Set(wordsIn((await seen(page)).replaceAll(FILES, '')))].filter((word) => ENGLISH.has(word))
      expect.soft(left, screen).toEqual([])
    }
  } finally {
    await goTo(page, 'settings')
    await page.getByRole('combobox', { name: '언어' }).click()
    await page.getByRole('option', { name: 'English' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible()
  }
})

test('the theme changes at once, without a reload, and comes back with the window', async ({ page }) => {
  const paper = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await goTo(page, 'settings')
  await page.getByRole('button', { name: 'Light', exact: true }).click()
  const light = await paper()
  await page.getByRole('button', { name: 'Dark', exact: true }).click()
  await expect.poll(paper).not.toBe(light)
  const dark = await paper()
  await page.reload()
  await expect.poll(paper).toBe(dark)
  await page.getByRole('button', { name: 'System', exact: true }).click()
})
