/** Columns of the containers' list. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { ContainerRow } from '../../../engine/contract/models.ts'
import { compareText as text } from '../../components/table/compare.ts'
import type { TableColumn } from '../../components/table/types.ts'
import type { NeedsWidth } from '../../components/table/use-narrow.ts'
import { useFormat } from '../../i18n/format.ts'
import { useStats } from '../../stores/stats.ts'
import { portLinks } from '../Ports/mapping.ts'
import { stateRank } from './state-words.ts'

type Column = TableColumn<ContainerRow>

/** In a narrow window the image would be a few letters: the state and the ports need its room. */
export const NEEDS_WIDTH: NeedsWidth = [['image', 800]]

/** The way of the memory is drawn beside its number only where the state has all its room. */
export const NEEDS_SPARKS: NeedsWidth = [['sparks', 1150]]

/** Hidden until a person asks for them. */
export const HIDDEN_AT_FIRST: readonly string[] = ['created', 'uptime', 'id', 'command', 'networks']

const firstPort = (row: ContainerRow): number => portLinks(row.ports)[0]?.hostPort ?? 65_536

/** Call it in `setup`. `narrow`: there is no room for the way of the memory. */
export function useContainerColumns(narrow: () => boolean): ComputedRef<readonly Column[]> {
  const { t } = useI18n()
  const format = useFormat()
  const stats = useStats()
  const cpu = (row: ContainerRow): number => stats.of(row.id)?.cpuPercent ?? -1
  const memory = (row: ContainerRow): number => stats.of(row.id)?.memoryBytes ?? -1
  const label = (key: string): string => t(`containers.column.${key}`)

  return computed<readonly Column[]>(() => [
    { key: 'name', label: label('name'), width: 'minmax(124px, 1.1fr)', hideable: false, text: (row) => row.name, byRow: true, compare: (a, b) => text(a.name, b.name) },
    { key: 'image', label: label('image'), width: 'minmax(80px, 1.15fr)', quiet: true, text: (row) => row.image, byRow: true, compare: (a, b) => text(a.image, b.image) },
    { key: 'state', label: label('state'), width: 'minmax(132px, 2.2fr)', byRow: true, compare: (a, b) => stateRank(a) - stateRank(b) || text(a.name, b.name) },
    { key: 'ports', label: label('ports'), width: 'minmax(124px, 1.6fr)', byRow: true, compare: (a, b) => firstPort(a) - firstPort(b) },
    { key: 'cpu', label: label('cpu'), width: '118px', align: 'end', compare: (a, b) => cpu(a) - cpu(b) },
    { key: 'memory', label: label('memory'), width: narrow() ? '92px' : '140px', align: 'end', compare: (a, b) => memory(a) - memory(b) },
    { key: 'created', label: label('created'), width: '120px', quiet: true, text: (row) => format.ago(row.createdAt), byRow: true, compare: (a, b) => b.createdAt - a.createdAt },
    {
      key: 'uptime', label: label('uptime'), width: '110px', quiet: true,
      text: (row) => (row.state === 'running' && row.startedAt !== undefined ? format.since(row.startedAt) : ''),
      byRow: true, compare: (a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0),
    },
    { key: 'id', label: label('id'), width: '132px', quiet: true, text: (row) => format.shortId(row.id), byRow: true, compare: (a, b) => text(a.id, b.id) },
    { key: 'command', label: label('command'), width: 'minmax(120px, 1fr)', quiet: true, text: (row) => row.command, byRow: true, compare: (a, b) => text(a.command, b.command) },
    { key: 'networks', label: label('networks'), width: 'minmax(90px, 0.7fr)', quiet: true, text: (row) => row.networks.join(', '), byRow: true, compare: (a, b) => text(a.networks.join(), b.networks.join()) },
  ])
}
