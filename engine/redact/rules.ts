/** Which values are secrets, by the name they have or by their shape, and what is shown instead. Pure, for the page as well. */

/** What stands for a secret; its length tells nothing. */
export const MASK = '••••••••'

export interface Named {
  readonly name: string
  readonly value: string
}

const SECRET_WORDS: ReadonlySet<string> = new Set([
  'password', 'passwd', 'passphrase', 'pass', 'pwd', 'pw', 'secret', 'secrets', 'token', 'tokens', 'key', 'keys', 'apikey', 'accesskey', 'secretkey',
  'privatekey', 'credential', 'credentials', 'creds', 'auth', 'dsn', 'cookie', 'salt', 'pat', 'jwt', 'bearer', 'license', 'licence', 'webhook',
])
/** `PASSWORD_FILE` and the like say where a secret is, not what. */
const NOT_ITSELF: ReadonlySet<string> = new Set(['file', 'path', 'dir', 'directory', 'name', 'id', 'url', 'uri', 'host', 'port', 'length', 'size', 'ttl', 'type', 'enabled', 'expiry', 'timeout', 'method', 'mode', 'sock', 'socket', 'stdin'])
/** Names whose long values are known to everybody: checksums, commits, versions, addresses of content. */
const PUBLIC_WORDS: ReadonlySet<string> = new Set(['sha', 'sha1', 'sha256', 'sha512', 'md5', 'commit', 'digest', 'hash', 'rev', 'revision', 'checksum', 'version', 'id', 'uuid', 'ref', 'path', 'url', 'uri', 'image', 'fingerprint', 'etag'])
/** Tokens of known services and signed tokens: secrets under any name. */
export const TOKEN = /eyJ[\w-]{1,2000}\.eyJ[\w-]{1,4000}\.[\w-]*|gh[pousr]_\w{20,}|github_pat_\w+|glpat-[\w-]+|xox[abprs]-[\w-]+|sk-[\w-]{16,}|[rs]k_live_\w+|dckr_pat_[\w-]+|AKIA[0-9A-Z]{12,}|AIza[\w-]{30,}|hf_\w{20,}|npm_\w{20,}/g
const WHOLE_TOKEN = new RegExp(`^(?:${TOKEN.source})`)
const PRIVATE_KEY_BEGIN = /-----BEGIN [A-Z ]*PRIVATE KEY-----/
/** `scheme://user:password@host`; the password, which may hold further `@`, is the second group. */
const URL_PASSWORD = /((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@]{0,256}:)([^\s@]{1,512}(?:@[^\s@/:,;?#"']{1,256}(?=@))*)(@)/gi
/** `https://token@host`: a user that is one long word of letters and digits. */
const URL_TOKEN = /((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}:\/\/)(?=[^\s:/@]{0,256}\d)([^\s:/@]{16,256})(@)/gi
const QUERY_SECRET = /([?&;](?:[\w-]{0,64}(?:password|passwd|pwd|token|secret|key|sig(?:nature)?|auth|credential))=)([^&;\s"'#]+)/gi

/** `DB_PASSWORD`, `apiKey`, `spring.datasource.password` → words in small letters. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
}

export function isSecretName(name: string): boolean {
  const words = wordsOf(name)
  return words.some((word) => SECRET_WORDS.has(word) || /(?:password|passwd|secret|token|apikey)$/.test(word)) && !NOT_ITSELF.has(words.at(-1) ?? '')
}

/** `TOKEN_CHECK`-like settings: yes and no are nobody's secret. */
const isPlainSwitch = (value: string): boolean => /^(?:true|false|yes|no|on|off|0|1|none)$/i.test(value)

/**
 * One long word that nobody made up: at least 20 of the letters of base64 or hex with digits and letters in it, and not
 * under a name of checksums and the like. A wrong guess costs a click, a missed one a password.
 */
export function looksRandom({ name, value }: Named): boolean {
  if (!/^[\w+/=~-]{20,512}$/.test(value) || /^[\d-]+$/.test(value) || value.startsWith('/') || wordsOf(name).some((word) => PUBLIC_WORDS.has(word))) return false
  const digits = value.replace(/\D/g, '').length
  if (digits < 3 || digits === value.length) return false
  // Words and versions joined by dashes and underscores have short parts; random ones long ones.
  return value.split(/[-_/]/).some((part) => part.length >= 16 && /\d/.test(part) && /[a-z]/i.test(part)) && new Set(value).size >= 10
}

/** Passwords and tokens in addresses and their queries. */
export const maskAddresses = (text: string): string => text.replace(URL_PASSWORD, `$1${MASK}$3`).replace(URL_TOKEN, `$1${MASK}$3`).replace(QUERY_SECRET, `$1${MASK}`)

/** The value as it is shown: all of a secret hidden, of an address only its password. */
export function maskedValue({ name, value }: Named): string {
  if (value === '') return ''
  if (WHOLE_TOKEN.test(value) || PRIVATE_KEY_BEGIN.test(value)) return MASK
  if (isSecretName(name) && !isPlainSwitch(value)) return MASK
  if (looksRandom({ name, value })) return MASK
  return maskAddresses(value)
}

/** A text that has lost a secret: it cannot be used as what it was. */
export const hasMark = (text: string): boolean => text.includes(MASK)

export const isMasked = (entry: Named): boolean => maskedValue(entry) !== entry.value
