/** Which group a person must join to use a socket. */
import { readFile, stat } from 'node:fs/promises'

/** Name of the group that owns `path` (its number when it has no name), or undefined when that cannot be told. */
export async function socketGroup(path: string): Promise<string | undefined> {
  try {
    const { gid } = await stat(path)
    const table = await readFile('/etc/group', 'utf8')
    for (const line of table.split('\n')) {
      const [name, , number] = line.split(':')
      if (name && Number(number) === gid) return name
    }
    return String(gid)
  } catch {
    return undefined
  }
}
