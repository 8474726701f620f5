/**
 * Text in the grid of a terminal: a Korean, Chinese or Japanese character and an emoji take two columns, whatever the
 * font that has them makes of it. Tables printed by programs stand on that.
 */

/** East Asian Wide and Fullwidth (UAX 11), without emoji. Korean apart: its letters often come from another font. */
const HANGUL = '[\\u1100-\\u115f\\u3131-\\u318e\\ua960-\\ua97c\\uac00-\\ud7a3]+'
const WIDE = '[\\u2e80-\\u303e\\u3041-\\u3130\\u318f-\\u33ff\\u3400-\\u4dbf\\u4e00-\\ua4cf\\uf900-\\ufaff\\ufe30-\\ufe6f\\uff01-\\uff60\\uffe0-\\uffe6\\u{20000}-\\u{3fffd}]+'
/** One emoji with all that belongs to it: skin, hair, family, flag. */
const EMOJI = '(?:\\p{RI}\\p{RI}|(?:\\p{Emoji_Presentation}|\\p{Extended_Pictographic}\\ufe0f)[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]{0,2}(?:\\u200d\\p{Extended_Pictographic}[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]{0,2}){0,6})'
const PARTS = new RegExp(`(${HANGUL})|(${WIDE})|(${EMOJI})`, 'gu')
const MAY_BE = /[\u1100-\uffff\ud800-\udfff]/
/** Elements made for one text at most: what is behind them is out of step, and painted all the same. */
const MOST = 500

/** The text as a text node, or, where it has wide characters, a fragment of several with the same text. */
export function textNode(text: string): Node {
  if (!MAY_BE.test(text)) return document.createTextNode(text)
  const nodes: Node[] = []
  let at = 0
  for (const match of text.matchAll(PARTS)) {
    if (nodes.length > MOST) break
    if (match.index > at) nodes.push(document.createTextNode(text.slice(at, match.index)))
    const element = document.createElement('span')
    element.className = match[1] !== undefined ? 'log-hangul' : match[2] !== undefined ? 'log-wide' : 'log-emoji'
    element.textContent = match[0]
    nodes.push(element)
    at = match.index + match[0].length
  }
  if (nodes.length === 0) return document.createTextNode(text)
  if (at < text.length) nodes.push(document.createTextNode(text.slice(at)))
  const fragment = document.createDocumentFragment()
  fragment.append(...nodes)
  return fragment
}

const SAMPLE_PX = 100

/** What wide characters lack to two columns in the rows' font, em; told to the style sheet once. */
export function measureWide(): void {
  const root = document.documentElement
  if (root.style.getPropertyValue('--log-wide') !== '') return
  const canvas = document.createElement('canvas').getContext('2d')
  if (!canvas) return
  canvas.font = `${SAMPLE_PX}px ${getComputedStyle(root).getPropertyValue('--mono')}`
  const columns = 2 * canvas.measureText('0').width
  for (const [name, sample] of [['--log-hangul', '한'], ['--log-wide', '漢']] as const) {
    root.style.setProperty(name, `${((columns - canvas.measureText(sample).width) / SAMPLE_PX).toFixed(4)}em`)
  }
}
