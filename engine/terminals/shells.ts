/** Which shells a container has. Its files are asked for by name: nothing runs in it, nothing is downloaded. */
import type { FoundShell } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'

/** The most comfortable first; each with the places it is usually kept. */
const PLACES: readonly (readonly string[])[] = [
  ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash'],
  ['/bin/zsh', '/usr/bin/zsh'],
  ['/usr/bin/fish'],
  ['/bin/sh', '/usr/bin/sh'],
  ['/bin/ash'],
  ['/bin/dash'],
  // Debug images without a system keep it here.
  ['/busybox/sh'],
]

/** The shells found, best first; empty when there is none. @throws NaruError when the engine cannot be asked */
export async function findShells(client: Pick<EngineClient, 'hasPath' | 'inspectContainer'>, id: string, signal: AbortSignal): Promise<FoundShell[]> {
  // A container that is not there has no shells either, but for another reason.
  await client.inspectContainer(id, { signal })
  const found = await Promise.all(
    PLACES.map(async (paths) => {
      for (const path of paths) if (await client.hasPath(id, path, { signal })) return path
      return null
    }),
  )
  return found.flatMap((path) => (path === null ? [] : [{ path }]))
}
