/** Names of this machine's users. */
import { readFile, stat } from 'node:fs/promises'

const FILE = '/etc/passwd'
const MOST_BYTES = 1024 * 1024

/** By number; users that only a directory service knows are missing. */
export async function userNames(): Promise<ReadonlyMap<number, string>> {
  try {
    if ((await stat(FILE)).size > MOST_BYTES) return new Map()
    return parseUsers(await readFile(FILE, 'utf8'))
  } catch {
    return new Map()
  }
}

export function parseUsers(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  for (const line of text.split('\n')) {
    const [name = '', , uid = ''] = line.split(':')
    // Of several names for one user the first is the usual one.
    if (name && /^\d+$/.test(uid) && !names.has(Number(uid))) names.set(Number(uid), name)
  }
  return names
}
