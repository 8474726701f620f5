/** Columns of a repository's tags. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { TableColumn } from '../../components/table/types.ts'
import type { NeedsWidth } from '../../components/table/use-narrow.ts'
import { useFormat } from '../../i18n/format.ts'
import { sizeFor } from './platforms.ts'
import { compareByDate } from './tag-groups.ts'
import type { TagRow } from './tag-groups.ts'
import { compareTagNames } from './tag-order.ts'

/** Columns that go first when the pane is narrow, with the width (pixels) they need it to have. */
export const NEEDS_WIDTH: NeedsWidth = [
  ['digest', 660],
  ['platforms', 500],
]

/** Call it in `setup`. */
export function useTagColumns(arch: () => string): ComputedRef<readonly TableColumn<TagRow>[]> {
  const { t } = useI18n()
  const format = useFormat()
  const size = ({ lead }: TagRow): number => sizeFor(lead, arch()) ?? -1
  return computed<readonly TableColumn<TagRow>[]>(() => [
    { key: 'tag', label: t('hub.tags.tag'), width: 'minmax(150px, 2fr)', hideable: false, compare: (a, b) => compareTagNames(a.lead.name, b.lead.name) },
    {
      key: 'updated', label: t('hub.tags.updated'), width: '124px', quiet: true,
      text: ({ lead }) => (lead.updatedAt === undefined ? '–' : format.ago(lead.updatedAt)),
      compare: compareByDate,
    },
    { key: 'size', label: t('hub.tags.size'), width: '74px', align: 'end', text: (row) => (size(row) < 0 ? '–' : format.bytes(size(row))), compare: (a, b) => size(a) - size(b) },
    { key: 'platforms', label: t('hub.tags.platforms'), width: '136px', quiet: true },
    { key: 'digest', label: t('hub.tags.digest'), width: '116px', quiet: true },
  ])
}
