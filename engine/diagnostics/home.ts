/** Results are copied into reports: whose home it is stays here. */
import type { CheckFix, CheckResult } from '../contract/models.ts'
import { withHome } from '../transfers/home-word.ts'

/** The same result with the home folder written `~` wherever a text names it; commands stay such that a shell takes them. */
export function withoutHome(result: CheckResult, home: string): CheckResult {
  if (home.replaceAll('/', '') === '') return result
  const named = new RegExp(`${escaped(home.replace(/\/+$/, ''))}(?![\\w.-])`, 'g')
  const shorten = (text: string): string => text.replace(named, '~')
  const { params, error, fixes } = result
  return {
    ...result,
    params: deep(params, shorten),
    ...(error && { error: deep(error, shorten) }),
    fixes: fixes.map((fix): CheckFix => (fix.kind === 'command' ? { ...fix, command: withHome(shorten(fix.command)) } : fix)),
  }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Plain data with every text in it changed. */
function deep<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T
  if (Array.isArray(value)) return value.map((each: unknown) => deep(each, change)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, deep(each as unknown, change)])) as T
}
