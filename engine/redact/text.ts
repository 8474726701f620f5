/**
 * Secrets in free text: logs, errors, answers, reports. What is hidden is found by name and shape; a secret that has
 * neither is found only when its value is known (known.ts). Hiding twice is the same as hiding once. Pure.
 */
import { MASK, TOKEN, isSecretName, maskAddresses } from './rules.ts'

const PRIVATE_KEY = /-----BEGIN ([A-Z ]{0,30})PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g
/** `Authorization: Basic …`, `bearer …` in any sentence. */
const SCHEME = /\b(basic|bearer)( +|: *)([\w+/=.~-]{6,})/gi
const HEADER = /\b((?:proxy-)?authorization|x-registry-(?:auth|config)|(?:set-)?cookie)(["']?\s*[:=]\s*)([^\r\n]+)/gi
/** The environment of a container in an answer of an engine: no value of it, whatever its name. */
const ENV_LIST = /(\\?"Env\\?"\s*:\s*\[)([^\]]*)/g
const ENV_VALUE = /(\\?")([A-Za-z_][\w.-]*)=((?:\\(?!")[\s\S]|\\{3}"|[^"\\])*)(\\?")/g
/** `name=`, `name: `, `"name":`, `--name ` with what begins the value. */
const NAME = /(?<![\w.-])(--?)?(\w[\w.-]{0,200})(\\?["']?\s{0,3}[=:]\s{0,3}|(?<=--[\w.-]{1,202})\s+)/g
/** Quoted, or one word. */
const VALUE = /\\?"(?:[^"\\]|\\[^"])*\\?"|'[^']*'|[^\s,;&"'<>)}\]]+/y

/** The text without secrets. */
export function redactText(text: string): string {
  const known = maskAddresses(text.replace(PRIVATE_KEY, MASK))
    .replace(ENV_LIST, (_all, open: string, list: string) => open + list.replace(ENV_VALUE, `$1$2=${MASK}$4`))
    .replace(HEADER, `$1$2${MASK}`)
    .replace(SCHEME, `$1$2${MASK}`)
    .replace(TOKEN, MASK)
  return hideNamed(known)
}

/** Values under names of secrets. A name that is none may be followed by one that is: `failed: token=…`. */
function hideNamed(text: string): string {
  let result = ''
  let done = 0
  NAME.lastIndex = 0
  for (let found = NAME.exec(text); found; found = NAME.exec(text)) {
    VALUE.lastIndex = NAME.lastIndex
    const value = isSecretName(found[2] ?? '') ? VALUE.exec(text)?.[0] : undefined
    if (value === undefined || PLAIN.test(value.replace(/^\\?["']|\\?["']$/g, ''))) continue
    result += text.slice(done, NAME.lastIndex) + inQuotes(value)
    NAME.lastIndex = done = NAME.lastIndex + value.length
  }
  return result + text.slice(done)
}

/** Words that tell about a secret and are none. */
const PLAIN = /^(?:(?:true|false|yes|no|on|off|none|null|0|1)$|[[{])/i

function inQuotes(value: string): string {
  const quote = /^\\?["']/.exec(value)?.[0] ?? ''
  return `${quote}${MASK}${quote}`
}

/** Plain data with every text in it changed; keys stay. A text under the name of a secret is hidden whole. */
export function redactData<T>(value: T, redact: (text: string) => string = redactText): T {
  return visit(value, '', redact) as T
}

function visit(value: unknown, name: string, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return value !== '' && isSecretName(name) && !PLAIN.test(value) ? MASK : redact(value)
  if (Array.isArray(value)) return value.map((each: unknown) => visit(each, name, redact))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, visit(each, key, redact)]))
}
