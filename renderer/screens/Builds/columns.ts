/** Columns of the list of ended builds. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { BuildRow } from '../../../engine/contract/models.ts'
import { compareText } from '../../components/table/compare.ts'
import type { TableColumn } from '../../components/table/types.ts'
import type { NeedsWidth } from '../../components/table/use-narrow.ts'
import { useFormat } from '../../i18n/format.ts'
import { shortFolder, tookOf } from './words.ts'

/** Columns that go first when there is little room, with the width (pixels) they need. */
export const NEEDS_WIDTH: NeedsWidth = [['folder', 900]]

/** Call it in `setup`. */
export function useBuildColumns(): ComputedRef<readonly TableColumn<BuildRow>[]> {
  const { t } = useI18n()
  const format = useFormat()
  const took = (row: BuildRow): number => tookOf(row, row.endedAt ?? row.startedAt)
  const cached = ({ steps }: BuildRow): number => (steps.done > 0 ? steps.cached / steps.done : -1)
  return computed<readonly TableColumn<BuildRow>[]>(() => [
    { key: 'status', label: t('builds.column.status'), width: '112px', hideable: false, compare: (a, b) => compareText(a.status, b.status) },
    { key: 'name', label: t('builds.column.name'), width: 'minmax(150px, 2fr)', hideable: false, compare: (a, b) => compareText(a.name, b.name) },
    { key: 'folder', label: t('builds.column.folder'), width: 'minmax(110px, 1fr)', quiet: true, text: (row) => shortFolder(row.spec.folder), compare: (a, b) => compareText(a.spec.folder, b.spec.folder) },
    { key: 'steps', label: t('builds.column.steps'), width: '172px', compare: (a, b) => cached(a) - cached(b) },
    { key: 'took', label: t('builds.column.took'), width: '78px', align: 'end', text: (row) => (row.endedAt === undefined ? '–' : format.took(took(row))), compare: (a, b) => took(a) - took(b) },
    { key: 'started', label: t('builds.column.started'), width: '118px', quiet: true, text: (row) => format.ago(row.startedAt), compare: (a, b) => b.startedAt - a.startedAt },
  ])
}
