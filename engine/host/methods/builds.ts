/** Methods of builds, and of the folders they are chosen from. */
import { buildCache } from '../../builds/cache.ts'
import { readForm } from '../../builds/form.ts'
import type { BuildMethods } from '../../contract/parts/builds.ts'
import { listFolders } from '../../files/list-folders.ts'
import type { MethodHandlers } from '../../link/handlers.ts'
import { withAny } from '../../system/signals.ts'
import type { Services } from '../services.ts'

export function buildMethods({ builds, engines, options }: Services): Pick<MethodHandlers, keyof BuildMethods> {
  return {
    'builds.open': (wanted, { signal }) => readForm(wanted, (folder) => builds.lastOf(folder), signal),
    'builds.log': (wanted) => builds.log(wanted),
    'builds.remove': async ({ buildIds }) => {
      await builds.remove(buildIds)
      return {}
    },
    'builds.cache': async ({ engineId }, { signal }) => {
      const { client, signal: lost } = engines.connection(engineId)
      return buildCache(await withAny([signal, lost], (both) => client.diskUsage({ signal: both })), client.capabilities.buildkit)
    },
    'files.list-folders': ({ path }, { signal }) => listFolders(path, options.home, signal),
  }
}
