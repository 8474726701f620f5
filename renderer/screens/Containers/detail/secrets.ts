/** Secrets among environment variables: how they are shown and copied; which they are is said by `engine/redact/rules.ts`. Pure. */
import type { EnvVar } from '../../../../engine/contract/models.ts'
import { isMasked, maskedValue } from '../../../../engine/redact/rules.ts'

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
