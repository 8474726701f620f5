/** Columns of the images' list. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { ImageRow } from '../../../engine/contract/models.ts'
import type { TableColumn } from '../../components/table/types.ts'
import type { NeedsWidth } from '../../components/table/use-narrow.ts'
import { useFormat } from '../../i18n/format.ts'
import { useImageActs } from '../../stores/image-acts.ts'
import { useStackSums } from '../../stores/stacks.ts'
import { mainName } from './names.ts'

type Column = TableColumn<ImageRow>

const byText = (a: string, b: string): number => a.localeCompare(b, undefined, { numeric: true })
/** Images without a name come last. */
const sortName = (row: ImageRow): string => mainName(row) ?? '\uffff'

interface ImageFacts {
  /** Undefined until it was counted. */
  shared(row: Pick<ImageRow, 'id'>): number | undefined
  unique(row: Pick<ImageRow, 'id'>): number | undefined
  /** `amd64`; empty until it was read. */
  architecture(row: Pick<ImageRow, 'id'>): string
}

/** Counted anew as images come and go while the caller is on the page. Call it in `setup`. */
function useImageFacts(): ImageFacts {
  const stacks = useStackSums()
  stacks.keep()
  return {
    shared: ({ id }) => stacks.sums?.images[id]?.sharedBytes,
    unique: ({ id }) => stacks.sums?.images[id]?.uniqueBytes,
    // What stands behind `linux/` (os/arch/variant).
    architecture: ({ id }) => stacks.sums?.images[id]?.platform.replace(/^linux\//, '') ?? '',
  }
}

/** Columns that go first when there is little room, with the width (pixels) the list needs to keep them. */
export const NEEDS_WIDTH: NeedsWidth = [
  ['architecture', 1020],
  ['shared', 910],
  ['id', 826],
]

/** Call it in `setup`. */
export function useImageColumns(): ComputedRef<readonly Column[]> {
  const { t } = useI18n()
  const format = useFormat()
  const acts = useImageActs()
  const sizes = useImageFacts()
  const label = (key: string): string => t(`images.column.${key}`)
  const bytes = (value: number | undefined): string => (value === undefined ? '–' : format.bytes(value))

  return computed<readonly Column[]>(() => [
    { key: 'name', label: label('name'), width: 'minmax(170px, 2.4fr)', hideable: false, text: (row) => mainName(row) ?? '', compare: (a, b) => byText(sortName(a), sortName(b)) },
    { key: 'id', label: label('id'), width: '134px', quiet: true, compare: (a, b) => byText(a.id, b.id) },
    { key: 'usedBy', label: label('usedBy'), width: 'minmax(128px, 1.2fr)', compare: (a, b) => acts.usersOf(b.id).length - acts.usersOf(a.id).length },
    { key: 'architecture', label: label('architecture'), width: '92px', quiet: true, text: (row) => sizes.architecture(row) || '–', compare: (a, b) => byText(sizes.architecture(a), sizes.architecture(b)) },
    { key: 'size', label: label('size'), width: '82px', align: 'end', text: (row) => format.bytes(row.sizeBytes), compare: (a, b) => a.sizeBytes - b.sizeBytes },
    { key: 'unique', label: label('unique'), width: '82px', align: 'end', text: (row) => bytes(sizes.unique(row)), compare: (a, b) => (sizes.unique(a) ?? -1) - (sizes.unique(b) ?? -1) },
    { key: 'shared', label: label('shared'), width: '82px', align: 'end', quiet: true, text: (row) => bytes(sizes.shared(row)), compare: (a, b) => (sizes.shared(a) ?? -1) - (sizes.shared(b) ?? -1) },
    { key: 'created', label: label('created'), width: '110px', quiet: true, text: (row) => (row.createdAt > 0 ? format.ago(row.createdAt) : t('images.createdUnknown')), compare: (a, b) => b.createdAt - a.createdAt },
  ])
}
