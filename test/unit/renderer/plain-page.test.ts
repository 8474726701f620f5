// @vitest-environment happy-dom
/** Whatever way a text takes into the page, what hides or turns in it is written out; what is copied is the text itself. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { TooltipProvider } from 'reka-ui'
import { createPinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { Fragment, defineComponent, h, nextTick, ref } from 'vue'
import { createPlainApp } from '../../../renderer/app/plain-page.ts'
import NCopy from '../../../renderer/components/NCopy.vue'
import { plainLines } from '../../../engine/contract/plain-text.ts'
import { i18n } from '../../../renderer/i18n/index.ts'
import { en } from '../../../renderer/i18n/en/index.ts'
import { ko } from '../../../renderer/i18n/ko/index.ts'
import HubCard from '../../../renderer/screens/Hub/HubCard.vue'

const HOSTILE = 'a\u202egnp.exe\u200b'
const SHOWN = 'a⟨U+202E⟩gnp.exe⟨U+200B⟩'
const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: { render: () => null } }] })
let unmount: () => void = () => undefined
afterEach(() => unmount())

function show(render: () => unknown): Element {
  const place = document.createElement('div')
  document.body.append(place)
  const app = createPlainApp(defineComponent({ setup: () => () => h(TooltipProvider, null, () => h('main', null, [render() as never])) }))
  app.use(i18n).use(createPinia()).use(router)
  app.mount(place)
  unmount = () => {
    app.unmount()
    place.remove()
  }
  return place
}

describe('the page', () => {
  it('writes out texts of elements, texts among elements, and what changes later', async () => {
    const text = ref('first')
    const place = show(() => h(Fragment, [h('p', text.value), h('p', [text.value, h('b', 'x')])]))
    expect(place.textContent).toBe('firstfirstx')
    text.value = HOSTILE
    await nextTick()
    expect(place.textContent).toBe(`${SHOWN}${SHOWN}x`)
  })

  it('writes out what is hovered or read aloud, and leaves values, addresses and classes alone', () => {
    const place = show(() => h('a', { title: HOSTILE, 'aria-label': HOSTILE, 'data-tip': HOSTILE, href: `#${HOSTILE}`, class: 'x' }, [h('input', { value: HOSTILE, placeholder: HOSTILE })]))
    const link = place.querySelector('a')
    expect([link?.title, link?.getAttribute('aria-label'), link?.getAttribute('data-tip')]).toEqual([SHOWN, SHOWN, SHOWN])
    expect(link?.getAttribute('href')).toBe(`#${HOSTILE}`)
    expect(place.querySelector('input')?.value).toBe(HOSTILE)
    expect(place.querySelector('input')?.placeholder).toBe(SHOWN)
  })

  it('keeps the lines of a log or a file', () => {
    expect(show(() => h('pre', 'a\n\tb\u202e')).textContent).toBe('a\n\tb⟨U+202E⟩')
  })

  it('copies the true value of what it shows written out', async () => {
    const written: string[] = []
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText: async (text: string) => void written.push(text) } })
    const place = show(() => h(NCopy, { value: HOSTILE, text: HOSTILE }))
    expect(place.textContent).toContain(SHOWN)
    place.querySelector('button')?.click()
    await vi.waitFor(() => expect(written).toEqual([HOSTILE]))
    vi.unstubAllGlobals()
  })

  it('shows a description of the Hub with its letters, also from right to left, and its tricks as signs', () => {
    const row = { name: 'someone/image', description: `صورة رسمية ${HOSTILE} می\u200cخواهم 👩\u200d💻`, stars: 1, official: false, verified: false }
    const place = show(() => h(HubCard, { row, selected: false, tabbable: true }))
    expect(place.querySelector('.about')?.textContent).toBe(`صورة رسمية ${SHOWN} می\u200cخواهم 👩\u200d💻`)
  })

  it('is made by this and by nothing else', () => {
    const main = readFileSync(resolve(import.meta.dirname, '../../../renderer/main.ts'), 'utf8')
    expect(main).toContain('createPlainApp(App)')
    expect(main).not.toMatch(/\bcreateApp\b/)
  })

  it('has no sentence of its own that would be changed', () => {
    const changed = [en, ko].flatMap((catalogue) => [...JSON.stringify(catalogue).matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => JSON.parse(`"${text}"`) as string).filter((text) => plainLines(text) !== text))
    expect(changed).toEqual([])
  })
})
