/** Marks of one folder out of `docker diff`, which knows names only as far as they are UTF-8. Pure. */
import { joinPath, pathBytes } from '../contract/file-path.ts'
import type { FileMark } from '../contract/models.ts'
import type { RawChange } from '../docker/inside.ts'

export interface FolderMarks {
  /** Names as `lossyName` writes them. */
  readonly changed: ReadonlyMap<string, FileMark>
  /** Names (texts of paths) the image has and the container has not. */
  readonly removed: ReadonlySet<string>
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
/** What JSON makes of bytes that are no UTF-8; how many of them is another matter for everyone who writes it. */
const LOST = /\ufffd+/g

/** A name as an engine's JSON has it. */
export function lossyName(text: string): string {
  const bytes = text.includes('\\') ? pathBytes(text) : null
  return (bytes ? decoder.decode(bytes) : text).replace(LOST, '\ufffd')
}

/** @param folder text of its path */
export function marksOf(changes: readonly RawChange[], folder: string): FolderMarks {
  const changed = new Map<string, FileMark>()
  const removed = new Set<string>()
  const begin = lossyName(joinPath(folder, ''))
  for (const { Path, Kind } of changes) {
    const path = Path.replace(LOST, '\ufffd')
    if (!path.startsWith(begin) || path.length === begin.length || path.includes('/', begin.length)) continue
    const name = path.slice(begin.length)
    if (Kind === 2) removed.add(name.replaceAll('\\', '\\\\'))
    else changed.set(name, Kind === 1 ? 'added' : 'changed')
  }
  return { changed, removed }
}
