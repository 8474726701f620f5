/** Paths of containers in command lines of `sh` and `bash`. Pure. */
import { joinCommand } from '../containers/run-command.ts'
import { joinPath } from '../contract/file-path.ts'

/** Only `$'…'` can say bytes and controls; everything else is quoted as usual. */
const STRANGE = /[\\\p{Cc}]/u

/** A word with a path (text of `file-path.ts`) in it. */
export function pathInCommand(text: string): string {
  if (!STRANGE.test(text)) return joinCommand([text])
  const body = text.replaceAll("'", "\\'").replace(/\p{Cc}/gu, (sign) => (sign === '\n' ? '\\n' : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`))
  return `$'${body}'`
}

/** More names than this are left out: nobody reads or runs them. */
const MOST = 20

export const downloadCommand = (container: string, path: string, fileName: string): string =>
  `docker cp ${pathInCommand(`${container}:${path}`)} ${pathInCommand(fileName)}`

/** A folder as a tar, which `docker cp` writes to its output. */
export const downloadTarCommand = (container: string, path: string, fileName: string): string =>
  `docker cp ${pathInCommand(`${container}:${path}`)} - > ${pathInCommand(fileName)}`

export function uploadCommand(container: string, path: string, names: readonly string[]): string {
  return names.map((name) => `docker cp ${pathInCommand(name)} ${pathInCommand(`${container}:${joinPath(path, '')}`)}`).join(' && ')
}

export const makeFolderCommand = (container: string, path: string, name: string): string =>
  `mkdir ${pathInCommand(name)} && docker cp ${pathInCommand(name)} ${pathInCommand(`${container}:${joinPath(path, '')}`)}`

const asRoot = (container: string, ...words: readonly string[]): string => ['docker exec -u 0', joinCommand([container]), ...words].join(' ')

export const renameCommand = (container: string, path: string, to: string): string => asRoot(container, 'mv --', pathInCommand(path), pathInCommand(to))

export function removeCommand(container: string, paths: readonly string[]): string {
  const more = paths.length > MOST ? [`# + ${paths.length - MOST}`] : []
  return asRoot(container, 'rm -rf --', ...paths.slice(0, MOST).map(pathInCommand), ...more)
}
