/** Keeps logins from places a registry has no business sending them to (ADR 32). */
import { NaruError } from '../contract/errors.ts'
import type { RegistryRealm } from '../contract/models.ts'
import { DEFAULT_DOMAIN } from '../images/reference.ts'
import { askRealms } from './realm-ask.ts'
import type { AskRealms, RealmFinding } from './realm-ask.ts'

/** @throws NaruError `denied` {registry, realm, address}, hints `registry.realm-open`, `registry.realm-internal`, `registry.realm-foreign`; `cancelled` */
export type RealmGuard = (registry: string, signal: AbortSignal) => Promise<void>

export interface GuardOptions {
  /** What the person allowed. */
  readonly allowed: () => readonly RegistryRealm[]
  readonly ask?: AskRealms
  readonly now?: () => number
}

/** A pull asks more than once within moments; a registry that is away is asked again soon, ms. */
const KEEP_MS = 60_000
const KEEP_SILENT_MS = 15_000
const MOST_KEPT = 100

/**
 * The Hub is not asked: its realm is part of the engine. A registry that cannot be asked from here passes, and the
 * engine's own answer counts.
 */
export function createRealmGuard({ allowed, ask = askRealms, now = Date.now }: GuardOptions): RealmGuard {
  const kept = new Map<string, { readonly until: number; readonly findings: readonly RealmFinding[] }>()

  async function findingsOf(registry: string, signal: AbortSignal): Promise<readonly RealmFinding[]> {
    const known = kept.get(registry)
    if (known && now() < known.until) return known.findings
    const found = await ask(registry, signal).catch((error: unknown) => {
      throw signal.aborted ? new NaruError('cancelled', 'cancelled', { cause: error }) : error
    })
    kept.delete(registry)
    kept.set(registry, { until: now() + (found ? KEEP_MS : KEEP_SILENT_MS), findings: found ?? [] })
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value ?? '')
    return found ?? []
  }

  return async (registry, signal) => {
    if (registry === DEFAULT_DOMAIN) return
    const passes = ({ problem, realm }: RealmFinding): boolean =>
      problem === 'foreign' && allowed().some((one) => one.registry === registry && one.realm === realm)
    // What cannot be allowed is told first.
    const findings = (await findingsOf(registry, signal)).filter((one) => !passes(one))
    const [worst] = [...findings].sort((a, b) => Number(a.problem === 'foreign') - Number(b.problem === 'foreign'))
    if (!worst) return
    const { problem, realm, address } = worst
    throw new NaruError('denied', `${registry} would have logins sent to ${realm}`, {
      params: { registry, realm },
      hint: `registry.realm-${problem}`,
      detail: `${registry} → ${address}`,
    })
  }
}
