/** Which group a person must join to use a socket. */
import { readFile, stat } from 'node:fs/promises'
import { groupOf } from '../providers/socket/access.ts'

/** Name of the group that owns `path` (its number when it has no name), or undefined when that cannot be told. */
export async function socketGroup(path: string): Promise<string | undefined> {
  try {
    const { gid } = await stat(path)
    const table = await readFile('/etc/group', 'utf8')
    return groupOf(table, gid)?.name ?? String(gid)
  } catch {
    return undefined
  }
}
