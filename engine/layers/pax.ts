/** PAX records (`LENGTH KEY=VALUE\n`), of which only what changes an entry is kept; xattrs and the rest pass unread. */
import { parseSparseMap } from './sparse.ts'
import type { SparsePiece } from './sparse.ts'
import type { TarEntry } from './tar-header.ts'

export interface PaxRecords {
  path?: Uint8Array
  /** The real name of a sparse file; `path` is then made up for readers that know none. */
  sparseName?: Uint8Array
  linkPath?: Uint8Array
  size?: number
  uid?: number
  gid?: number
  mtime?: number
  sparse?: {
    /** Format 1.0 keeps its map at the head of the data. */
    mapInData: boolean
    map: SparsePiece[]
    realSize?: number
  }
}

const decoder = new TextDecoder()
const NEWLINE = 10
const SPACE = 32
const EQUALS = 61

/** Adds the records in `bytes` to `into`; returns what is wrong, or null. An empty value takes a record away. */
export function readPax(bytes: Uint8Array, into: PaxRecords): string | null {
  const offsets: number[] = []
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(SPACE, at)
    if (space < 0) return 'a PAX record without length'
    const length = Number(decoder.decode(bytes.subarray(at, space)))
    const end = at + length
    if (!Number.isSafeInteger(length) || length < space - at + 3 || end > bytes.length || bytes[end - 1] !== NEWLINE) {
      return 'a PAX record of wrong length'
    }
    const equals = bytes.indexOf(EQUALS, space)
    if (equals < 0 || equals >= end) return 'a PAX record without value'
    keep(decoder.decode(bytes.subarray(space + 1, equals)), bytes.slice(equals + 1, end - 1), into, offsets)
    at = end
  }
  return null
}

function keep(key: string, value: Uint8Array, into: PaxRecords, offsets: number[]): void {
  const words = (): string => decoder.decode(value)
  switch (key) {
    case 'path':
      into.path = value
      return
    case 'linkpath':
      into.linkPath = value
      return
    case 'size':
    case 'uid':
    case 'gid':
    case 'mtime': {
      const number = Number(words())
      if (value.length === 0 || !Number.isFinite(number)) delete into[key]
      else into[key] = number
      return
    }
    case 'GNU.sparse.name':
      into.sparseName = value
      return
    case 'GNU.sparse.size':
    case 'GNU.sparse.realsize':
      sparse(into).realSize = Number(words())
      return
    case 'GNU.sparse.major':
      sparse(into).mapInData = words() === '1'
      return
    case 'GNU.sparse.map':
      sparse(into).map = parseSparseMap(words().split(',').map(Number))
      return
    // Format 0.0 repeats these two, in pairs.
    case 'GNU.sparse.offset':
      offsets.push(Number(words()))
      return
    case 'GNU.sparse.numbytes':
      sparse(into).map.push({ offset: offsets.pop() ?? 0, length: Number(words()) })
      return
    default:
  }
}

function sparse(into: PaxRecords): NonNullable<PaxRecords['sparse']> {
  return (into.sparse ??= { mapInData: false, map: [] })
}

/** Writes over the header what the records say; `size` stays the caller's, because it moves the archive on. */
export function applyPax(header: TarEntry, pax: PaxRecords): void {
  const name = pax.sparseName ?? pax.path
  if (name && name.length > 0) header.name = name
  if (pax.linkPath && pax.linkPath.length > 0) header.linkName = pax.linkPath
  if (pax.uid !== undefined) header.uid = pax.uid
  if (pax.gid !== undefined) header.gid = pax.gid
  if (pax.mtime !== undefined) header.mtime = pax.mtime
}
