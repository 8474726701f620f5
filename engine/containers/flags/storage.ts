/** Flags about what is kept where, besides `-v` and `--mount`. Pure. */
import { parseTmpfs } from '../values/storage.ts'
import { kindsOf, pair } from './kinds.ts'
import type { SupportedFlag } from './kinds.ts'

const kinds = kindsOf('storage')

export const STORAGE_FLAGS: readonly SupportedFlag[] = [
  kinds.list('tmpfs', 'tmpfs', parseTmpfs),
  kinds.list('volumes-from', 'volumesFrom'),
  kinds.text('volume-driver', 'volumeDriver'),
  kinds.pairs('storage-opt', 'storageOptions', pair),
  kinds.flag('read-only', 'readOnlyRoot'),
]
