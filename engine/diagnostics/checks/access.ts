/** May Naru use what it needs, and may nobody else: sockets of engines (who opens one owns the machine), its own folder. */
import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { quoteWord } from '../../containers/words.ts'
import type { EngineSummary } from '../../contract/models.ts'
import { systemCode } from '../../providers/socket/access.ts'
import { command, failed, passed, warned } from '../check.ts'
import type { Check } from '../check.ts'

export interface AccessFacts {
  readonly engines: readonly EngineSummary[]
  readonly currentId: string | null
  /** Holds all of Naru's state. */
  readonly stateFolder: string
}

const OTHERS_WRITE = 0o002
const OTHERS_ENTER = 0o001
const ANYBODY_ELSE = 0o077

export const accessCheck = ({ engines, currentId, stateFolder }: AccessFacts): Check => ({
  id: 'access',
  // Windows knows no modes.
  applicable: () => process.platform !== 'win32',
  check: async (signal) => {
    const params = { path: stateFolder }
    const folder = await stat(stateFolder)
    const refusal = await refusalOf(stateFolder)
    if (refusal === 'EROFS') return failed('folder-read-only', params)
    if (refusal !== null) return failed('folder-closed', params, { fixes: [command(`sudo chown -R "$(id -un)" ${quoteWord(stateFolder)}`)] })
    const denied = engines.filter(({ error }) => error?.code === 'denied')
    const mine = denied.find(({ id }) => id === currentId)
    if (mine) return failed('denied', { engineId: mine.id }, { error: mine.error })
    for (const { id: engineId, dockerHost } of engines) {
      signal.throwIfAborted()
      const path = dockerHost?.startsWith('unix://') ? dockerHost.slice('unix://'.length) : null
      if (path === null || !(await isOpenToAll(path))) continue
      return failed('socket-open', { engineId, path }, { fixes: [command(`sudo chmod o-rw ${quoteWord(path)}`)] })
    }
    if ((folder.mode & ANYBODY_ELSE) !== 0) {
      return warned('folder-open', params, { fixes: [command(`chmod 700 ${quoteWord(stateFolder)}`)] })
    }
    // Naru works without it, with another engine.
    if (denied[0]) return warned('denied-other', { engineId: denied[0].id }, { error: denied[0].error })
    return passed('right', params)
  },
})

/** The system's word why this process may not read and write there; null: it may. */
const refusalOf = (path: string): Promise<string | null> =>
  access(path, constants.R_OK | constants.W_OK | constants.X_OK).then(() => null, systemCode)

/** Whether any user of this machine may write to it: by its own mode, and by that of every folder on the way. */
export async function isOpenToAll(path: string): Promise<boolean> {
  const own = await stat(path).catch(() => null)
  if (!own?.isSocket() || (own.mode & OTHERS_WRITE) === 0) return false
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => null)
    if (!found || (found.mode & OTHERS_ENTER) === 0) return false
    if (folder === dirname(folder)) return true
  }
}
