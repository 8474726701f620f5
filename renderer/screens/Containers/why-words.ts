/** Why a container does not run, in the person's words. */
import { useI18n } from 'vue-i18n'
import { sizeWord } from '../../../engine/containers/update.ts'
import type { ContainerRow, StopFinding, StopReport, StopStep } from '../../../engine/contract/models.ts'

/** True while there is something to explain: it does not run, or is unhealthy. */
export function wantsWhy(row: Pick<ContainerRow, 'state' | 'health'> | undefined): boolean {
  if (!row) return false
  return row.state === 'running' ? row.health === 'unhealthy' : row.state === 'exited' || row.state === 'dead' || row.state === 'restarting' || row.state === 'created'
}

/** A start behind an end that nobody asked for: the restart policy's. */
export function startedAgain(chain: readonly StopStep[], at: number): boolean {
  const before = chain.slice(0, at).findLast(({ kind }) => kind !== 'healthy' && kind !== 'unhealthy')
  return chain[at]?.kind === 'start' && before?.kind === 'die' && !chain.slice(Math.max(0, at - 4), at).some(({ kind }) => kind === 'stop' || kind === 'kill')
}

export interface WhyWords {
  what(finding: StopFinding, report: StopReport): string
  next(finding: StopFinding, report: StopReport): string
  step(chain: readonly StopStep[], at: number): string
}

/** Call it in `setup`. */
export function useWhyWords(): WhyWords {
  const { t, te } = useI18n()
  const params = ({ subject }: StopFinding, { memoryLimitBytes }: StopReport): Record<string, string> => ({
    subject,
    memory: memoryLimitBytes > 0 ? sizeWord(memoryLimitBytes) : t('containers.limits.none'),
  })
  return {
    what: (finding, report) => {
      const key = `why.cause.${finding.cause}`
      return t(finding.subject !== '' && te(`${key}.about`, 'en') ? `${key}.about` : `${key}.what`, params(finding, report))
    },
    next: (finding, report) => t(`why.cause.${finding.cause}.next`, params(finding, report)),
    step: (chain, at) => {
      const step = chain[at]
      if (!step) return ''
      if (step.kind === 'kill' && step.signal) return t('why.step.killBy', { signal: step.signal })
      if (step.kind === 'die' && step.exitCode !== undefined) return t('why.step.dieCode', { code: step.exitCode })
      return t(startedAgain(chain, at) ? 'why.step.again' : `why.step.${step.kind}`)
    },
  }
}
