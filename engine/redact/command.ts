/** A docker line without its secrets: as it is shown, and as it is copied, where it takes them from the environment. Pure. */
import { joinCommand, quoteWord, splitCommand } from '../containers/words.ts'
import { MASK, isSecretName, maskedValue } from './rules.ts'
import { redactText } from './text.ts'

export interface HiddenCommand {
  /** Works when the variables it needs are set. The line itself when nothing had to be hidden. */
  readonly command: string
  /** What is shown: the values are marked. Absent when nothing had to be hidden. */
  readonly shown?: string
  /** Variables that the line takes its secrets from. */
  readonly needs?: readonly string[]
}

/** Flags whose `NAME` alone takes the value from the environment. */
const FROM_ENVIRONMENT: ReadonlySet<string> = new Set(['-e', '--env', '--build-arg'])
const PAIR_FLAGS: ReadonlySet<string> = new Set([...FROM_ENVIRONMENT, '-l', '--label'])
const VARIABLE = /^[A-Za-z_]\w*$/
/** Programs that take a password right behind `-p`. */
const GLUED_PASSWORD = /(?:^|\/)(?:mysql\w*|mariadb[\w-]*)$/

/** Hides the values that look like secrets in a line of `docker` or `podman`. */
export function hideInCommand(line: string): HiddenCommand {
  const words = wordsOf(line)
  if (!words) {
    const shown = redactText(line)
    return shown === line ? { command: line } : { command: shown, shown }
  }
  const hidden = words.map((word, index) => hiddenWord(word, words, index))
  if (hidden.every((word, index) => word === words[index])) return { command: line }
  const needs: string[] = []
  const joined = joinAt(seamsOf(line))
  const copied = hidden.map((word, index) => (word === words[index] ? quoteWord(word) : fromEnvironment(word, words[index - 1] ?? '', needs)))
  return { command: joined(copied), shown: joined(hidden.map((word, index) => (word === words[index] ? quoteWord(word) : shownWord(word)))), needs: [...new Set(needs)] }
}

const CONTINUED = /\s+\\\n\s*/
/** Numbers of the words that begin a continued line. */
function seamsOf(line: string): ReadonlySet<number> {
  let at = 0
  return new Set(line.split(CONTINUED).map((part) => (at += splitCommand(part).length)))
}
const joinAt = (seams: ReadonlySet<number>) => (words: readonly string[]): string =>
  words.map((word, index) => (index === 0 ? word : `${seams.has(index) ? ' \\\n  ' : ' '}${word}`)).join('')

/** Null for lines that are more than words: of several commands, with substitutions. Continued lines become one. */
function wordsOf(line: string): readonly string[] | null {
  try {
    const words = splitCommand(line)
    return joinCommand(words) === line.split(CONTINUED).join(' ').trim() ? words : null
  } catch {
    return null
  }
}

/** The word with each secret in it as MASK. */
function hiddenWord(word: string, words: readonly string[], index: number): string {
  const before = words[index - 1] ?? ''
  const equals = word.indexOf('=')
  if (PAIR_FLAGS.has(before) && equals > 0) {
    const name = word.slice(0, equals)
    return `${name}=${maskedValue({ name, value: word.slice(equals + 1) })}`
  }
  if (before.startsWith('--') && !before.includes('=') && isSecretName(before) && !word.startsWith('-')) return MASK
  const glued = /^-p(?=.)/.test(word) && words.slice(0, index).some((each) => GLUED_PASSWORD.test(each))
  if (glued) return `-p${MASK}`
  const named = /^(-{0,2}[\w.-]+)=([\s\S]+)$/.exec(word)
  const [, name = '', value = ''] = named ?? []
  if (named && !/\s/.test(name)) return `${name}=${isSecretName(name) ? maskedValue({ name, value }) : redactText(value)}`
  return redactText(word)
}

/** Marks need no quotes; they are no part of a line that anybody runs. */
const shownWord = (word: string): string => (quoteWord(word.replaceAll(MASK, '')) === word.replaceAll(MASK, '') || word === MASK ? word : quoteWord(word))

function fromEnvironment(word: string, before: string, needs: string[]): string {
  const name = word.slice(0, Math.max(0, word.indexOf('=')))
  if (FROM_ENVIRONMENT.has(before) && VARIABLE.test(name)) {
    needs.push(name)
    return name
  }
  const parts = word.split(MASK)
  const inner = parts.map((part, index) => part.replace(/[\\"$`]/g, '\\$&') + (index < parts.length - 1 ? variable(needs) : ''))
  return `"${inner.join('')}"`
}

function variable(needs: string[]): string {
  const name = `SECRET_${needs.filter((each) => each.startsWith('SECRET_')).length + 1}`
  needs.push(name)
  return `\${${name}}`
}
