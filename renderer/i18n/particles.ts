/**
 * Korean particles depend on the sound before them. Messages write both forms after a gap, `{name}을(를)`; here the
 * right one is chosen where the sound is known: Hangul, digits and units. After other letters both stay, as Koreans write it.
 */

interface Sound {
  /** Ends in a consonant. */
  readonly closed: boolean
  /** That consonant is ㄹ, which takes 로 like a vowel. */
  readonly liquid: boolean
}

const HANGUL_FIRST = 0xac00
const HANGUL_LAST = 0xd7a3
const FINALS = 28
const FINAL_RIEUL = 8
/** 영 일 이 삼 사 오 육 칠 팔 구 */
const DIGITS = '1101001110'
const LIQUID_DIGITS = '178'
/** 바이트, 밀리초, 퍼센트: every unit Naru writes after a number ends in a vowel. */
const UNIT = /(?<![\w.])[\d.,]+ ?(?:[kKMGT]?i?B|ms|%)$/
const OPEN: Sound = { closed: false, liquid: false }

/** Stands around a value that is to be found again in the text, as {@link splitMarked} does; it has no sound. */
export const MARK = '\u2063'

function soundOf(character: string): Sound | null {
  if (/[0-9]/.test(character)) {
    return { closed: DIGITS[Number(character)] === '1', liquid: LIQUID_DIGITS.includes(character) }
  }
  const code = character.codePointAt(0) ?? 0
  if (code < HANGUL_FIRST || code > HANGUL_LAST) return null
  const final = (code - HANGUL_FIRST) % FINALS
  return { closed: final !== 0, liquid: final === FINAL_RIEUL }
}

/** Open form, closed form. */
const PAIRS: Readonly<Record<string, readonly [string, string]>> = {
  '을(를)': ['를', '을'],
  '은(는)': ['는', '은'],
  '이(가)': ['가', '이'],
  '와(과)': ['와', '과'],
  '(으)로': ['로', '으로'],
}
const PLACE = /(.)(["'”’)\]\u2063]*)(을\(를\)|은\(는\)|이\(가\)|와\(과\)|\(으\)로)/gu

/** `text` with every particle whose sound is known in its one form. Pure. */
export function withParticles(text: string): string {
  return text.replace(PLACE, (whole, before: string, quotes: string, pair: string, at: number) => {
    const sound = soundOf(before) ?? (UNIT.test(text.slice(0, at) + before) ? OPEN : null)
    const [open, closed] = PAIRS[pair] ?? [pair, pair]
    if (!sound) return whole
    const isClosed = sound.closed && !(pair === '(으)로' && sound.liquid)
    return before + quotes + (isClosed ? closed : open)
  })
}

/** A message whose values were marked, in pieces: those at odd places are the values. Pure. */
export const splitMarked = (text: string): readonly string[] => text.split(MARK)

/** `params` with a mark around every value. */
export const marked = (params: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, MARK + value.replaceAll(MARK, '') + MARK]))
