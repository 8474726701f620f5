/** Tells that a container runs and leads to it: its page when it publishes a port, else its log. */
import type { Router } from 'vue-router'
import type { useTerminals } from '../../stores/terminals.ts'
import type { useUi } from '../../stores/ui.ts'
import { portUrl } from '../Ports/mapping.ts'
import type { RunOutcome } from './use-run-form.ts'

interface Tools {
  readonly t: (key: string, params?: Record<string, unknown>) => string
  readonly ui: ReturnType<typeof useUi>
  readonly router: Router
  readonly terminals: Pick<ReturnType<typeof useTerminals>, 'adopt'>
}

/** Address of the first published TCP port with a fixed number; empty when there is none. */
export function pageOf({ spec }: Pick<RunOutcome, 'spec'>): string {
  const port = spec.ports.find((each) => each.protocol === 'tcp' && /^[1-9]\d*$/.test(each.hostPort))
  return port ? portUrl({ hostIp: port.hostIp, hostPort: Number(port.hostPort), containerPort: Number(port.containerPort), protocol: 'tcp' }) : ''
}

/** @param follow the person still waits for it: the container is shown at once, else only offered. */
export function announce(outcome: RunOutcome, follow: boolean, { t, ui, router, terminals }: Tools): void {
  const show = (tab: string): void => void router.push({ name: 'containers', params: { id: outcome.containerId }, query: { tab } })
  const page = outcome.verb !== 'create' && follow ? pageOf(outcome) : ''
  const { sessionId } = outcome
  // Its terminal tells the rest: also that it is over already.
  if (sessionId !== undefined) {
    terminals.adopt(outcome.containerId, sessionId, outcome.name).catch((reason: unknown) => ui.fail(reason))
    if (follow) {
      for (const text of outcome.warnings) ui.show({ tone: 'info', text: t('run.warnings', { text }) })
      return show('terminal')
    }
  }
  ui.say(
    t(outcome.verb === 'create' ? 'run.created' : 'run.started', { name: outcome.name }),
    page
      ? { label: t('run.openPage'), run: () => void window.open(page, '_blank', 'noopener,noreferrer') }
      : { label: t(follow ? 'containers.showLogs' : 'run.showContainer'), run: () => show(sessionId === undefined ? 'logs' : 'terminal') },
  )
  for (const text of outcome.warnings) ui.show({ tone: 'info', text: t('run.warnings', { text }) })
  if (follow) show(outcome.verb === 'create' ? 'overview' : 'logs')
}
