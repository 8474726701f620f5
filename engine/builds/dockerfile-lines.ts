/**
 * A Dockerfile as instructions with the lines they stand on: parser directives, comments, continued lines and
 * here-documents. Tolerant: what is wrong becomes a problem, the rest is still read. Linear time. Pure.
 * Source: https://docs.docker.com/reference/dockerfile/#format and #here-documents
 */
export interface Instruction {
  /** In capital letters: `RUN`, `COPY`… */
  readonly keyword: string
  /** What follows the keyword, continued lines joined as docker joins them, without here-documents' bodies. */
  readonly rest: string
  /** First and last line, 1-based; here-documents included. */
  readonly line: number
  readonly endLine: number
}

export interface Problem {
  readonly line: number
  readonly text: string
}

export interface DockerfileLines {
  readonly directives: { readonly syntax?: string; readonly escape?: string }
  readonly instructions: readonly Instruction[]
  readonly problems: readonly Problem[]
}

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/
const KNOWN_DIRECTIVES = new Set(['syntax', 'escape', 'check'])
const HEREDOC = /^\d*<<(-?)(["']?)([^\s<>"']+)\2$/
/** Instructions that take here-documents. */
const WITH_HEREDOC = new Set(['RUN', 'COPY', 'ADD'])

/** @param text of a Dockerfile, any line ends */
export function readLines(text: string): DockerfileLines {
  const lines = text.replace(/^\uFEFF/, '').split('\n').map((line) => line.replace(/\r$/, ''))
  const problems: Problem[] = []
  const { directives, after } = readDirectives(lines, problems)
  const escape = directives.escape ?? '\\'
  const instructions: Instruction[] = []
  for (let at = after; at < lines.length; ) {
    const line = lines[at] as string
    if (isSkipped(line)) {
      at += 1
      continue
    }
    const joined = join(lines, at, escape)
    const found = /^(\S+)\s*([\s\S]*)$/.exec(joined.text.trim())
    let { next } = joined
    if (found) {
      const keyword = (found[1] as string).toUpperCase()
      const rest = found[2] as string
      if (takesHeredoc(keyword, rest)) next = afterHeredocs(lines, next, rest, problems, at + 1)
      instructions.push({ keyword, rest, line: at + 1, endLine: next })
    }
    at = next
  }
  return { directives, instructions, problems }
}

const isSkipped = (line: string): boolean => /^\s*(?:#|$)/.test(line)

function readDirectives(lines: readonly string[], problems: Problem[]): { directives: { syntax?: string; escape?: string }; after: number } {
  const directives: { syntax?: string; escape?: string } = {}
  const seen = new Set<string>()
  let after = 0
  for (; after < lines.length; after += 1) {
    const found = DIRECTIVE.exec((lines[after] as string).trim())
    const key = found?.[1]?.toLowerCase() ?? ''
    // Anything else, even an empty line, ends the directives; unknown ones are comments.
    if (!found || !KNOWN_DIRECTIVES.has(key)) break
    const value = found[2] as string
    if (seen.has(key)) problems.push({ line: after + 1, text: `only one ${key} parser directive can be used` })
    seen.add(key)
    if (key === 'syntax') directives.syntax ??= value
    if (key !== 'escape') continue
    if (value === '\\' || value === '`') directives.escape ??= value
    else problems.push({ line: after + 1, text: `invalid escape token '${value}' does not match \` or \\` })
  }
  return { directives, after }
}

/** The logical line that begins at `start`; `next` is the first line after it. */
function join(lines: readonly string[], start: number, escape: string): { text: string; next: number } {
  let text = ''
  let at = start
  for (; at < lines.length; at += 1) {
    const line = lines[at] as string
    // Comments and empty lines between continued ones are left out.
    if (at > start && isSkipped(line)) continue
    const cut = continued(line, escape)
    text += cut ?? line
    if (cut === null) return { text, next: at + 1 }
  }
  return { text, next: at }
}

/** The line without its continuation mark, or null when it is not continued. */
function continued(line: string, escape: string): string | null {
  const end = line.replace(/[ \t]+$/, '')
  if (!end.endsWith(escape)) return null
  return end.at(-2) === escape ? null : end.slice(0, -1)
}

function takesHeredoc(keyword: string, rest: string): boolean {
  if (!rest.includes('<<')) return false
  if (keyword !== 'ONBUILD') return WITH_HEREDOC.has(keyword)
  return WITH_HEREDOC.has((/^\S+/.exec(rest)?.[0] ?? '').toUpperCase())
}

/** First line after the bodies of an instruction's here-documents. */
function afterHeredocs(lines: readonly string[], start: number, rest: string, problems: Problem[], line: number): number {
  let at = start
  for (const word of splitWords(rest, false)) {
    const found = HEREDOC.exec(word)
    if (!found) continue
    const [, tabs, , name] = found
    const body = at
    while (at < lines.length && (tabs ? (lines[at] as string).replace(/^\t+/, '') : lines[at]) !== name) at += 1
    if (at >= lines.length) {
      problems.push({ line, text: `unterminated heredoc ${name}` })
      // Better the rest read as instructions than nothing read.
      return body
    }
    at += 1
  }
  return at
}

/** Words as a shell splits them; quotes keep words together and are taken off when `unquote` is set. */
export function splitWords(text: string, unquote = true): string[] {
  const words: string[] = []
  let word: string | null = null
  let quote = ''
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string
    if (quote === '' && /\s/.test(char)) {
      if (word !== null) words.push(word)
      word = null
      continue
    }
    word ??= ''
    if (char === quote || (quote === '' && (char === '"' || char === "'"))) {
      quote = quote === '' ? char : ''
      if (!unquote) word += char
    } else if (char === '\\' && quote !== "'" && at + 1 < text.length) {
      at += 1
      word += unquote ? (text[at] as string) : char + (text[at] as string)
    } else {
      word += char
    }
  }
  if (word !== null) words.push(word)
  return words
}
