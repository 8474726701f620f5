/** Which values of environment variables are secrets, and how they are shown and copied. Pure. */
import type { EnvVar } from '../../../../engine/contract/models.ts'

/** What stands for a secret; its length tells nothing. */
export const MASK = '••••••••'

const SECRET_WORDS: ReadonlySet<string> = new Set([
  'password', 'passwd', 'passphrase', 'pass', 'pwd', 'pw', 'secret', 'secrets', 'token', 'tokens', 'key', 'keys', 'apikey', 'accesskey', 'secretkey',
  'privatekey', 'credential', 'credentials', 'creds', 'auth', 'dsn', 'cookie', 'salt', 'pat', 'jwt', 'bearer', 'license', 'licence', 'webhook',
])
/** `PASSWORD_FILE` and the like say where a secret is, not what. */
const NOT_ITSELF: ReadonlySet<string> = new Set(['file', 'path', 'dir', 'directory', 'name', 'id', 'url', 'uri', 'host', 'port', 'length', 'size', 'ttl', 'type', 'enabled', 'expiry', 'timeout', 'method', 'mode', 'sock', 'socket'])
/** Tokens of known services, signed tokens, private keys: secrets under any name. */
const SECRET_VALUE = /^(?:eyJ[\w-]+\.eyJ[\w-]+\.|gh[pousr]_\w{20,}|github_pat_|glpat-|xox[abprs]-|sk-[\w-]{16,}|sk_live_|AKIA[0-9A-Z]{12,}|AIza[\w-]{30,}|hf_\w{20,}|npm_\w{20,})|-----BEGIN [A-Z ]*PRIVATE KEY-----/
/** `scheme://user:password@host`; the password is the second group. */
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)([^\s@]+)(@)/gi
const QUERY_SECRET = /([?&;](?:[\w-]*(?:password|pwd|token|secret|key|sig(?:nature)?|auth))=)([^&;\s]+)/gi

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

/** The value as it is shown: all of a secret hidden, of an address only its password. */
export function maskedValue({ name, value }: EnvVar): string {
  if (value === '') return ''
  if (SECRET_VALUE.test(value)) return MASK
  if (isSecretName(name) && !isPlainSwitch(value)) return MASK
  return value.replace(URL_PASSWORD, `$1${MASK}$3`).replace(QUERY_SECRET, `$1${MASK}`)
}

/** `TOKEN_CHECK`-like settings: yes and no are nobody's secret. */
const isPlainSwitch = (value: string): boolean => /^(?:true|false|yes|no|on|off|0|1|none)$/i.test(value)

export const isMasked = (entry: EnvVar): boolean => maskedValue(entry) !== entry.value

/**
 * Lines as `docker run --env-file` reads them: nothing is quoted there, so values of several lines cannot be told and
 * are left out with a remark. Secrets only when asked for; else their names stay as a remark.
 */
export function envFile(entries: readonly EnvVar[], withSecrets: boolean): string {
  return entries
    .map((entry) => {
      const { name, value } = entry
      if (!withSecrets && isMasked(entry)) return `# ${name}=`
      return /[\r\n]/.test(value) ? `# ${name}: several lines, which an env file cannot hold` : `${name}=${value}`
    })
    .join('\n')
    .concat('\n')
}

/** An inspect answer whose `Config.Env` hides its secrets; everything else is the same. */
export function maskedInspect(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || !('Config' in raw)) return raw
  const { Config } = raw
  if (typeof Config !== 'object' || Config === null || !('Env' in Config) || !Array.isArray(Config.Env)) return raw
  const Env = (Config.Env as readonly unknown[]).map((entry) => (typeof entry === 'string' ? maskedEntry(entry) : entry))
  return { ...raw, Config: { ...Config, Env } }
}

function maskedEntry(entry: string): string {
  const equals = entry.indexOf('=')
  if (equals < 0) return entry
  const name = entry.slice(0, equals)
  return `${name}=${maskedValue({ name, value: entry.slice(equals + 1) })}`
}
