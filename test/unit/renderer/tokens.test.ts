import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('../../../renderer/styles/tokens.css', import.meta.url), 'utf8')

const rows = readFileSync(new URL('../../../renderer/screens/Logs/log-rows.css', import.meta.url), 'utf8')

function tokens(block: string, file = css): Map<string, string> {
  const body = file.slice(file.indexOf(block)).split('}')[0] ?? ''
  return new Map([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1] ?? '', match[2] ?? '']))
}
/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

const GROUNDS = ['bg', 'surface', 'raised', 'sunken', 'hover', 'sel', 'log-bg']
const TEXTS = ['text', 'muted', 'faint', 'accent', 'ok', 'warn', 'bad']
/** Of the containers of a merged log, and what their names stand on. */
const CONTAINERS = Array.from({ length: 12 }, (_, index) => `c${index + 1}`)
const LOG_GROUNDS = [...GROUNDS, 'warn-soft', 'bad-soft']

/** Place in OKLab, where a distance of 0.02 can just be seen. */
function oklab(hex: string): readonly [number, number, number] {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s]
}
const far = (a: string, b: string): number => Math.hypot(...oklab(a).map((part, at) => part - (oklab(b)[at] ?? 0)))

const PAIRS = [
  ['accent', 'accent-soft'],
  ['ok', 'ok-soft'],
  ['warn', 'warn-soft'],
  ['bad', 'bad-soft'],
  ['text', 'warn-soft'],
  ['text', 'accent-soft'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['on-bad', 'bad'],
] as const

describe.each([
  ['light', ':root {'],
  ['dark', "[data-theme='dark'] {"],
])('colours of the %s theme', (_name, block) => {
  const theme = tokens(block)
  const of = (name: string): string => theme.get(name) ?? '#000000'

  it.each(GROUNDS)('keep AA contrast on %s', (ground) => {
    for (const text of TEXTS) expect(contrast(of(text), of(ground)), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5)
  })

  it('keep AA contrast on their tints', () => {
    for (const [text, ground] of PAIRS) expect(contrast(of(text), of(ground)), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5)
  })

  it('tell twelve containers of a log apart, each readable as text', () => {
    for (const [place, name] of CONTAINERS.entries()) {
      for (const ground of LOG_GROUNDS) expect(contrast(of(name), of(ground)), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5)
      for (const other of CONTAINERS.slice(0, place)) expect(far(of(name), of(other)), `${name} and ${other}`).toBeGreaterThan(0.1)
    }
  })

  it('draw levels readably on every ground a line has', () => {
    for (const ground of LOG_GROUNDS) {
      for (const level of ['muted', 'accent', 'warn', 'bad', 'text', 'faint']) expect(contrast(of(level), of(ground)), `${level} on ${ground}`).toBeGreaterThanOrEqual(4.5)
    }
  })

  it('draw what programs colour themselves readably', () => {
    const ansi = [...tokens(block, rows)]
    expect(ansi).toHaveLength(16)
    for (const [name, colour] of ansi) for (const ground of ['log-bg', 'hover', 'sel', 'warn-soft']) expect(contrast(colour, of(ground)), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5)
  })

  it('draw focus and control borders visibly', () => {
    for (const ground of ['bg', 'surface', 'sunken']) expect(contrast(of('focus'), of(ground))).toBeGreaterThanOrEqual(3)
  })
})

it('both themes name the same colours', () => {
  expect([...tokens("[data-theme='dark'] {").keys()].sort()).toEqual([...tokens(':root {').keys()].sort())
})
