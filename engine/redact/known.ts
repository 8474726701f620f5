/** Secrets whose values are known because a person gave them: hidden wherever they are repeated, in any usual writing. */
import { MASK, isMasked, isSecretName } from './rules.ts'

/** Shorter ones, and plain words like `postgres`, are in too many innocent places. */
const SHORTEST = 8
/** Values kept; the oldest go. */
const MOST = 2_000

export interface KnownSecrets {
  readonly learn: (values: readonly string[]) => void
  readonly redact: (text: string) => string
}

/** Worth looking for: nobody would write it by chance. */
function isTelling(value: string): boolean {
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((each) => each.test(value)).length
  return value.length >= SHORTEST && value.length <= 64 * 1024 && classes >= 2
}

/** The value, and as addresses, JSON and base64 write it (the latter where it stands alone). */
function writings(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1)
  return [...new Set([value, encodeURIComponent(value), json, JSON.stringify(json).slice(1, -1), base64Of(value)])]
}

/** Base64 without node: the page uses it as well. Padding is left off. */
function base64Of(value: string): string {
  const bytes = new TextEncoder().encode(value)
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replace(/=+$/, '')
}

/** Hides these values and nothing else. */
export function maskerOf(values: readonly string[]): (text: string) => string {
  const known = new Set(values.filter(isTelling).flatMap(writings))
  if (known.size === 0) return (text) => text
  // The longest first: one that holds another goes whole.
  const all = [...known].sort((a, b) => b.length - a.length)
  return (text) => all.reduce((rest, one) => (rest.includes(one) ? rest.replaceAll(one, MASK) : rest), text)
}

export function createKnownSecrets(): KnownSecrets {
  const values = new Set<string>()
  let mask = maskerOf([])
  return {
    learn(more) {
      const fresh = more.filter((value) => isTelling(value) && !values.has(value))
      if (fresh.length === 0) return
      for (const value of fresh) values.add(value)
      for (const oldest of [...values].slice(0, Math.max(0, values.size - MOST))) values.delete(oldest)
      mask = maskerOf([...values])
    },
    redact: (text) => mask(text),
  }
}

/** `scheme://user:password@`; the password. */
const PASSWORD_IN = /[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@]{0,256}:([^\s@]{1,512}(?:@[^\s@/:,;?#"']{1,256}(?=@))*)@/gi

/** The secrets in the argument of an operation: variables, build arguments, labels, words of commands, passwords in addresses. */
export function secretsIn(arg: unknown): string[] {
  const found: string[] = []
  const take = (name: string, value: string, given: boolean): void => {
    const passwords = [...value.matchAll(PASSWORD_IN)].map((match) => match[1] ?? '')
    found.push(...passwords)
    const word = /^-{0,2}([\w.-]+)=([\s\S]+)$/.exec(value)
    if (word && isSecretName(word[1] ?? '')) found.push(word[2] ?? '')
    // Names and ids look random as well: only what a person named a value for is judged by its looks.
    if (isSecretName(name) || (given && passwords.length === 0 && isMasked({ name, value }))) found.push(value)
  }
  const visit = (value: unknown, name: string, given: boolean): void => {
    if (typeof value === 'string') return take(name, value, given)
    if (Array.isArray(value)) return value.forEach((each: unknown) => visit(each, name, false))
    if (typeof value !== 'object' || value === null) return
    const { name: own, value: text } = value as { readonly name?: unknown; readonly value?: unknown }
    if (typeof own === 'string' && typeof text === 'string') return visit(text, own, true)
    for (const [key, each] of Object.entries(value)) visit(each, key, name === 'labels')
  }
  visit(arg, '', false)
  return found
}
