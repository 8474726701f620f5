/** Why a terminal is over, in words. */
import { useI18n } from 'vue-i18n'
import type { Terminal } from '../../../../stores/terminals.ts'
import { exitReason } from '../../exit-words.ts'

/** Call it in `setup`. What it gives is empty for a terminal that runs. */
export function useEndWords(): (terminal: Pick<Terminal, 'kind' | 'ended'>) => string {
  const { t } = useI18n()
  return ({ kind, ended }) => {
    if (!ended) return ''
    const { reason, exitCode } = ended
    const key = `${kind === 'attach' && reason !== 'lost' && reason !== 'page' ? 'attachEnd' : 'end'}.${reason}`
    if (exitCode === null || (reason === 'exited' && exitCode === 0)) return t(`terminal.${key}`)
    const exit = exitReason(exitCode)
    return t(`terminal.${key}Code`, { code: exitCode, why: t(`containers.exit.${exit.key}.short`, exit.params) })
  }
}
