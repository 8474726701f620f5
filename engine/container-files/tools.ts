/** Has a container the programs that change names? They lie in few places; nothing runs to find out. */
import type { EngineClient } from '../docker/engine-client.ts'

const FOLDERS = ['/bin', '/usr/bin', '/sbin', '/usr/local/bin']
const PAIRS = [['rm', 'mv'], ['busybox']] as const
/** Containers that are remembered. */
const MOST = 200

const known = new Map<string, boolean>()

/** @param stamp differs when the container was started again: another image's programs may be there */
export async function hasTools(client: Pick<EngineClient, 'statPath'>, id: string, stamp: string, signal: AbortSignal): Promise<boolean> {
  const told = known.get(stamp)
  if (told !== undefined) return told
  const has = async (name: string): Promise<boolean> => {
    for (const folder of FOLDERS) if (await client.statPath(id, Buffer.from(`${folder}/${name}`), { signal })) return true
    return false
  }
  let found = false
  for (const names of PAIRS) {
    found = (await Promise.all(names.map(has))).every(Boolean)
    if (found) break
  }
  if (known.size >= MOST) known.delete(known.keys().next().value ?? '')
  known.set(stamp, found)
  return found
}
