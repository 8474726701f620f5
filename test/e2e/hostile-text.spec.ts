/** What a container, an image and a program in a terminal say of themselves is read as it is: nothing hidden, nothing turned, no link to elsewhere. */
import type { Page } from '@playwright/test'
import { findings } from './support/axe.ts'
import { WELCOME_IMAGE } from './support/daemon.ts'
import { choose, open, row } from './support/parts.ts'
import { expect, goTo, test } from './support/workbench.ts'

const RLO = '\u202e'
const ZERO = '\u200b'

/** Texts of the document, and words that are hovered or read aloud, in which something hides or turns. */
const hiding = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const hidden = /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/u
    const found: string[] = []
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const texts = node instanceof Element ? ['title', 'aria-label', 'data-tip', 'placeholder', 'alt'].map((name) => (node as Element).getAttribute(name) ?? '') : [node.nodeValue ?? '']
      for (const text of texts) if (hidden.test(text.replace(/[\n\t\r]/g, ''))) found.push(text)
    }
    return found
  })

test('labels, variables, commands, errors and the history of an image hide nothing and turn nothing; copied is what they are', async ({ page, daemon }) => {
  await daemon.docker('run', '-d', '--name', 'odd', '--label', `org.example.safe=no${RLO}sey`, '-e', `MODE=fast${ZERO}er`, '-e', `GREETING=می\u200cخواهم`, WELCOME_IMAGE, 'sh', '-c', `echo "up${RLO}${ZERO}"; sleep 3600`)
  await daemon.docker('commit', '-m', `layer${RLO}of`, '--change', `LABEL note=a${RLO}b`, '--change', `CMD ["sleep","${ZERO}9"]`, 'odd', 'odd/image:1')
  await page.evaluate(() => {
    const copied: string[] = []
    Object.assign(window, { copied })
    navigator.clipboard.writeText = (text) => Promise.resolve(void copied.push(text))
  })
  const copied = (): Promise<readonly string[]> => page.evaluate(() => (window as unknown as { copied: string[] }).copied)
  await open(page, 'Containers')
  await row(page, 'odd').click()

  await page.getByRole('tab', { name: 'Environment' }).click()
  const table = page.getByRole('region', { name: 'Environment' })
  await expect(table).toContainText('fast⟨U+200B⟩er')
  await expect(table).toContainText('می\u200cخواهم')
  expect((await hiding(page)).filter((text) => !text.includes('می\u200c'))).toEqual([])
  await table.getByRole('row').filter({ hasText: 'MODE' }).getByRole('button', { name: /Copy/ }).click()
  await expect.poll(copied).toEqual([expect.stringContaining(`fast${ZERO}er`)])

  await page.getByRole('tab', { name: 'Inspect' }).click()
  const tree = page.getByRole('list', { name: 'Answer of the engine as a tree' })
  await page.getByRole('searchbox', { name: 'Search names and values' }).fill('org.example.safe')
  await expect(tree).toContainText('no⟨U+202E⟩sey')
  expect((await hiding(page)).filter((text) => !text.includes('می\u200c'))).toEqual([])

  await page.getByRole('tab', { name: 'Overview' }).click()
  await expect(page.getByText('no⟨U+202E⟩sey').first()).toBeVisible()
  expect(await hiding(page)).toEqual([])
  await goTo(page, 'images')
  await row(page, 'odd/image').click()
  await expect(page.getByText('⟨U+200B⟩').first()).toBeVisible()
  expect(await hiding(page)).toEqual([])
  expect(await findings(page)).toEqual([])
})

test('a link in a terminal shows where it leads, is asked about where its text is another, and never leaves the web', async ({ page, daemon }) => {
  await daemon.start('links', ['sleep', '3600'])
  await page.evaluate(() => {
    const opened: string[] = []
    Object.assign(window, { opened })
    window.open = (address) => (opened.push(String(address)), null)
  })
  const opened = (): Promise<readonly string[]> => page.evaluate(() => (window as unknown as { opened: string[] }).opened)
  await open(page, 'Containers')
  await choose(page, 'links', 'Open terminal')
  const screen = page.locator('[data-terminal] .xterm-rows')
  const link = (address: string, text: string): string => `printf "\\033]8;;${address}\\033\\\\\\\\${text}\\033]8;;\\033\\\\\\\\\\n"`
  const print = async (address: string, text: string): Promise<void> => {
    await page.getByRole('textbox', { name: 'Terminal sh in links' }).focus()
    // In two parts, so that only what is printed holds the text.
    const split = (word: string): string => `${word.slice(0, 3)}""${word.slice(3)}`
    await page.keyboard.type(`clear; ${link(split(address), split(text))}\n`)
    await expect(screen).toContainText(text)
  }
  /** The pointer goes to the text until its address is shown: the line may still be moving. */
  const over = (text: string, address: string): Promise<void> =>
    expect(async () => {
      const box = await screen.locator('span', { hasText: text }).last().boundingBox()
      if (!box) throw new Error(`${text} is nowhere`)
      await page.mouse.move(box.x + 2, box.y + box.height / 2 + 30)
      await page.mouse.move(box.x + 12, box.y + box.height / 2, { steps: 3 })
      await expect(page.locator('.where')).toHaveText(address, { timeout: 1_000 })
    }).toPass({ timeout: 20_000 })
  const click = async (): Promise<void> => {
    await page.mouse.down()
    await page.mouse.up()
  }
  const question = page.getByRole('dialog', { name: 'Open this address?' })

  await print('http://127.0.0.1:9/real?a=b', 'http://127.0.0.1:9/docs')
  await over('http://127.0.0.1:9/docs', 'http://127.0.0.1:9/real?a=b')
  await click()
  await expect(question).toContainText('http://127.0.0.1:9/docs')
  await expect(question).toContainText('http://127.0.0.1:9/real?a=b')
  expect(await findings(page)).toEqual([])
  await question.getByRole('button', { name: 'Cancel' }).click()
  await expect(question).toBeHidden()
  expect(await opened()).toEqual([])
  await over('http://127.0.0.1:9/docs', 'http://127.0.0.1:9/real?a=b')
  await click()
  await question.getByRole('button', { name: 'Open address' }).click()
  expect(await opened()).toEqual(['http://127.0.0.1:9/real?a=b'])

  await print('http://127.0.0.1:9/same', 'http://127.0.0.1:9/same')
  await over('http://127.0.0.1:9/same', 'http://127.0.0.1:9/same')
  await click()
  await expect.poll(opened).toEqual(['http://127.0.0.1:9/real?a=b', 'http://127.0.0.1:9/same'])
  await expect(question).toBeHidden()

  await print('javascript:alert(1)', 'harmless')
  await over('harmless', 'Never opened: javascript:alert(1)')
  await click()
  await expect(question).toBeHidden()
  expect(await opened()).toHaveLength(2)
})
