/**
 * `.dockerignore` exactly as docker reads it (docs/adr/0007 says why no library is behind it). Pure.
 * Source: https://docs.docker.com/build/concepts/context/#dockerignore-files and the docker CLI's own answers.
 */
import { NaruError } from '../contract/errors.ts'
import { PatternError, compilePattern } from './go-pattern.ts'
import type { PathTest } from './go-pattern.ts'

export interface Ignore {
  /**
   * True when the file or folder is left out of the context. `path` is relative to the context with slashes; a
   * leading `./` or `/` and a trailing slash do not matter. The context itself is never ignored.
   */
  readonly ignores: (path: string) => boolean
  /** False when nothing below an ignored folder can be wanted back, so that it need not be read. */
  readonly mayWantBelow: (folder: string) => boolean
  /** Patterns in effect, comments and empty lines not counted. */
  readonly size: number
}

interface Rule {
  /** Cleaned, without the `!`. */
  readonly pattern: string
  readonly exception: boolean
  readonly test: PathTest
}

/** Answers of every rule for one folder: what a rule says of a folder it says of everything below. */
interface Verdict {
  readonly ignored: boolean
  readonly matched: readonly boolean[]
}

/** Folders whose verdicts are kept; a walk asks for those on the way down again and again. */
const KEPT_VERDICTS = 4_096

/**
 * Reads the text of a `.dockerignore`; later lines win over earlier ones.
 * @throws NaruError `invalid-request` {line, pattern} (hint `build.ignore-pattern`) for a pattern docker refuses
 */
export function createIgnore(text: string): Ignore {
  const rules = readRules(text)
  const exceptions = rules.filter(({ exception }) => exception)
  const kept = new Map<string, Verdict>()

  const judge = (path: string): Verdict => {
    const slash = path.lastIndexOf('/')
    const above = slash < 0 ? null : judgeFolder(path.slice(0, slash))
    let ignored = false
    const matched = rules.map(({ exception, test }, index) => {
      let match = above?.matched[index] ?? false
      // A rule that could not change the answer is not asked, and then says nothing about what is below.
      if (!match && exception === ignored) match = test(path)
      if (match) ignored = !exception
      return match
    })
    return { ignored, matched }
  }
  const judgeFolder = (path: string): Verdict => {
    const known = kept.get(path)
    if (known) return known
    const verdict = judge(path)
    if (kept.size >= KEPT_VERDICTS) kept.clear()
    kept.set(path, verdict)
    return verdict
  }

  return {
    size: rules.length,
    ignores: (path) => {
      const clean = cleanPath(path).replace(/^\/+/, '')
      return clean !== '' && clean !== '.' && judge(clean).ignored
    },
    mayWantBelow: (folder) => {
      const below = `${cleanPath(folder)}/`
      return exceptions.some(({ pattern }) => /[*?[\\]/.test(pattern.replace(/\/\*{1,2}$/, '')) || `${pattern}/`.startsWith(below) || below.startsWith(`${pattern}/`))
    },
  }
}

function readRules(text: string): Rule[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap((line, index) => {
      const rule = readRule(line.replace(/\r$/, ''), index + 1)
      return rule ? [rule] : []
    })
}

function readRule(line: string, number: number): Rule | null {
  // Only a # in the first column makes a comment.
  if (line.startsWith('#')) return null
  let pattern = trim(line)
  if (pattern === '') return null
  const exception = pattern.startsWith('!')
  if (exception) pattern = trim(pattern.slice(1))
  if (pattern !== '') {
    pattern = cleanPath(pattern)
    if (pattern.length > 1 && pattern.startsWith('/')) pattern = pattern.slice(1)
  }
  // The matcher reads the cleaned line once more: `./!a` has become an exception by now.
  return readPattern(cleanPath(trim(exception ? `!${pattern}` : pattern)), line, number)
}

function readPattern(cleaned: string, line: string, number: number): Rule {
  const exception = cleaned.startsWith('!')
  const pattern = exception ? cleaned.slice(1) : cleaned
  if (pattern === '') throw refused('illegal exclusion pattern: "!"', line, number)
  try {
    return { pattern, exception, test: compilePattern(pattern) }
  } catch (error) {
    if (error instanceof PatternError) throw refused(error.message, line, number)
    throw error
  }
}

function refused(message: string, pattern: string, line: number): NaruError {
  return new NaruError('invalid-request', `.dockerignore, line ${line}: ${message}`, {
    hint: 'build.ignore-pattern',
    params: { line, pattern: pattern.slice(0, 200) },
  })
}

/** White space as Go's unicode.IsSpace knows it. */
const isSpace = (char: string | undefined): boolean => char !== undefined && char !== '\uFEFF' && /[\s\u0085]/.test(char)

/** As Go's strings.TrimSpace. An expression that is anchored at the end would begin anew at every space within. */
function trim(text: string): string {
  let [start, end] = [0, text.length]
  while (isSpace(text[start])) start += 1
  while (end > start && isSpace(text[end - 1])) end -= 1
  return text.slice(start, end)
}

/** Go's filepath.Clean for slashes: no empty, `.` or inner `..` parts, no trailing slash; `.` for nothing. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith('/')
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (!rooted) parts.push(part)
  }
  const joined = parts.join('/')
  return rooted ? `/${joined}` : joined || '.'
}
