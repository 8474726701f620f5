/**
 * Words of a pasted line as `sh`, PowerShell or cmd would pass them on, each with its place. Nothing is run and nothing
 * expanded: what a shell would have to do is named where it stands. Pure.
 */

import type { CommandProblem, Word } from './problem.ts'
import { findStart } from './start.ts'
import type { Dialect } from './start.ts'

export interface Reading {
  readonly words: readonly Word[]
  readonly problems: readonly CommandProblem[]
}

interface Scan {
  readonly text: string
  readonly end: number
  readonly dialect: Dialect
  at: number
  word: { text: string; at: number; from: number[] } | null
  readonly words: Word[]
  readonly problems: CommandProblem[]
  /** An unquoted continuation of another shell: read again as that one. */
  other: Dialect | null
  done: boolean
}

/** Words of the first command of a text. */
export function readWords(text: string): Reading {
  const start = findStart(text)
  let dialect = start.dialect ?? 'sh'
  for (;;) {
    const scan: Scan = { text, end: start.end, dialect, at: start.at, word: null, words: [], problems: [], other: null, done: false }
    while (!scan.done && scan.at < scan.end) step(scan)
    endWord(scan)
    if (scan.other === null) return { words: scan.words, problems: scan.problems }
    dialect = scan.other
  }
}

const peek = (scan: Scan, ahead = 0): string => (scan.at + ahead < scan.end ? scan.text.charAt(scan.at + ahead) : '')
const rest = (scan: Scan): string => scan.text.slice(scan.at, scan.end)

function put(scan: Scan, char: string, from: number): void {
  scan.word ??= { text: '', at: from, from: [] }
  scan.word.text += char
  for (let i = 0; i < char.length; i++) scan.word.from.push(from)
}

/** A quote opens a word even when nothing is in it. */
function open(scan: Scan, from: number): void {
  scan.word ??= { text: '', at: from, from: [] }
}

function endWord(scan: Scan, stop = scan.at): void {
  if (scan.word) scan.words.push({ ...scan.word, length: Math.min(stop, scan.end) - scan.word.at })
  scan.word = null
}

function complain(scan: Scan, at: number, length: number, hint: string, message: string, params: Record<string, string> = {}): void {
  scan.problems.push({ at, length: Math.max(1, length), hint: `run.${hint}`, message, params })
}

