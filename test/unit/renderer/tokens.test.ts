import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('../../../renderer/styles/tokens.css', import.meta.url), 'utf8')

function tokens(block: string): Map<string, string> {
  const body = css.slice(css.indexOf(block)).split('}')[0] ?? ''
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

  it('draw focus and control borders visibly', () => {
    for (const ground of ['bg', 'surface', 'sunken']) expect(contrast(of('focus'), of(ground))).toBeGreaterThanOrEqual(3)
  })
})

it('both themes name the same colours', () => {
  expect([...tokens("[data-theme='dark'] {").keys()].sort()).toEqual([...tokens(':root {').keys()].sort())
})
