/** The menu of one container or of all selected ones: context menu and "more" button. */
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import type { ContainerRow } from '../../../engine/contract/models.ts'
import { copyText } from '../../components/clipboard.ts'
import type { MenuAction, MenuItem } from '../../components/menu.ts'
import { useContainerActs } from '../../stores/container-acts.ts'
import { useEngines } from '../../stores/engines.ts'
import { useOperations } from '../../stores/operations.ts'
import { useRun } from '../../stores/run.ts'
import { useTerminals } from '../../stores/terminals.ts'
import { useUi } from '../../stores/ui.ts'
import { portLinks } from '../Ports/mapping.ts'
import { skipReason } from './bulk.ts'
import type { Act } from './bulk.ts'
import { wantsWhy } from './why-words.ts'

const ICONS = { start: 'start', stop: 'stop', restart: 'restart', pause: 'pause', unpause: 'resume' } as const
type PlainAct = keyof typeof ICONS

/** Call it in `setup`. */
export function useRowMenu(): (row: ContainerRow, selected: readonly ContainerRow[]) => readonly MenuItem[] {
  const { t } = useI18n()
  const router = useRouter()
  const acts = useContainerActs()
  const operations = useOperations()
  const engines = useEngines()
  const runPanel = useRun()
  const ui = useUi()
  const terminals = useTerminals()

  const fits = (act: Act, rows: readonly ContainerRow[]): boolean =>
    engines.usable && rows.some((row) => skipReason(act, row, operations.pendingOf(row.id) !== undefined) === null)

  function lifecycle(rows: readonly ContainerRow[]): MenuItem[] {
    const ids = rows.map((row) => row.id)
    const plain = (act: PlainAct): MenuAction => {
      const cannot = act === 'pause' && !engines.canPause
      return {
        id: act,
        label: t(`containers.act.${act}`),
        icon: ICONS[act],
        disabled: cannot || !fits(act, rows),
        ...(cannot && { hint: t('containers.act.cannotPause') }),
        run: () => void acts.many(act, ids),
      }
    }
    return [
      plain('start'),
      plain('stop'),
      { id: 'stop-grace', label: t('containers.act.stopGrace'), icon: 'clock', disabled: !fits('stop', rows), run: () => acts.ask('stop', ids) },
      plain('restart'),
      fits('unpause', rows) && !fits('pause', rows) ? plain('unpause') : plain('pause'),
      ...(fits('unpause', rows) && fits('pause', rows) ? [plain('unpause')] : []),
      { id: 'kill', label: t('containers.act.kill'), icon: 'kill', disabled: !fits('kill', rows), run: () => acts.ask('kill', ids) },
    ]
  }

  const remove = (rows: readonly ContainerRow[]): MenuItem[] => [
    { kind: 'separator', id: 'before-remove' },
    {
      id: 'remove',
      label: t('containers.act.remove'),
      icon: 'remove',
      danger: true,
      shortcut: 'Del',
      disabled: !fits('remove', rows),
      run: () => acts.ask('remove', rows.map((row) => row.id)),
    },
  ]

  function copy(id: string, label: string, value: string): MenuAction {
    return {
      id,
      label,
      icon: 'copy',
      run: () => void copyText(value).then((done) => done && ui.say(t('common.copied'))),
    }
  }

  const startable = (row: ContainerRow): boolean => row.state === 'exited' || row.state === 'created'
  /** Shows the terminal that `begin` opens on a main process. */
  function attached(row: ContainerRow, begin: () => Promise<void>): void {
    begin().then(
      () => void router.push({ name: 'containers', params: { id: row.id }, query: { tab: 'terminal' } }),
      (reason: unknown) => ui.fail(reason, t('terminal.attachFailed', { name: row.name })),
    )
  }

  function ofOne(row: ContainerRow): MenuItem[] {
    const show = (tab: string): void => void router.push({ name: 'containers', params: { id: row.id }, query: { tab } })
    const links = row.state === 'running' ? portLinks(row.ports).filter((link) => link.url !== '') : []
    return [
      { id: 'logs', label: t('containers.act.logs'), icon: 'logs', shortcut: 'L', run: () => show('logs') },
      { id: 'log-window', label: t('containers.act.logWindow'), icon: 'window', run: () => acts.openLogWindow(row.id) },
      { id: 'terminal', label: t('containers.act.terminal'), icon: 'terminal', disabled: !engines.usable || row.state !== 'running', run: () => (terminals.want(row.id, true), show('terminal')) },
      row.state === 'running' || !startable(row)
        ? { id: 'attach', label: t('containers.act.attach'), icon: 'terminal', disabled: !engines.usable || row.state !== 'running', run: () => attached(row, async () => terminals.reveal(await terminals.attach(row.id))) }
        : { id: 'start-attached', label: t('containers.act.startAttached'), icon: 'terminal', disabled: !fits('start', [row]), run: () => attached(row, () => terminals.startAttached(row.id)) },
      ...(wantsWhy(row) && row.state !== 'created' ? [{ id: 'why', label: t(row.state === 'running' ? 'why.titleUnhealthy' : 'why.title'), icon: 'alert', run: () => show('overview') } as const] : []),
      { id: 'inspect', label: t('containers.act.inspect'), icon: 'inspect', run: () => show('inspect') },
      ...links.slice(0, 4).map((link): MenuAction => ({
        id: `open-${link.key}`,
        label: t('containers.act.open', { port: link.url.replace(/^https?:\/\//, '') }),
        icon: 'open',
        run: () => void window.open(link.url, '_blank', 'noopener,noreferrer'),
      })),
      { kind: 'separator', id: 'after-open' },
      ...lifecycle([row]),
      { kind: 'separator', id: 'after-life' },
      { id: 'rename', label: t('containers.act.rename'), icon: 'rename', shortcut: 'F2', run: () => acts.ask('rename', [row.id]) },
      ...(engines.current?.capabilities?.update === false
        ? []
        : [{ id: 'limits', label: t('containers.act.limits'), icon: 'cpu', disabled: !engines.usable, run: () => acts.ask('limits', [row.id]) } as const]),
      { id: 'export', label: t('tidy.act.export'), icon: 'export', disabled: !engines.usable, run: () => acts.ask('export', [row.id]) },
      { id: 'commit', label: t('containers.act.commit'), icon: 'save', disabled: !engines.usable, run: () => acts.ask('commit', [row.id]) },
      { id: 'like', label: t('containers.act.runLike'), icon: 'run', run: () => runPanel.open({ image: row.image }) },
      copy('copy-name', t('containers.act.copyName'), row.name),
      copy('copy-id', t('containers.act.copyId'), row.id),
      ...remove([row]),
    ]
  }

  return (row, selected) => (selected.length > 1 ? [...lifecycle(selected), ...remove(selected)] : ofOne(row))
}
