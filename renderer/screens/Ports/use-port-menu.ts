/** The menu of a row of the Ports screen. */
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { copyText } from '../../components/clipboard.ts'
import type { MenuItem } from '../../components/menu.ts'
import { useRunLike } from '../../stores/run-like.ts'
import { useUi } from '../../stores/ui.ts'
import { boundText } from './rows.ts'
import type { PortRow } from './rows.ts'

/** Call it in `setup`. */
export function usePortMenu(): (row: PortRow) => readonly MenuItem[] {
  const { t } = useI18n()
  const router = useRouter()
  const like = useRunLike()
  const ui = useUi()

  async function copy(text: string): Promise<void> {
    if (await copyText(text)) ui.say(t('common.copied'))
  }

  return (row) => {
    const { container, conflict, holder, url } = row
    const other = container ? conflict?.nearestFree : undefined
    return [
      ...(url ? [{ id: 'open', label: t('common.openInBrowser'), icon: 'open', run: () => void window.open(url, '_blank', 'noopener,noreferrer') } as const] : []),
      ...(container && other !== undefined
        ? [{ id: 'other', label: t('ports.runWith', { port: other }), icon: 'run', run: () => void like.withPort(container.id, { from: row.port, to: other }) } as const]
        : []),
      ...(container ? [{ id: 'show', label: t('ports.showContainer'), icon: 'containers', run: () => void router.push({ name: 'containers', params: { id: container.id }, query: { tab: 'ports' } }) } as const] : []),
      { id: 'copy', label: t('ports.copyAddress'), icon: 'copy', run: () => void copy(row.address) },
      { id: 'copy-bound', label: t('ports.copyBound'), icon: 'copy', run: () => void copy(boundText(row)) },
      ...(holder?.pid !== undefined ? [{ id: 'copy-pid', label: t('ports.copyPid', { pid: holder.pid }), icon: 'copy', run: () => void copy(String(holder.pid)) } as const] : []),
    ]
  }
}
