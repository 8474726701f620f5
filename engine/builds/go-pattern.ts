/**
 * One pattern of a `.dockerignore` as docker's matcher reads it. Its language is Go's filepath.Match plus `**`; docker
 * turns a pattern into a Go regular expression, so a few odd things (a `*` inside a class, `\d`) mean what they mean
 * there. Pure. Source: documentation and behaviour of github.com/moby/patternmatcher, checked against the docker CLI.
 */

import { RE2JS, RE2JSException } from 're2js'

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
  const regexp = compileRegExp(source, pattern)
  return (path) => regexp.matches(path)
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

/** Go's own language and, as there, time that grows with the path only, whatever the pattern is. */
function compileRegExp(source: string, pattern: string): RE2JS {
  try {
    return RE2JS.compile(`^${source}$`)
  } catch (error) {
    if (error instanceof RE2JSException) throw new PatternError(`not a pattern: ${pattern}`)
    throw error
  }
}
