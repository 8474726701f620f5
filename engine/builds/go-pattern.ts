/**
 * One pattern of a `.dockerignore` as docker's matcher reads it. Its language is Go's filepath.Match plus `**`; docker
 * turns a pattern into a Go regular expression, so a few odd things (a `*` inside a class, `\d`) mean what they mean
 * there. Pure. Source: documentation and behaviour of github.com/moby/patternmatcher, checked against the docker CLI.
 */

/** True when a path (slashes, relative, no trailing slash) is what the pattern names. */
export type PathTest = (path: string) => boolean

/** A pattern that docker refuses too; the message says why. */
export class PatternError extends Error {}

type Kind = 'exact' | 'prefix' | 'suffix' | 'regexp'

const REGEXP_ONLY = new Set('.+()|{}$')

/** @param pattern cleaned as by Go's filepath.Clean. @throws PatternError */
export function compilePattern(pattern: string): PathTest {
  checkSyntax(pattern)
  const { kind, source } = translate(pattern)
  if (kind === 'exact') return (path) => path === pattern
  if (kind === 'prefix') {
    const start = pattern.slice(0, -2)
    return (path) => path.startsWith(start)
  }
  if (kind === 'suffix') {
    const end = pattern.slice(2)
    return (path) => path.endsWith(end) || (end.startsWith('/') && path === end.slice(1))
  }
  const regexp = toRegExp(source, pattern)
  return (path) => regexp.test(path)
}

/** The Go regular expression docker makes of a pattern, and whether a plain comparison does. */
function translate(pattern: string): { kind: Kind; source: string } {
  const chars = [...pattern]
  let kind: Kind = 'exact'
  let source = ''
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] as string
    if (char === '*' && chars[at + 1] === '*') {
      const first = at === 0
      at += 1
      if (chars[at + 1] === '/') at += 1
      if (at + 1 < chars.length) {
        source += '(.*/)?'
        kind = 'regexp'
      } else if (kind === 'exact') {
        kind = 'prefix'
      } else {
        source += '.*'
        kind = 'regexp'
      }
      if (first) kind = 'suffix'
    } else if (char === '*' || char === '?') {
      source += char === '*' ? '[^/]*' : '[^/]'
      kind = 'regexp'
    } else if (REGEXP_ONLY.has(char)) {
      source += `\\${char}`
    } else if (char === '\\') {
      // A lone one at the end was refused before.
      source += `\\${chars[at + 1] ?? ''}`
      at += 1
      kind = 'regexp'
    } else {
      if (char === '[' || char === ']') kind = 'regexp'
      source += char
    }
  }
  return { kind, source }
}

/** Refuses what Go's filepath.Match calls a bad pattern. */
function checkSyntax(pattern: string): void {
  const chars = [...pattern]
  const bad = (): never => {
    throw new PatternError('syntax error in pattern')
  }
  let at = 0
  const one = (): void => {
    if (at >= chars.length || chars[at] === '-' || chars[at] === ']') bad()
    if (chars[at] === '\\') at += 1
    at += 1
    if (at >= chars.length) bad()
  }
  while (at < chars.length) {
    const char = chars[at]
    at += 1
    if (char === '\\') {
      if (at >= chars.length) bad()
      at += 1
    } else if (char === '[') {
      if (chars[at] === '^') at += 1
      for (let ranges = 0; ranges === 0 || chars[at] !== ']'; ranges += 1) {
        one()
        if (chars[at] === '-') {
          at += 1
          one()
        }
      }
      at += 1
    }
  }
}

/** What a letter after a backslash means in Go's syntax, said in JavaScript's. */
const LETTERS: Readonly<Record<string, string>> = {
  d: '[0-9]',
  D: '[^0-9]',
  s: '[\\t\\n\\f\\r ]',
  S: '[^\\t\\n\\f\\r ]',
  w: '[0-9A-Za-z_]',
  W: '[^0-9A-Za-z_]',
  b: '\\b',
  B: '\\B',
  A: '^',
  z: '$',
  a: '\\x07',
  f: '\\f',
  t: '\\t',
  n: '\\n',
  r: '\\r',
  v: '\\v',
}

/** Characters that JavaScript's `u` mode wants escaped wherever they stand for themselves. */
const SPECIAL = new Set('^$\\.*+?()[]{}|/')
const quoted = (char: string, inClass: boolean): string => (SPECIAL.has(char) || (inClass && char === '-') ? `\\${char}` : char)

function toRegExp(source: string, pattern: string): RegExp {
  const chars = [...source]
  let inClass = false
  let out = ''
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] as string
    if (char === '\\') {
      at += 1
      out += escaped(chars[at] ?? '', inClass)
    } else if (inClass) {
      if (char === ']') inClass = false
      out += char === '[' ? '\\[' : char
    } else if (char === '[') {
      inClass = true
      out += char
      if (chars[at + 1] === '^') {
        at += 1
        out += '^'
      }
    } else if (char === ']') {
      out += '\\]'
    } else {
      // Go's dot stops at a newline only.
      out += char === '.' ? '[^\\n]' : char
    }
  }
  try {
    return new RegExp(`^${out}$`, 'u')
  } catch {
    throw new PatternError(`not a pattern: ${pattern}`)
  }
}

function escaped(char: string, inClass: boolean): string {
  if (!/^[\w]$/.test(char) && char.charCodeAt(0) < 128) return quoted(char, inClass)
  if (char === '_') return char
  const meaning = LETTERS[char]
  if (meaning === undefined) throw new PatternError(`invalid escape \\${char}`)
  return inClass ? meaning.replace(/^\[(.*)\]$/, '$1') : meaning
}
