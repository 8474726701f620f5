/** Who holds a port and why something cannot be started, in words. */
import { useI18n } from 'vue-i18n'
import type { PortConflict, PortHolder } from '../../../engine/contract/models.ts'
import { useEngines } from '../../stores/engines.ts'

export interface PortWords {
  /** `nginx (pid 123)`, `web`, `a process of root` */
  holder(holder: PortHolder): string
  /** More about it; empty when there is nothing to say. */
  hint(holder: PortHolder): string
  /** Short: `will not start`, or `not open` when its container runs all the same. */
  verdict(conflict: PortConflict): string
  /** `held by nginx (pid 123)` */
  reason(conflict: PortConflict, ip: string): string
}

/** Call it in `setup`. */
export function usePortWords(): PortWords {
  const { t } = useI18n()
  const engines = useEngines()

  function holder({ kind, name, pid, user }: PortHolder): string {
    if (kind === 'process') return pid === undefined ? name : t('ports.holder.process', { name: name || t('ports.holder.nameless'), pid })
    if (kind === 'container') return name
    return user ? t('ports.holder.ofUser', { user }) : t('ports.holder.unknown')
  }

  function hint({ kind, engineId, target, command, user, pid }: PortHolder): string {
    if (kind === 'container' && engineId) return t('ports.holder.otherEngine', { engine: engines.byId(engineId)?.name ?? engineId })
    if (kind === 'container') return pid === undefined ? '' : t('ports.holder.hostNetwork')
    if (kind === 'unknown') return user ? t('ports.holder.notPermitted', { user }) : t('ports.holder.untold')
    return [target ? t('ports.holder.stranger', { target }) : '', command ?? ''].filter(Boolean).join('\n')
  }

  return {
    holder,
    hint,
    verdict: ({ kind, running }) => (running ? t('ports.conflict.notOpen') : kind === 'rivals' ? t('ports.conflict.onlyOne') : t('ports.conflict.wontStart')),
    reason: ({ kind, holder: by, rivals = [] }, ip) => {
      if (kind === 'held') return t('ports.conflict.held', { holder: by ? holder(by) : t('ports.holder.unknown') })
      if (kind === 'denied') return t('ports.conflict.denied')
      if (kind === 'address-gone') return t('ports.conflict.addressGone', { ip })
      return t('ports.conflict.rivals', { names: rivals.map(({ name }) => name).join(', ') })
    },
  }
}
