/**
 * ANSI colours and styles of one line, as spans of plain text. Pure: used by the page for the rows it paints.
 * Everything that is not a colour or style (cursor moves, titles, links' addresses, control characters) is taken out;
 * a broken sequence loses only its own bytes, never the text behind it.
 */

/** 0…255 of the palette, or `#rrggbb`. */
export type AnsiColor = number | `#${string}`

export interface AnsiStyle {
  readonly fg?: AnsiColor
  readonly bg?: AnsiColor
  readonly bold?: true
  readonly dim?: true
  readonly italic?: true
  readonly underline?: true
  readonly inverse?: true
  readonly strike?: true
}

export interface AnsiSpan extends AnsiStyle {
  readonly text: string
}

export interface ParsedAnsi {
  /** Neighbours differ in style; no span is empty. */
  readonly spans: readonly AnsiSpan[]
  /** Style at the end; hand it to the next call to carry it on. */
  readonly state: AnsiStyle
}

type Mutable = { -readonly [K in keyof AnsiStyle]: AnsiStyle[K] }

/** No style at all. */
export const PLAIN: AnsiStyle = Object.freeze({})

// Written with codes, so that no control character stands in this file.
const C = (code: number) => String.fromCharCode(code)
const ESC = C(0x1b)
const CSI = `(?:${ESC}\\[|${C(0x9b)})([0-?]*)([ -/]*)([@-~]?)`
const C1_STRING = `${C(0x90)}${C(0x98)}${C(0x9d)}${C(0x9e)}${C(0x9f)}`
// No introducer inside a string: a line of introducers without an end must not be scanned once for each.
const STRING_BODY = `[^${C(7)}${C(0x0a)}${ESC}${C(0x9c)}${C1_STRING}]*`
const STRING_END = `(?:${C(7)}|${ESC}\\\\|${C(0x9c)})`
const STRING = `(?:${ESC}[PX\\]^_]|[${C1_STRING}])(?:${STRING_BODY}${STRING_END})?`
const OTHER = `${ESC}(?:[ -/]*[0-~]|[ -/]+)?`
const CONTROL = `[${C(0)}-${C(8)}${C(0x0b)}-${C(0x1f)}${C(0x7f)}-${C(0x9f)}]`
const TOKEN = new RegExp(`${CSI}|${STRING}|${OTHER}|${CONTROL}`, 'g')
const ANY_CONTROL = new RegExp(CONTROL)

/** Splits a line into spans of one style each. `state` is the style the line before ended with. */
export function parseAnsi(text: string, state: AnsiStyle = PLAIN): ParsedAnsi {
  if (!ANY_CONTROL.test(text)) {
    return { spans: text === '' ? [] : [{ text, ...state }], state }
  }
  const spans: AnsiSpan[] = []
  let style = state
  let pending = ''
  let from = 0
  for (const match of text.matchAll(TOKEN)) {
    pending += text.slice(from, match.index)
    from = match.index + match[0].length
    const [, parameters, between, final] = match
    if (final !== 'm' || between !== '') continue
    const next = applySgr(style, parameters ?? '')
    if (sameStyle(next, style)) continue
    if (pending !== '') spans.push({ text: pending, ...style })
    pending = ''
    style = next
  }
  pending += text.slice(from)
  if (pending !== '') spans.push({ text: pending, ...style })
  return { spans: joinAlike(spans), state: style }
}

/** The text without any escape sequence or control character. */
export function stripAnsi(text: string): string {
  return ANY_CONTROL.test(text) ? text.replace(TOKEN, '') : text
}

/** Two changes that cancel each other leave neighbours of the same style. */
function joinAlike(spans: AnsiSpan[]): AnsiSpan[] {
  const joined: AnsiSpan[] = []
  for (const span of spans) {
    const last = joined.at(-1)
    if (last && sameStyle(last, span)) joined[joined.length - 1] = { ...last, text: last.text + span.text }
    else joined.push(span)
  }
  return joined
}

const STYLE_KEYS = ['fg', 'bg', 'bold', 'dim', 'italic', 'underline', 'inverse', 'strike'] as const

function sameStyle(one: AnsiStyle, other: AnsiStyle): boolean {
  return STYLE_KEYS.every((key) => one[key] === other[key])
}

/** Parameters of a `CSI … m`: groups by `;`, members of a group by `:`. Private ones (`?`, `>`) change nothing. */
function applySgr(style: AnsiStyle, parameters: string): AnsiStyle {
  if (/[<=>?]/.test(parameters)) return style
  const groups = parameters.split(';').map((group) => group.split(':').map((part) => (part === '' ? 0 : Number(part))))
  let next: Mutable = { ...style }
  for (let at = 0; at < groups.length; at++) {
    const group = groups[at] as number[]
    const code = group[0] as number
    if (code === 0) next = {}
    else if (code === 38 || code === 48 || code === 58) at += extendedColor(next, code, group, groups, at)
    else simpleCode(next, code, group)
  }
  return next
}

function simpleCode(style: Mutable, code: number, group: readonly number[]): void {
  if (code >= 30 && code <= 37) style.fg = code - 30
  else if (code >= 40 && code <= 47) style.bg = code - 40
  else if (code >= 90 && code <= 97) style.fg = code - 90 + 8
  else if (code >= 100 && code <= 107) style.bg = code - 100 + 8
  else if (code === 4 && group[1] === 0) delete style.underline
  else SWITCHES[code]?.(style)
}

const SWITCHES: Readonly<Record<number, (style: Mutable) => void>> = {
  1: (style) => (style.bold = true),
  2: (style) => (style.dim = true),
  3: (style) => (style.italic = true),
  4: (style) => (style.underline = true),
  7: (style) => (style.inverse = true),
  9: (style) => (style.strike = true),
  21: (style) => (style.underline = true),
  22: (style) => {
    delete style.bold
    delete style.dim
  },
  23: (style) => delete style.italic,
  24: (style) => delete style.underline,
  27: (style) => delete style.inverse,
  29: (style) => delete style.strike,
  39: (style) => delete style.fg,
  49: (style) => delete style.bg,
}

/** `38;5;n`, `38;2;r;g;b` and their colon forms (`38:2::r:g:b` too). Returns how many further groups it used. */
function extendedColor(
  style: Mutable,
  code: number,
  group: readonly number[],
  groups: readonly (readonly number[])[],
  at: number,
): number {
  if (group.length > 1) {
    const values = group[1] === 2 && group.length > 5 ? [2, ...group.slice(3, 6)] : group.slice(1)
    setColor(style, code, values)
    return 0
  }
  const mode = groups[at + 1]?.[0]
  const used = mode === 5 ? 2 : mode === 2 ? 4 : 1
  setColor(style, code, groups.slice(at + 1, at + 1 + used).map((values) => values[0] as number))
  return used
}

function setColor(style: Mutable, code: number, [mode, ...values]: readonly number[]): void {
  const color = colorOf(mode, values)
  if (color === null || code === 58) return
  if (code === 38) style.fg = color
  else style.bg = color
}

function colorOf(mode: number | undefined, values: readonly number[]): AnsiColor | null {
  if (values.some((value) => !(value >= 0 && value <= 255))) return null
  if (mode === 5) return values.length >= 1 ? (values[0] as number) : null
  if (mode !== 2 || values.length < 3) return null
  return `#${values.slice(0, 3).map((value) => value.toString(16).padStart(2, '0')).join('')}`
}
