/** Text from outside that hides or turns, and text that is only written in another way than English. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainLines, plainText } from '../../../engine/contract/plain-text.ts'

const of = (...codes: number[]): string => String.fromCodePoint(...codes)
const hex = (code: number): string => code.toString(16).toUpperCase().padStart(4, '0')

/** Marks of direction: embeddings, overrides, isolates and their ends, single marks. */
const TURNING = [0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0x200e, 0x200f, 0x061c]
/** Of no width, or filling a place with nothing. */
const UNSEEN = [0x00ad, 0x034f, 0x115f, 0x1160, 0x17b4, 0x180e, 0x200b, 0x200c, 0x200d, 0x2028, 0x2029, 0x2060, 0x2063, 0x206a, 0x3164, 0xfe0f, 0xfeff, 0xffa0, 0xfff9, 0xe0001, 0xe0041, 0xe007f, 0xe0100]

describe('text from outside', () => {
  it.each([...TURNING, ...UNSEEN, 0x80, 0x85, 0x9b])('has the character %i written out', (code) => {
    for (const show of [plainText, plainLines]) {
      expect(show(`pay${of(code)}load`)).toBe(`pay⟨U+${hex(code)}⟩load`)
      expect(show(of(code))).toBe(`⟨U+${hex(code)}⟩`)
    }
  })

  it('has its controls as signs; line ends and tabs stay where lines are expected', () => {
    expect(plainText('a\nb\tc\r\u0000\u001b[31m\u007f')).toBe('a␊b␉c␍␀␛[31m␡')
    expect(plainLines('a\nb\tc\r\u0000\u001b[31m\u007f')).toBe('a\nb\tc\r␀␛[31m␡')
  })

  it('has half characters written out, which some fonts show as nothing', () => {
    expect(plainText('a\ud83db')).toBe('a⟨U+D83D⟩b')
  })

  it.each([
    ['Arabic', 'هذه صورة لخادم الويب'],
    ['Hebrew with points', 'שָׁלוֹם עולם'],
    ['Persian with a joiner that keeps letters apart', 'می\u200cخواهم'],
    ['Hindi with joiners', 'क्\u200dष क्\u200cष'],
    ['Sinhala', 'ශ්\u200dරී ලංකා'],
    ['Korean, composed and in parts', '컨테이너 \u1112\u1161\u11ab'],
    ['Japanese with a variant of a character', '葛\u{e0100}城市'],
    ['Mongolian with a variant', 'ᠠ\u180bᠭ'],
    ['letters with marks', 'Ce\u0301zanne Việt Nam'],
    ['emoji of several parts', '👩\u200d💻 👨\u200d👩\u200d👧\u200d👦 🏴\u200d☠\ufe0f ❤\ufe0f 👍🏽 🧑🏽\u200d🚀 1\ufe0f\u20e3 🇰🇷'],
    ['flags that are spelt', '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
    ['spaces and lines of other kinds', 'a\u00a0b\u2009c\u3000d ─│ €'],
  ])('stays as it is in %s', (_what, text) => {
    expect(plainText(text)).toBe(text)
    expect(plainLines(text)).toBe(text)
  })

  it.each([
    ['a joiner between Latin letters', 'a\u200db', 'a⟨U+200D⟩b'],
    ['a joiner at the end of an Arabic word', 'می\u200c ', 'می⟨U+200C⟩ '],
    ['two joiners', '👩\u200d\u200d💻', '👩⟨U+200D⟩⟨U+200D⟩💻'],
    ['a selector on a digit that is no key', '1\ufe0f0', '1⟨U+FE0F⟩0'],
    ['selectors that carry a message', '😀\ufe0f\ufe0e', '😀\ufe0f⟨U+FE0E⟩'],
    ['letters of tags behind another flag', '🏴\u{e0065}\u{e007f}', '🏴⟨U+E0065⟩⟨U+E007F⟩'],
    ['an override in Hebrew', 'שלום\u202eabc', 'שלום⟨U+202E⟩abc'],
  ])('does not keep %s', (_what, text, expected) => expect(plainText(text)).toBe(expected))

  it('is the same when written out again, has nothing left that is not seen, and loses no letter', () => {
    const piece = fc.oneof(fc.constantFrom(...[...TURNING, ...UNSEEN].map((code) => of(code)), '👩', '💻', 'م', 'क', '\n', '1', '葛'), fc.string({ maxLength: 4, unit: 'binary' }))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('')
        const shown = plainText(text)
        expect(plainText(shown)).toBe(shown)
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u00ad\u034f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/u)
        for (const letter of text.match(/[\p{L}\p{N}]/gu) ?? []) if (!/[\u115f\u1160\u3164\uffa0]/.test(letter)) expect(shown).toContain(letter)
      }),
    )
  })

  it('costs nothing to speak of: a megabyte of hostile text is written out at once', () => {
    const started = performance.now()
    expect(plainText('\u202e\u200d'.repeat(100_000))).toHaveLength(1_600_000)
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})
