/** Figures of builds as the list and the detail say them. Pure. */
import type { BuildRow, BuildStep } from '../../../engine/contract/models.ts'

/** Share of the work that is done, 0..1; null while nothing is known of the steps yet. */
export function shareOf({ phase, steps, contextBytes, contextTotalBytes }: BuildRow): number | null {
  if (steps.total > 0 && steps.done > 0) return Math.min(1, steps.done / steps.total)
  if (phase === 'sending' && contextTotalBytes) return Math.min(1, contextBytes / contextTotalBytes) * 0.1
  return steps.total > 0 ? 0 : null
}

/** Milliseconds it took, or has taken until now. */
export function tookOf({ startedAt, endedAt }: { readonly startedAt?: number; readonly endedAt?: number }, now: number): number {
  return startedAt === undefined ? 0 : Math.max(0, (endedAt ?? Math.max(now, startedAt)) - startedAt)
}

/** Reference to run or name the result by: its first tag, else its id; undefined when there is none. */
export function resultOf({ spec, imageId, status }: BuildRow): string | undefined {
  return status === 'succeeded' ? (spec.tags[0] ?? imageId) : undefined
}

/** Whether a row has every word of the filter in its name, tags, folder, target or status word. */
export function matchesBuild(row: BuildRow, text: string, status: string): boolean {
  const { spec } = row
  const all = [row.name, ...spec.tags, spec.folder, spec.dockerfile ?? '', spec.target ?? '', status].join(' ').toLowerCase()
  return text.toLowerCase().split(/\s+/).every((word) => all.includes(word))
}

/** Folder as a person reads it: its last two parts. */
export function shortFolder(folder: string): string {
  const parts = folder.split('/').filter(Boolean)
  return parts.length > 2 ? `…/${parts.slice(-2).join('/')}` : folder
}

/** Share of what a step moves, 0..1; null when it does not tell. */
export function stepShare({ currentBytes, totalBytes }: BuildStep): number | null {
  return totalBytes ? Math.min(1, (currentBytes ?? 0) / totalBytes) : null
}

/** Steps a person looks for: the builder's own are left out unless they are all there is, take long, or failed. */
export function shownSteps(steps: readonly BuildStep[], all: boolean): readonly BuildStep[] {
  if (all) return steps
  return steps.filter((step) => step.kind !== 'internal' || step.state === 'failed' || (step.state === 'running' && tookOf(step, Date.now()) > 1_000))
}

/** The step whose log is shown when nobody chose one: the failed one, else what works now, else the last with words. */
export function stepOfInterest(steps: readonly BuildStep[], failed: string | undefined): string | null {
  const found =
    steps.find((step) => step.id === failed) ??
    steps.findLast((step) => step.state === 'running' && step.kind === 'instruction') ??
    steps.findLast((step) => step.logLines > 0 && step.kind === 'instruction')
  return found?.id ?? null
}
