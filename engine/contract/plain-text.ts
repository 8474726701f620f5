/**
 * Text from outside as a person may read it: nothing in it is hidden, and nothing turns what stands beside it
 * (docs/adr/0033). Letters of every script stay, also those written from right to left. Pure; what it gives is left as it is.
 */

/**
 * Controls, marks of direction, characters without width (all of Unicode's Default_Ignorable_Code_Point), separators that
 * no key types, half characters. Flags of England, Scotland and Wales are spelt with some of them and come first.
 */
const HIDDEN = /\u{1f3f4}(?:\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}|\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}|\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073})\u{e007f}|[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu
/** Nearly all there is. */
const PLAIN = /^[\x20-\x7e]*$/

/** Scripts whose words are spelt with joiners. */
const JOINING = ['Arab', 'Syrc', 'Mong', 'Nkoo', 'Deva', 'Beng', 'Guru', 'Gujr', 'Orya', 'Taml', 'Telu', 'Knda', 'Mlym', 'Sinh', 'Khmr', 'Mymr', 'Tibt']
const JOINED = `[${JOINING.map((script) => `\\p{Script=${script}}`).join('')}]`
const WORD = new RegExp(`${JOINED}\\p{M}*$`, 'u')
const WORD_ON = new RegExp(`^${JOINED}`, 'u')
const PICTURE = /\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?$/u
const PICTURE_ON = /^\p{Extended_Pictographic}/u
/** How far a look around one character goes; marks on one letter are few. */
const AROUND = 8

/** What may stand where it stands because it changes how its neighbours look and hides nothing. */
function belongs(char: string, before: string, after: string): boolean {
  if (char === '\u200d' && PICTURE.test(before) && PICTURE_ON.test(after)) return true
  if (char === '\u200c' || char === '\u200d') return WORD.test(before) && WORD_ON.test(after)
  // A picture rather than a sign, or the other way round; of digits only before the frame of a key.
  if (char === '\ufe0e' || char === '\ufe0f') return /\p{Extended_Pictographic}\p{Emoji_Modifier}?$/u.test(before) || (/[0-9#*]$/.test(before) && after.startsWith('\u20e3'))
  if (/[\ufe00-\ufe02\u{e0100}-\u{e01ef}]/u.test(char)) return /\p{Script=Han}$/u.test(before)
  return /[\u180b-\u180f]/.test(char) && /\p{Script=Mongolian}$/u.test(before)
}

function sign(char: string): string {
  const code = char.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  return code === 0x7f ? '␡' : `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
}

function writtenOut(text: string, kept: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(HIDDEN, (char: string, at: number) => {
    if (kept.includes(char) || char.length > 2) return char
    return belongs(char, text.slice(Math.max(0, at - AROUND), at), text.slice(at + char.length, at + char.length + AROUND)) ? char : sign(char)
  })
}

/** For what is one line, a name or a path: line ends and tabs are signs too. `⟨U+202E⟩`, `␊`. */
export const plainText = (text: string): string => writtenOut(text, '')

/** For any text: line ends and tabs stay. */
export const plainLines = (text: string): string => writtenOut(text, '\n\t\r')
