// @vitest-environment happy-dom
/** What images, registries and containers call themselves is text on the page: never markup, and nothing in it hides or turns. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { TooltipProvider } from 'reka-ui'
import type { Component } from 'vue'
import { defineComponent, h } from 'vue'
import { describe, expect, it } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { LayerEntry } from '../../../engine/contract/models.ts'
import { i18n } from '../../../renderer/i18n/index.ts'
import HubCard from '../../../renderer/screens/Hub/HubCard.vue'
import FileRow from '../../../renderer/screens/Images/contents/FileRow.vue'

const RENDERER = resolve(import.meta.dirname, '../../../renderer')
const MARKUP = '<img src=x onerror="alert(1)"><script>alert(2)</script>{{ 7 * 7 }}&lt;b&gt;'
const RLO = String.fromCodePoint(0x202e)
const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: { render: () => null } }] })

function shown(component: Component, props: Record<string, unknown>): HTMLElement {
  const Host = defineComponent({ setup: () => () => h(TooltipProvider, null, () => h('div', { class: 'host' }, h(component, props))) })
  return mount(Host, { global: { plugins: [i18n, createPinia(), router] } }).get<HTMLElement>('.host').element
}

describe('text from outside', () => {
  it('is markup in no component: nothing in the page makes elements of a string', () => {
    const files = readdirSync(RENDERER, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(?:vue|ts|js|html)$/.test(name))
    expect(files.length).toBeGreaterThan(200)
    const makes = /v-html|innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|DOMParser|document\.write|srcdoc|setHTMLUnsafe|createPolicy|\beval\(|new Function\(|javascript:/
    expect(files.filter((name) => makes.test(readFileSync(join(RENDERER, name), 'utf8')))).toEqual([])
  })

  it('a description and a name of the Hub are shown letter for letter', () => {
    const row = { name: `evil/${MARKUP}`, description: MARKUP, stars: 1, official: false, verified: false }
    const card = shown(HubCard, { row, selected: false, tabbable: true })
    expect(card.querySelectorAll('img, script, [onerror]')).toHaveLength(0)
    expect(card.querySelector('b')?.textContent).toBe(`evil/${MARKUP}`)
    expect(card.querySelector('.about')?.textContent).toBe(MARKUP)
  })

  it('a file of an image cannot look like another one: marks that hide or turn are written out', () => {
    const name = `photo${RLO}gpj.exe`
    const entry: LayerEntry = { name, path: `a/${name}`, type: 'symlink', linkTarget: `x${RLO}y\n`, mark: 'added', sizeBytes: 0, mode: 0o777, uid: 0, gid: 0, modifiedAt: 0, layer: 0, hasChildren: false }
    const line = shown(FileRow, { entry, depth: 0, open: false })
    expect(line.textContent).not.toContain(RLO)
    expect(line.textContent).toContain('photo⟨U+202E⟩gpj.exe')
    expect(line.textContent).toContain('x⟨U+202E⟩y␊')
    expect(line.querySelector('.name')?.getAttribute('title')).toBe('/a/photo⟨U+202E⟩gpj.exe')
  })
})
