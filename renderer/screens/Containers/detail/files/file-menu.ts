/** The menu of names of a folder. */
import type { ChangeRefusal, FileEntry } from '../../../../../engine/contract/models.ts'
import type { MenuItem } from '../../../../components/menu.ts'
import { canDownload, canOpen, refusalOf } from './acts.ts'
import type { FileAct } from './acts.ts'

/** What cannot be done is there, greyed, with its reason below. */
export function fileMenu(entries: readonly FileEntry[], refusal: ChangeRefusal | undefined, t: (key: string) => string, act: (act: FileAct, entries: readonly FileEntry[]) => void): readonly MenuItem[] {
  const [first] = entries
  if (!first) return []
  const one = entries.length === 1
  const cannot = { rename: refusalOf('rename', entries, refusal), remove: refusalOf('remove', entries, refusal) }
  const why = cannot.remove ?? cannot.rename
  return [
    ...(one && canOpen(first) ? [{ id: 'open', label: t(first.type === 'file' ? 'files.act.view' : 'files.act.open'), icon: 'inspect' as const, shortcut: 'Enter', run: () => act('open', entries) }] : []),
    { id: 'download', label: t(one && first.type === 'directory' ? 'files.act.downloadTar' : 'files.act.download'), icon: 'save', disabled: !entries.every(canDownload), run: () => act('download', entries) },
    { kind: 'separator', id: 's' },
    { id: 'rename', label: t('files.act.rename'), icon: 'rename', shortcut: 'F2', disabled: cannot.rename !== null, run: () => act('rename', entries) },
    { id: 'remove', label: t('files.act.remove'), icon: 'remove', shortcut: 'Delete', danger: true, disabled: cannot.remove !== null, run: () => act('remove', entries) },
    ...(why ? [{ kind: 'label' as const, id: 'why', label: t(`files.refusal.${why}`) }] : []),
  ]
}
