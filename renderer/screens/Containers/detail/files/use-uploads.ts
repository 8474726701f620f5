/** Uploads into the folder that is shown: looked at first, what is there is asked about, then sent. */
import { shallowRef } from 'vue'
import type { ShallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { NaruError } from '../../../../../engine/contract/errors.ts'
import { shownPath } from '../../../../../engine/contract/file-path.ts'
import type { FileEntry } from '../../../../../engine/contract/models.ts'
import { useFormat } from '../../../../i18n/format.ts'
import { useFileTransfers } from '../../../../stores/files.ts'
import type { FileCalls } from '../../../../stores/files.ts'
import type { UploadItem } from '../../../../stores/upload-tar.ts'
import { useUi } from '../../../../stores/ui.ts'
import { MOST_ITEMS, badItem, itemsOfDrop, topNames } from './dropped.ts'
import type { FolderView } from './use-folder.ts'

export interface Uploads {
  /** Names that are there already, while a person is asked. */
  readonly conflict: ShallowRef<readonly FileEntry[] | null>
  /** The answer to that: go on or not. */
  answer(replace: boolean): void
  choose(items: readonly UploadItem[]): void
  /** Call it within the event. */
  drop(transfer: DataTransfer): void
}

/** Milliseconds to find out what is there. */
const LOOK_MS = 60_000

/** Call it in `setup`. */
export function useUploads(id: string, folder: FolderView, calls: FileCalls): Uploads {
  const { t } = useI18n()
  const format = useFormat()
  const ui = useUi()
  const transfers = useFileTransfers()
  const conflict = shallowRef<readonly FileEntry[] | null>(null)
  let decide: (replace: boolean) => void = () => undefined

  function refuse(text: string): void {
    ui.fail(new NaruError('invalid-request', text), text)
  }

  async function send(items: readonly UploadItem[]): Promise<void> {
    const path = folder.path.value
    if (items.length === 0) return
    if (items.length >= MOST_ITEMS) return refuse(t('files.tooMany', { count: format.number(MOST_ITEMS) }))
    const bad = badItem(items)
    if (bad !== null) return refuse(t('files.badName', { name: shownPath(bad) }))
    const names = topNames(items)
    const there = await calls.existing(id, path, names, AbortSignal.timeout(LOOK_MS))
    if (there.length > 0 && !(await ask(there))) return
    // What is written over keeps its mode.
    const modes = new Map(there.filter(({ type }) => type === 'file').map(({ name, mode }) => [name, mode]))
    const sent = items.map((item) => {
      const mode = item.file ? modes.get(item.path.replaceAll('\\', '\\\\')) : undefined
      return mode === undefined ? item : { ...item, mode }
    })
    await transfers.upload(id, path, sent, names)
    if (folder.path.value === path) folder.reload(true)
  }

  async function ask(there: readonly FileEntry[]): Promise<boolean> {
    decide(false)
    conflict.value = there
    const replace = await new Promise<boolean>((resolve) => (decide = resolve))
    conflict.value = null
    return replace
  }

  return {
    conflict,
    answer: (replace) => decide(replace),
    choose: (items) => void send(items).catch((reason: unknown) => ui.fail(reason)),
    drop: (transfer) => {
      itemsOfDrop(transfer).then(send).catch((reason: unknown) => ui.fail(reason, reason instanceof DOMException ? t('files.unreadable') : undefined))
    },
  }
}
