// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { i18n } from '../../../../renderer/i18n/index.ts'
import LogJson from '../../../../renderer/screens/Logs/LogJson.vue'

const LINE = '{"order":7,"shop":{"name":"강","url":"https://a.example/x"}}'

describe('a line of JSON', () => {
  beforeEach(() => setActivePinia(createPinia()))
  const open = () => mount(LogJson, { global: { plugins: [i18n] }, props: { value: JSON.parse(LINE) as object, line: LINE } })
  const rows = (page: ReturnType<typeof open>): string[] => page.findAll('li').map((row) => row.text())

  it('is a tree whose branches fold, each told by its name; addresses are links', async () => {
    const page = open()
    expect(rows(page)).toEqual(['{…}2', 'order7', 'shop{…}2', 'name"강"', 'url"https://a.example/x"'])
    expect(page.get('a').attributes('href')).toBe('https://a.example/x')
    const branch = page.get('[aria-label="Fold shop"]')
    expect(branch.attributes('aria-expanded')).toBe('true')
    await branch.trigger('click')
    expect(rows(page)).toEqual(['{…}2', 'order7', 'shop{…}2'])
    await page.get('[aria-label="Open shop"]').trigger('click')
    expect(rows(page)).toHaveLength(5)
  })

  it('another line begins with its own branches', async () => {
    const page = open()
    await page.get('[aria-label="Fold shop"]').trigger('click')
    await page.setProps({ value: { shop: { name: 'b' } }, line: '{"shop":{"name":"b"}}' })
    expect(rows(page)).toEqual(['{…}1', 'shop{…}1', 'name"b"'])
  })
})
