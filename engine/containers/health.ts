/** Health checks out of an inspect answer. Pure. */
import type { HealthCheck, HealthProbe } from '../contract/models.ts'
import type { RawHealth, RawHealthcheck } from '../docker/api-types.ts'
import { momentOf } from '../state/normalise.ts'

const MS = 1_000_000
/** What 0 stands for. Source: docs.docker.com/reference/dockerfile/#healthcheck */
const DEFAULTS = { intervalMs: 30_000, timeoutMs: 30_000, retries: 3 } as const
const MOST_CHECKS = 20
const MOST_OUTPUT = 4_096

/** Undefined when there is none, or it was switched off. */
export function healthCheckOf(config: RawHealthcheck | null | undefined, health: RawHealth | null | undefined): HealthCheck | undefined {
  const [form = 'NONE', ...words] = config?.Test ?? []
  if (!config || form === 'NONE') return undefined
  return {
    shell: form === 'CMD-SHELL',
    words: form === 'CMD' || form === 'CMD-SHELL' ? words : [form, ...words],
    intervalMs: (config.Interval ?? 0) / MS || DEFAULTS.intervalMs,
    timeoutMs: (config.Timeout ?? 0) / MS || DEFAULTS.timeoutMs,
    startPeriodMs: (config.StartPeriod ?? 0) / MS,
    retries: config.Retries || DEFAULTS.retries,
    failingStreak: health?.FailingStreak ?? 0,
    checks: (health?.Log ?? []).slice(-MOST_CHECKS).map(probe).toReversed(),
  }
}

function probe({ Start, End, ExitCode, Output }: NonNullable<RawHealth['Log']>[number]): HealthProbe {
  const startedAt = momentOf(Start) ?? 0
  const endedAt = momentOf(End)
  return {
    startedAt,
    ...(endedAt !== undefined && endedAt >= startedAt && { tookMs: endedAt - startedAt }),
    exitCode: ExitCode ?? 0,
    output: (Output ?? '').slice(0, MOST_OUTPUT),
  }
}
