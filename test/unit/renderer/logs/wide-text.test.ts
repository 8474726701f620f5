/** @vitest-environment happy-dom */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { textNode } from '../../../../renderer/screens/Logs/wide-text.ts'

function partsOf(text: string): string[] {
  const body = document.createElement('span')
  body.append(textNode(text))
  return Array.from(body.childNodes, (node) => (node instanceof HTMLElement ? `${{ 'log-hangul': 'H', 'log-wide': 'W', 'log-emoji': 'E' }[node.className]}:${node.textContent}` : (node.textContent ?? '')))
}

describe('wide characters', () => {
  test.each([
    ['plain │ text é', ['plain │ text é']],
    ['상품 | 수량', ['H:상품', ' | ', 'H:수량']],
    ['価格：100円', ['W:価格：', '100', 'W:円']],
    ['ok 🚚🚀 done', ['ok ', 'E:🚚', 'E:🚀', ' done']],
    ['👩‍👩‍👧 👍🏽 🇰🇷 ❤️ ❤', ['E:👩‍👩‍👧', ' ', 'E:👍🏽', ' ', 'E:🇰🇷', ' ', 'E:❤️', ' ❤']],
    ['1 # ©', ['1 # ©']],
    ['שלום', ['שלום']],
  ])('%s', (text, parts) => expect(partsOf(text)).toEqual(parts))

  it('never change the text', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('가', 'a', '🚚', '\u200d', '\ufe0f', '🇰', '漢', '\ud83d', ' ')), (letters) => {
        const body = document.createElement('span')
        body.append(textNode(letters.join('')))
        expect(body.textContent).toBe(letters.join(''))
      }),
    )
  })

  it('are bounded in a line of nothing else', () => {
    const body = document.createElement('span')
    body.append(textNode('🚚'.repeat(20_000)))
    expect(body.childNodes.length).toBeLessThan(600)
    expect(body.textContent).toBe('🚚'.repeat(20_000))
  })
})
