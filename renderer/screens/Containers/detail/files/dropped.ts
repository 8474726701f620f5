/** What was dropped or chosen, as items of an upload. Folders are walked; nothing is read. */
import { isFileName } from '../../../../../engine/contract/file-path.ts'
import type { UploadItem } from '../../../../stores/upload-tar.ts'

/** Items of one upload. */
export const MOST_ITEMS = 50_000

/** Parts of a name as text of a path. */
const asText = (name: string): string => name.replaceAll('\\', '\\\\')

/** Chosen files; of a chosen folder they carry their way in it. */
export function itemsOfFiles(files: Iterable<File>): UploadItem[] {
  return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }))
}

/** Files and folders of a drop. Call it within the event: its items are gone afterwards. */
export function itemsOfDrop(transfer: DataTransfer): Promise<UploadItem[]> {
  const entries = [...transfer.items].flatMap((item) => (item.kind === 'file' ? [item.webkitGetAsEntry()] : []))
  const files = [...transfer.files]
  // Made of a page's own files there are no entries, but the files are.
  if (entries.every((entry) => entry === null)) return Promise.resolve(itemsOfFiles(files))
  return walkAll(entries.filter((entry) => entry !== null))
}

async function walkAll(entries: readonly FileSystemEntry[]): Promise<UploadItem[]> {
  const items: UploadItem[] = []
  for (const entry of entries) await walk(entry, '', items)
  return items
}

async function walk(entry: FileSystemEntry, above: string, items: UploadItem[]): Promise<void> {
  if (items.length >= MOST_ITEMS) return
  const path = above + entry.name
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    items.push({ path, file })
    return
  }
  items.push({ path, file: null })
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  // Browsers give some of them at a time.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return
    for (const one of some) await walk(one, `${path}/`, items)
  }
}

/** First parts of the paths, each once, as texts of names: what the folder has afterwards. */
export function topNames(items: readonly UploadItem[]): string[] {
  return [...new Set(items.map(({ path }) => asText(path.split('/')[0] ?? '')))]
}

/** The first item whose name no container could have; null when all are sound. */
export function badItem(items: readonly UploadItem[]): string | null {
  return items.find(({ path }) => !path.split('/').every((part) => isFileName(asText(part))))?.path ?? null
}
