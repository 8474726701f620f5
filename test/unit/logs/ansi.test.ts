import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAnsi, stripAnsi } from '../../../engine/logs/ansi.ts'
import type { AnsiSpan, AnsiStyle } from '../../../engine/logs/ansi.ts'
import { hasControls, stripAnsiBytes } from '../../../engine/logs/strip-ansi.ts'

const ESC = '\u001b'
const isControl = (code: number) => (code < 0x20 && code !== 9) || (code >= 0x7f && code <= 0x9f)

describe('parseAnsi', () => {
  const cases: ReadonlyArray<readonly [string, string, readonly AnsiSpan[], AnsiStyle?]> = [
    ['nothing', '', []],
    ['plain', 'hello', [{ text: 'hello' }]],
    ['one colour', `${ESC}[31mred${ESC}[0m plain`, [{ text: 'red', fg: 1 }, { text: ' plain' }]],
    ['bare m resets', `${ESC}[1mb${ESC}[m.`, [{ text: 'b', bold: true }, { text: '.' }]],
    ['bright colours', `${ESC}[97;104mx`, [{ text: 'x', fg: 15, bg: 12 }], { fg: 15, bg: 12 }],
    ['256 colours', `${ESC}[38;5;208mo${ESC}[48;5;16mx`, [{ text: 'o', fg: 208 }, { text: 'x', fg: 208, bg: 16 }], { fg: 208, bg: 16 }],
    ['truecolour', `${ESC}[38;2;255;128;0mx`, [{ text: 'x', fg: '#ff8000' }], { fg: '#ff8000' }],
    ['truecolour with colons', `${ESC}[38:2::1:2:3;1mx`, [{ text: 'x', fg: '#010203', bold: true }], { fg: '#010203', bold: true }],
    ['256 with colons', `${ESC}[48:5:9mx`, [{ text: 'x', bg: 9 }], { bg: 9 }],
    ['colour of the underline is left out', `${ESC}[58;5;9;4mx`, [{ text: 'x', underline: true }], { underline: true }],
    [
      'all switches',
      `${ESC}[1;2;3;4;7;9mx${ESC}[22;23;24;27;29my`,
      [{ text: 'x', bold: true, dim: true, italic: true, underline: true, inverse: true, strike: true }, { text: 'y' }],
    ],
    ['default colours', `${ESC}[31;42mx${ESC}[39;49my`, [{ text: 'x', fg: 1, bg: 2 }, { text: 'y' }]],
    ['unknown codes', `${ESC}[5;77;200mx`, [{ text: 'x' }]],
    ['colour out of range', `${ESC}[38;5;300mx`, [{ text: 'x' }]],
    ['cut truecolour', `${ESC}[38;2;1mx`, [{ text: 'x' }]],
    ['private modes', `${ESC}[?25lx${ESC}[>4;2my`, [{ text: 'xy' }]],
    ['cursor and erase', `a${ESC}[2K${ESC}[1Gb`, [{ text: 'ab' }]],
    ['link', `${ESC}]8;;https://example.test/${ESC}\\here${ESC}]8;;\u0007!`, [{ text: 'here!' }]],
    ['title', `${ESC}]0;title\u0007x`, [{ text: 'x' }]],
    ['string without end keeps the text', `${ESC}]0;title and more`, [{ text: '0;title and more' }]],
    ['sequence cut at the end', `x${ESC}[3`, [{ text: 'x' }]],
    ['lone escape', `x${ESC}`, [{ text: 'x' }]],
    ['broken by a letter of another script', `${ESC}[31한글`, [{ text: '한글' }]],
    ['character sets', `${ESC}(Bx${ESC}=y`, [{ text: 'xy' }]],
    ['eight-bit introducer', '\u009b31mx', [{ text: 'x', fg: 1 }], { fg: 1 }],
    ['control characters', 'a\u0007\u0000b\rc\td\u007f', [{ text: 'abc\td' }]],
    ['no span for a style without text', `${ESC}[31m${ESC}[32mx`, [{ text: 'x', fg: 2 }], { fg: 2 }],
    ['a style that comes back', `a${ESC}[31m${ESC}[0mb`, [{ text: 'ab' }]],
  ]
  it.each(cases.map(([name, text, spans, state = {}]) => ({ name, text, spans, state })))('$name', ({ text, spans, state }) => {
    expect(parseAnsi(text)).toEqual({ spans, state })
  })

  it('carries the style on', () => {
    const first = parseAnsi(`${ESC}[1;31mone`)
    expect(parseAnsi('two', first.state).spans).toEqual([{ text: 'two', fg: 1, bold: true }])
    expect(parseAnsi(`${ESC}[0m`, first.state)).toEqual({ spans: [], state: {} })
  })

  it('is linear in hostile input', () => {
    const began = performance.now()
    for (const piece of [`${ESC}]`, '\u009d', `${ESC}[`, `${ESC}P\u0090`, `${ESC}[38;5;1m`]) {
      parseAnsi(piece.repeat(200_000))
      stripAnsiBytes(Buffer.from(piece.repeat(200_000)))
    }
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})

describe('any text', () => {
  const piece = fc.oneof(
    fc.constantFrom(ESC, '[', ']', '8;;x', '\\', 'm', '31', ';', ':', '\u0007', '\u009b', '\u009d', '\u009c', '\u0090'),
    fc.constantFrom(' ', '(', '?', '0', 'P', 'é', '한', '😀', '\r', '\t', '\u00c2', '\u0085'),
    fc.string({ unit: 'grapheme', maxLength: 5 }),
  )
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('').replaceAll('\n', ''))

  it('shows what stripping leaves, without control characters, in spans that differ', () => {
    fc.assert(
      fc.property(text, (line) => {
        const { spans } = parseAnsi(line)
        const shown = spans.map((span) => span.text).join('')
        expect(shown).toBe(stripAnsi(line))
        for (const char of shown) expect(isControl(char.codePointAt(0) ?? 0)).toBe(false)
        for (const [index, { text: own, ...style }] of spans.entries()) {
          expect(own).not.toBe('')
          const { text: _, ...before } = spans[index - 1] ?? { text: '' }
          if (index > 0) expect(style).not.toEqual(before)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('is stripped the same as bytes', () => {
    fc.assert(
      fc.property(text, (line) => {
        const bytes = Buffer.from(line, 'utf8')
        expect(Buffer.from(stripAnsiBytes(bytes)).toString('utf8')).toBe(stripAnsi(bytes.toString('utf8')))
        if (!hasControls(bytes)) expect(stripAnsi(line)).toBe(bytes.toString('utf8'))
      }),
      { numRuns: 500 },
    )
  })
})
