/** Columns of the Ports screen. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { TableColumn } from '../../components/table/types.ts'
import type { Reach } from './reach.ts'
import type { PortRow } from './rows.ts'

const TONE_ORDER: Readonly<Record<Reach['tone'], number>> = { bad: 1, warn: 2, ok: 3, idle: 4 }

const rank = ({ conflict, reach }: PortRow): number => (conflict ? 0 : reach ? TONE_ORDER[reach.tone] : 5)
const nameOf = ({ container, holder }: PortRow): string => container?.name ?? holder?.name ?? ''

/** Call it in `setup`. */
export function usePortColumns(): ComputedRef<readonly TableColumn<PortRow>[]> {
  const { t } = useI18n()
  const byPort = (a: PortRow, b: PortRow): number => a.port - b.port || a.id.localeCompare(b.id)
  return computed(() => [
    { key: 'host', label: t('ports.column.host'), width: '92px', hideable: false, compare: byPort },
    { key: 'address', label: t('ports.column.address'), width: 'minmax(112px, 206px)', compare: (a, b) => Number(b.exposed) - Number(a.exposed) || byPort(a, b) },
    { key: 'holder', label: t('ports.column.holder'), width: 'minmax(124px, 1fr)', compare: (a, b) => nameOf(a).localeCompare(nameOf(b)) || byPort(a, b) },
    { key: 'inside', label: t('ports.column.inside'), width: '72px', compare: (a, b) => (a.inside ?? 0) - (b.inside ?? 0) || byPort(a, b) },
    { key: 'state', label: t('ports.column.reachable'), width: 'minmax(158px, 1.7fr)', compare: (a, b) => rank(a) - rank(b) || byPort(a, b) },
    { key: 'link', label: t('ports.column.link'), width: 'minmax(138px, 150px)' },
  ])
}
