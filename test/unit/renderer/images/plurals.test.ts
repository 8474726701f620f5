import { afterEach, describe, expect, it } from 'vitest'
import { i18n, setLocale } from '../../../../renderer/i18n/index.ts'

const { t } = i18n.global
const say = (key: string, count: number): string => t(key, { count, name: 'a:1' }, count)

describe('numbers of things in both languages', () => {
  afterEach(() => (i18n.global.locale.value = 'en'))
  it.each(['en', 'ko'] as const)('%s says none, one and many of what is deleted', (locale) => {
    if (typeof document === 'undefined') i18n.global.locale.value = locale
    else setLocale(locale)
    const [none, one, many] = [0, 1, 3].map((count) => say('images.remove.submitMany', count))
    expect(none).not.toContain('0')
    expect(one).toContain('1')
    expect(many).toContain('3')
    expect(say('images.done.deleted', 0)).not.toContain('0')
    expect(say('images.done.deleted', 1)).toMatch(/1 layer\b|레이어 1개/)
    expect(say('images.done.deleted', 4)).toMatch(/4 layers|레이어 4개/)
  })
})