const CONTINUATION: Readonly<Record<Dialect, string>> = { sh: '\\', powershell: '`', cmd: '^' }
const OPERATORS: Readonly<Record<Dialect, RegExp>> = { sh: /[|&;<>()]/, powershell: /[|;<>&()]/, cmd: /[|&<>]/ }
/** The end of a line after a continuation mark: people leave blanks and comments there, which no shell would take. */
const LINE_END = /^[ \t]*(?:[ \t]#[^\n]*)?\r?\n/

function step(scan: Scan): void {
  const { dialect } = scan
  const char = peek(scan)
  const at = scan.at
  if (char === '\n' || (char === '\r' && peek(scan, 1) === '\n')) return endLine(scan)
  if (char === ' ' || char === '\t' || char === '\r') {
    endWord(scan)
    scan.at++
  } else if (char === CONTINUATION[dialect]) escape(scan)
  else if (dialect === 'sh' && (char === '`' || char === '^') && /^[ \t]*\r?\n/.test(rest(scan).slice(1))) {
    scan.other = char === '`' ? 'powershell' : 'cmd'
    scan.done = true
  } else if (char === '"') doubleQuoted(scan)
  else if (char === "'" && dialect !== 'cmd') singleQuoted(scan)
  else if (char === '#' && dialect !== 'cmd' && !scan.word) {
    const newline = scan.text.indexOf('\n', at)
    scan.at = newline < 0 ? scan.end : newline
  } else if (OPERATORS[dialect].test(char)) operator(scan)
  else if (!expansion(scan, false)) {
    if (dialect === 'sh' && char === '~' && !scan.word) tilde(scan)
    put(scan, char, at)
    scan.at++
  }
}

/** The command ends with its line; what follows would be another one. */
function endLine(scan: Scan): void {
  endWord(scan)
  const lines = rest(scan)
  const next = /^(?:\s|(?<=\n[ \t]*)#[^\n]*)*/.exec(lines)?.[0].length ?? 0
  scan.done = true
  if (next >= lines.length || scan.words.length === 0) return
  const stop = lines.indexOf('\n', next)
  const line = lines.slice(next, stop < 0 ? lines.length : stop).trimEnd()
  complain(scan, scan.at + next, line.length, 'shell.second', 'a second command; only the first one is read here (does a line before it lack its continuation mark?)')
}

/** The continuation and escape mark of the dialect, outside quotes. */
function escape(scan: Scan): void {
  const at = scan.at
  scan.at++
  const line = LINE_END.exec(rest(scan))
  if (line) {
    // Only a mark right before the newline joins what stands on both sides.
    if (!/^\r?\n$/.test(line[0])) endWord(scan, at)
    scan.at += line[0].length
    const prompt = /^[ \t]*>{1,2}[ \t]+/.exec(rest(scan))
    if (prompt) scan.at += prompt[0].length
    return
  }
  const next = peek(scan)
  if (next === '' || rest(scan).trim() === '') {
    complain(scan, at, 1, 'shell.cut', 'the line is to go on here, but nothing follows')
    scan.at = scan.end
    return
  }
  put(scan, scan.dialect === 'powershell' ? (POWERSHELL_ESCAPES[next] ?? next) : next, at)
  scan.at++
}

const POWERSHELL_ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0', a: '\x07', b: '\b', f: '\f', v: '\v' }

function singleQuoted(scan: Scan): void {
  const at = scan.at
  open(scan, at)
  for (scan.at++; scan.at < scan.end; scan.at++) {
    const char = peek(scan)
    if (char !== "'") put(scan, char, scan.at)
    else if (scan.dialect === 'powershell' && peek(scan, 1) === "'") {
      put(scan, "'", scan.at)
      scan.at++
    } else {
      scan.at++
      return
    }
  }
  complain(scan, at, 1, 'shell.quote', 'this quote is not closed')
}

function doubleQuoted(scan: Scan): void {
  const at = scan.at
  const { dialect } = scan
  open(scan, at)
  scan.at++
  while (scan.at < scan.end) {
    const char = peek(scan)
    const next = peek(scan, 1)
    if (char === '"') {
      scan.at++
      if (dialect !== 'powershell' || next !== '"') return
      put(scan, '"', scan.at)
      scan.at++
    } else if (dialect === 'sh' && char === '\\' && /^\r?\n/.test(rest(scan).slice(1))) scan.at += next === '\r' ? 3 : 2
    else if ((dialect === 'sh' && char === '\\' && next !== '' && '"\\$`'.includes(next)) || (dialect === 'cmd' && char === '\\' && next === '"')) {
      put(scan, next, scan.at)
      scan.at += 2
    } else if (dialect === 'powershell' && char === '`' && next !== '') {
      put(scan, POWERSHELL_ESCAPES[next] ?? next, scan.at)
      scan.at += 2
    } else if (!expansion(scan, true)) {
      put(scan, char, scan.at)
      scan.at++
    }
  }
  complain(scan, at, 1, 'shell.quote', 'this quote is not closed')
}

/** `|`, `>`, `&&`, `;`: whatever follows is no part of the command. */
function operator(scan: Scan): void {
  const at = scan.at
  const mark = /^(?:\|\||&&|>>|<<<?|[<>]&\d?|&>|[|&;<>()])/.exec(rest(scan))?.[0] ?? peek(scan)
  // The 2 of 2>&1 belongs to it.
  const digits = /^[<>]/.test(mark) && scan.word && /^\d$/.test(scan.word.text) ? scan.word : null
  if (digits) scan.word = null
  endWord(scan)
  const from = digits?.at ?? at
  complain(scan, from, at + mark.length - from, 'shell.operator', `no shell runs this line: what "${mark}" asks for is not done`, { mark })
  scan.done = true
}

const SH_EXPANSION = /^\$(?:[A-Za-z_]\w*|\{[^}\n]*\}?|[0-9?!@*#$-])/
const POWERSHELL_EXPANSION = /^\$(?:env:\w+|\{[^}\n]*\}?|[A-Za-z_]\w*)/i

/** Names what a shell would have to expand, and keeps it as written so that the rest can be read. True when there was one. */
function expansion(scan: Scan, quoted: boolean): boolean {
  const char = peek(scan)
  const { dialect } = scan
  const text = rest(scan)
  if (dialect === 'cmd') {
    const variable = char === '%' ? /^%[A-Za-z_]\w*%/.exec(text)?.[0] : undefined
    return variable ? expand(scan, variable) : false
  }
  if (dialect === 'sh' && char === '`') return expand(scan, /^`[^`]*`?/.exec(text)?.[0] ?? char)
  if (char !== '$') return false
  const next = peek(scan, 1)
  if (next === '(') return expand(scan, text.slice(0, closingAt(text)))
  if (dialect === 'sh' && !quoted && next === "'") return ansiQuoted(scan)
  if (dialect === 'sh' && !quoted && next === '"') {
    scan.at++
    doubleQuoted(scan)
    return true
  }
  const variable = (dialect === 'sh' ? SH_EXPANSION : POWERSHELL_EXPANSION).exec(text)?.[0]
  return variable ? expand(scan, variable) : false
}

/** End of the bracket that opens at 1. */
function closingAt(text: string): number {
  let depth = 0
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')' && --depth === 0) return at + 1
  }
  return text.length
}

function expand(scan: Scan, part: string): true {
  complain(scan, scan.at, part.length, 'shell.expand', `no shell runs this line: ${part} cannot be filled in; write the value itself`, { part })
  for (const char of part) {
    put(scan, char, scan.at)
    scan.at += char.length
  }
  return true
}

function tilde(scan: Scan): void {
  const part = /^~[\w.-]*(?=[/\s]|$)/.exec(rest(scan))?.[0]
  if (part) complain(scan, scan.at, part.length, 'shell.expand', `no shell runs this line: ${part} cannot be filled in; write the whole path`, { part })
}

const ANSI: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', e: '\x1b', E: '\x1b', f: '\f', v: '\v' }

/** `$'…'` with its escapes. */
function ansiQuoted(scan: Scan): true {
  const at = scan.at
  open(scan, at)
  scan.at += 2
  while (scan.at < scan.end) {
    const char = peek(scan)
    const from = scan.at
    if (char === "'") {
      scan.at++
      return true
    }
    const code = char === '\\' ? /^\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3}))/.exec(rest(scan)) : null
    const number = code ? Number.parseInt(code[1] ?? code[2] ?? code[3] ?? '', 16) || Number.parseInt(code[4] ?? '', 8) || 0 : 0
    if (code) {
      put(scan, number <= 0x10_ff_ff ? String.fromCodePoint(number) : '�', from)
      scan.at += code[0].length
    } else if (char === '\\' && scan.at + 1 < scan.end) {
      put(scan, ANSI[peek(scan, 1)] ?? peek(scan, 1), from)
      scan.at += 2
    } else {
      put(scan, char, from)
      scan.at++
    }
  }
  complain(scan, at, 2, 'shell.quote', 'this quote is not closed')
  return true
}

