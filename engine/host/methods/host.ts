/** Questions about this machine. */
import type { MethodHandlers } from '../../link/handlers.ts'
import { pathKinds } from '../../system/path-kinds.ts'

export const hostMethods: Pick<MethodHandlers, 'host.paths'> = {
  'host.paths': async ({ paths }, { signal }) => ({ kinds: await pathKinds(paths, signal) }),
}
