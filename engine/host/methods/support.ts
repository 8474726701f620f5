/** The support bundle: what Naru knows of itself, for the person to look at, keep or hand on. */
import { realpath } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import type { MethodHandlers } from '../../link/handlers.ts'
import { identityMask } from '../../redact/identity.ts'
import { redactText } from '../../redact/text.ts'
import { createSupportBundles } from '../../support/bundle.ts'
import { supportSources } from '../../support/sources.ts'
import type { Services } from '../services.ts'

/** An engine that does not answer is told as such, milliseconds. */
const INFO_MS = 10_000

export function supportMethods({ options, settings, engines, operations, known }: Services): Pick<MethodHandlers, 'support.gather' | 'support.save'> {
  const bundles = createSupportBundles()
  const { stateFolder, version, shell, home } = options
  return {
    async 'support.gather'({ report, addresses }, { signal }) {
      const folder = join(stateFolder, 'engine')
      const nativeFolder = await realpath(folder).catch(() => folder)
      const snapshot = engines.snapshot()
      const connection = engines.currentConnection()
      const info = async (): Promise<Readonly<Record<string, unknown>> | null> => (connection ? connection.client.info({ signal, timeoutMs: INFO_MS, background: true }) : null)
      const sources = supportSources({ report, version, shell, stateFolder, nativeFolder, settings: settings.get(), engines: snapshot.engines, currentId: snapshot.currentId, operations: operations.rows(), info })
      const mask = identityMask({ home, user: userName(), host: hostname() }, { addresses: !addresses })
      return bundles.gather(sources, (text) => mask(redactText(known.redact(text))), new Date())
    },
    'support.save': ({ id, path }) => bundles.save(id, path, home),
  }
}

/** A user that is in no list has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}
