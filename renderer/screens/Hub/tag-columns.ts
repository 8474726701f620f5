/** Columns of a repository's tags. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { HubTag } from '../../../engine/contract/models.ts'
import type { TableColumn } from '../../components/table/types.ts'
import type { NeedsWidth } from '../../components/table/use-narrow.ts'
import { useFormat } from '../../i18n/format.ts'
import { sizeFor } from './platforms.ts'

/** Columns that go first when the pane is narrow, with the width (pixels) they need it to have. */
export const NEEDS_WIDTH: NeedsWidth = [
  ['digest', 740],
  ['platforms', 500],
]

/** Call it in `setup`. */
export function useTagColumns(arch: () => string): ComputedRef<readonly TableColumn<HubTag>[]> {
  const { t } = useI18n()
  const format = useFormat()
  const size = (tag: HubTag): number => sizeFor(tag, arch()) ?? -1
  return computed<readonly TableColumn<HubTag>[]>(() => [
    { key: 'tag', label: t('hub.tags.tag'), width: 'minmax(160px, 2fr)', hideable: false, compare: (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }) },
    {
      key: 'updated', label: t('hub.tags.updated'), width: '110px', quiet: true,
      text: (tag) => (tag.updatedAt === undefined ? '–' : format.ago(tag.updatedAt)),
      compare: (a, b) => (b.updatedAt ?? 0) - (a.updatedAt ?? 0),
    },
    { key: 'size', label: t('hub.tags.size'), width: '76px', align: 'end', text: (tag) => (size(tag) < 0 ? '–' : format.bytes(size(tag))), compare: (a, b) => size(a) - size(b) },
    { key: 'platforms', label: t('hub.tags.platforms'), width: '134px', quiet: true },
    { key: 'digest', label: t('hub.tags.digest'), width: '124px', quiet: true },
  ])
}
