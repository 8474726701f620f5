/**
 * Paths in a container as text. Names there are bytes; text of a path is UTF-8 in which a backslash is written `\\` and a
 * byte that is no UTF-8 `\xHH`, so that every path has exactly one text and every text stands for exactly one path.
 * Paths are absolute and normal: no empty part, no `.` or `..`, no NUL. Pure.
 */
import { plainText } from './plain-text.ts'
import { decodeAt, encodeUtf8 } from './utf8.ts'

const SLASH = 47
const BACKSLASH = 92

/** Longest path and name of Linux, bytes. */
export const MOST_PATH = 4_096
export const MOST_NAME = 255

/** The text of a name or path. */
export function pathText(bytes: Uint8Array): string {
  if (bytes.length <= MOST_NAME && bytes.every((byte) => byte < 128 && byte !== BACKSLASH)) return String.fromCharCode(...bytes)
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const found = decodeAt(bytes, at)
    if (!found) text += `\\x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`
    else if (found.code === BACKSLASH) text += '\\\\'
    else text += String.fromCodePoint(found.code)
    at += found?.length ?? 1
  }
  return text
}

/** The bytes a text stands for; null for a text that `pathText` never writes. */
export function pathBytes(text: string): Uint8Array | null {
  const plain = encodeUtf8(text)
  if (!plain || !text.includes('\\')) return plain
  const bytes = new Uint8Array(plain.length)
  let length = 0
  for (let at = 0; at < plain.length; ) {
    const byte = plain[at] ?? 0
    if (byte !== BACKSLASH) {
      bytes[length++] = byte
      at += 1
    } else if (plain[at + 1] === BACKSLASH) {
      bytes[length++] = BACKSLASH
      at += 2
    } else {
      const hex = /^x([0-9a-f]{2})$/.exec(String.fromCharCode(...plain.subarray(at + 1, at + 4)))?.[1]
      if (hex === undefined) return null
      bytes[length++] = Number.parseInt(hex, 16)
      at += 4
    }
  }
  const whole = bytes.slice(0, length)
  return pathText(whole) === text ? whole : null
}

/** True for the text of one name: not empty, no `/`, no NUL, neither `.` nor `..`, at most 255 bytes. */
export function isFileName(text: string): boolean {
  if (text === '' || text === '.' || text === '..' || text.length > MOST_NAME * 4) return false
  const bytes = pathBytes(text)
  return bytes !== null && bytes.length <= MOST_NAME && !bytes.includes(SLASH) && !bytes.includes(0)
}

/** True for the text of an absolute, normal path of at most 4 096 bytes. */
export function isFilePath(text: string): boolean {
  if (text === '/') return true
  if (!text.startsWith('/') || text.length > MOST_PATH * 4) return false
  const bytes = pathBytes(text)
  return bytes !== null && bytes.length <= MOST_PATH && text.slice(1).split('/').every(isFileName)
}

/** The path of something in a folder. */
export const joinPath = (folder: string, name: string): string => (folder === '/' ? `/${name}` : `${folder}/${name}`)

/** The folder a path lies in; the root lies in itself. */
export const folderOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')))

/** The last name of a path; empty for the root. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** True when `path` is `folder` or lies in it. */
export const isWithin = (path: string, folder: string): boolean => path === folder || folder === '/' || path.startsWith(`${folder}/`)

/** Folders from the root to a path, itself included: `/`, `/etc`, `/etc/nginx`. */
export function pathSteps(path: string): string[] {
  if (path === '/') return ['/']
  const parts = path.slice(1).split('/')
  return ['/', ...parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`)]
}

/** A name or path of a container as a person reads it: backslashes as they are, controls as signs. */
export const shownPath = (text: string): string => plainText(text.replaceAll('\\\\', '\\'))

/**
 * What a person typed as a name, as text of a path: a backslash is a backslash. Null when it cannot be a name.
 */
export function typedName(typed: string): string | null {
  const text = typed.replaceAll('\\', '\\\\')
  return isFileName(text) ? text : null
}
