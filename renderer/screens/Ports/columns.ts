/** Columns of the Ports screen. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { ContainerRow } from '../../../engine/contract/models.ts'
import type { TableColumn } from '../../components/table/types.ts'
import type { PortLink } from './mapping.ts'
import type { Reach } from './reach.ts'

/** A published port with its container. */
export interface PublishedRow extends PortLink {
  readonly id: string
  readonly container: ContainerRow
  readonly reach: Reach
}

const TONE_ORDER: Readonly<Record<Reach['tone'], number>> = { bad: 0, warn: 1, ok: 2, idle: 3 }

/** Call it in `setup`. */
export function usePortColumns(): ComputedRef<readonly TableColumn<PublishedRow>[]> {
  const { t } = useI18n()
  const byPort = (a: PublishedRow, b: PublishedRow): number => a.hostPort - b.hostPort || a.id.localeCompare(b.id)
  return computed(() => [
    { key: 'host', label: t('ports.column.host'), width: '100px', hideable: false, compare: byPort },
    { key: 'address', label: t('ports.column.address'), width: 'minmax(142px, 1fr)', compare: (a, b) => a.hostIp.localeCompare(b.hostIp) || byPort(a, b) },
    { key: 'container', label: t('ports.column.container'), width: 'minmax(100px, 1.3fr)', compare: (a, b) => a.container.name.localeCompare(b.container.name) || byPort(a, b) },
    { key: 'inside', label: t('ports.column.inside'), width: '88px', compare: (a, b) => a.containerPort - b.containerPort || byPort(a, b) },
    { key: 'reachable', label: t('ports.column.reachable'), width: 'minmax(124px, 1fr)', compare: (a, b) => TONE_ORDER[a.reach.tone] - TONE_ORDER[b.reach.tone] || byPort(a, b) },
    { key: 'link', label: t('ports.column.link'), width: 'minmax(138px, 1.2fr)' },
  ])
}
