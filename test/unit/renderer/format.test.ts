// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { defineComponent } from 'vue'
import { formatTook, useFormat } from '../../../renderer/i18n/format.ts'
import type { Format } from '../../../renderer/i18n/format.ts'
import { i18n, setLocale } from '../../../renderer/i18n/index.ts'

afterEach(() => setLocale('en'))

function inSetup<Result>(read: (format: Format) => Result): Result {
  let result: Result | undefined
  const wrapper = mount(defineComponent({ setup: () => ((result = read(useFormat())), () => null) }), { global: { plugins: [i18n] } })
  wrapper.unmount()
  return result as Result
}

describe('durations', () => {
  const TIMES = [-5, 3.2, 400, 9_949, 12_400, 185_000, 7_800_000]
  it('have units of the language', () => {
    expect(TIMES.map(formatTook)).toEqual(['0.0 s', '4 ms', '0.4 s', '9.9 s', '12 s', '3 min 5 s', '2 h 10 min'])
    setLocale('ko')
    expect(TIMES.map(formatTook)).toEqual(['0.0초', '4ms', '0.4초', '9.9초', '12초', '3분 5초', '2시간 10분'])
  })
  it('that just passed are now', () => {
    const at = (ms: number): string => inSetup((format) => format.ago(Date.now() + ms))
    expect([at(0), at(5_000), at(-65_000)]).toEqual(['now', 'now', '1 minute ago'])
    setLocale('ko')
    expect(at(0)).toBe('지금')
  })
})
