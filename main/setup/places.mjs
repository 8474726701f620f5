/** Folders of set-up. Plain Node: it runs before any dependency is there. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder. */
export const ROOT = resolve(fileURLToPath(new URL('../..', import.meta.url)))

/** State folder: the one asked for, else NARU_HOME, else the desktop's place for data. @param {string} [asked] */
export function stateFolder(asked) {
  const given = asked ?? process.env.NARU_HOME
  if (given) return resolve(given)
  const data = process.env.XDG_DATA_HOME
  return join(data?.startsWith('/') ? data : join(homedir(), '.local/share'), 'naru')
}
