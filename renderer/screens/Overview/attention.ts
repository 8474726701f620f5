import type { BuildRow, ContainerRow } from '../../../engine/contract/models.ts'

export type AttentionReason = 'oom' | 'signal' | 'exited' | 'unhealthy' | 'restarting' | 'dead'

export interface Attention {
  readonly row: ContainerRow
  /** Key below `overview.attention.` */
  readonly reason: AttentionReason
  readonly at: number
}

/** Exit codes from here on mean "ended by signal code − 128". */
const SIGNALLED = 128
/** Ended by SIGTERM or SIGKILL as `stop` does: not a failure by itself. */
const STOPPED: ReadonlySet<number> = new Set([SIGNALLED + 15])

function reasonOf(row: ContainerRow): AttentionReason | null {
  if (row.state === 'restarting') return 'restarting'
  if (row.state === 'dead') return 'dead'
  if (row.state === 'running' && row.health === 'unhealthy') return 'unhealthy'
  if (row.state !== 'exited') return null
  if (row.oomKilled) return 'oom'
  const code = row.exitCode ?? 0
  if (code === 0 || STOPPED.has(code)) return null
  return code > SIGNALLED ? 'signal' : 'exited'
}

/** Containers somebody should look at, the latest first. */
export function needsAttention(rows: readonly ContainerRow[]): readonly Attention[] {
  return rows
    .flatMap((row) => {
      const reason = reasonOf(row)
      return reason ? [{ row, reason, at: row.finishedAt ?? row.startedAt ?? row.createdAt }] : []
    })
    .sort((a, b) => b.at - a.at)
}

/** How long a failed build asks to be looked at, milliseconds. */
const BUILD_MS = 24 * 3_600_000

/** Builds that failed lately and were not followed by another of the same name and folder, the latest first. */
export function failedBuilds(rows: readonly BuildRow[], now: number): readonly BuildRow[] {
  const seen = new Set<string>()
  return [...rows]
    .sort((a, b) => b.startedAt - a.startedAt)
    .filter((row) => {
      const key = JSON.stringify([row.name, row.spec.folder])
      if (seen.has(key)) return false
      seen.add(key)
      return row.status === 'failed' && now - (row.endedAt ?? row.startedAt) < BUILD_MS
    })
}
