/** The menu of one image or of all selected ones: context menu, "more" button, and the detail's. */
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import type { ImageRow } from '../../../engine/contract/models.ts'
import { copyText } from '../../components/clipboard.ts'
import type { MenuAction, MenuItem } from '../../components/menu.ts'
import { useImageActs } from '../../stores/image-acts.ts'
import { useOperations } from '../../stores/operations.ts'
import { usePulls } from '../../stores/pulls.ts'
import { useRun } from '../../stores/run.ts'
import { useState } from '../../stores/state.ts'
import { useUpdates } from '../../stores/updates.ts'
import { useUi } from '../../stores/ui.ts'
import { referenceOf } from './names.ts'

export interface ImageActions {
  run(row: ImageRow): void
  /** Pulls every tag again; without a tag there is nothing to pull. */
  pullAgain(row: ImageRow): void
  /** The containers' list, showing those made from it. */
  showUsers(row: ImageRow): void
  menu(row: ImageRow, selected: readonly ImageRow[], where?: 'list' | 'detail'): readonly MenuItem[]
}

/** Call it in `setup`. */
export function useImageMenu(): ImageActions {
  const { t } = useI18n()
  const router = useRouter()
  const acts = useImageActs()
  const operations = useOperations()
  const pulls = usePulls()
  const runPanel = useRun()
  const state = useState()
  const ui = useUi()
  const updates = useUpdates()

  const run = (row: ImageRow): void => runPanel.open({ image: referenceOf(row) })

  function pullAgain(row: ImageRow): void {
    void Promise.all(row.tags.map((tag) => pulls.pull(tag))).then((started) => {
      if (started.some(Boolean)) ui.say(t('images.pullingAgain', { name: row.tags.join(', ') }))
    })
  }

  function showUsers(row: ImageRow): void {
    const [only, ...others] = acts.usersOf(row.id)
    if (only && others.length === 0) return void router.push({ name: 'containers', params: { id: only.id } })
    void router.push({ name: 'containers', params: { id: '' }, query: { filter: `image:${row.id.replace('sha256:', '').slice(0, 12)}` } })
  }

  const copy = (id: string, label: string, value: string): MenuAction => ({
    id,
    label,
    icon: 'copy',
    run: () => void copyText(value).then((done) => done && ui.say(t('common.copied'))),
  })

  const compare = (row: ImageRow): MenuAction => ({
    id: 'compare',
    label: t('stacks.compare.ask'),
    icon: 'compare',
    disabled: state.images.length < 2,
    run: () => acts.ask('compare', [row.id]),
  })
  /** Two rows laid beside each other, the older one first. */
  function ofMany(rows: readonly ImageRow[]): MenuItem[] {
    const [first, second, ...others] = [...rows].sort((a, b) => a.createdAt - b.createdAt)
    if (!first || !second || others.length > 0) return [save(rows), check(rows), ...remove(rows)]
    const open = (): void => void router.push({ name: 'image-compare', params: { first: first.id, second: second.id } })
    return [{ id: 'compare', label: t('stacks.compare.act'), icon: 'compare', run: open }, save(rows), check(rows), ...remove(rows)]
  }

  const remove = (rows: readonly ImageRow[]): MenuItem[] => [
    { kind: 'separator', id: 'before-remove' },
    {
      id: 'remove',
      label: t('images.act.remove'),
      icon: 'remove',
      danger: true,
      shortcut: 'Del',
      disabled: state.stale || rows.every((row) => operations.pendingOf(row.id)?.name === 'images.remove'),
      run: () => acts.askRemove(rows.map((row) => row.id)),
    },
  ]

  /** Names, files and the registry, of one image. */
  function tidy(row: ImageRow): MenuItem[] {
    const [newer] = updates.newer(row)
    return [
      newer
        ? { id: 'update', label: t('tidy.update.pull'), icon: 'newer', disabled: state.stale, run: () => acts.ask('update', [row.id], newer.reference) }
        : check([row]),
      { kind: 'separator', id: 'before-tidy' },
      { id: 'push', label: t('registries.push.act'), icon: 'push', disabled: state.stale, run: () => acts.ask('push', [row.id]) },
      { id: 'tag', label: t('tidy.act.tag'), icon: 'tag', disabled: state.stale, run: () => acts.ask('tag', [row.id]) },
      save([row]),
    ]
  }

  const save = (rows: readonly ImageRow[]): MenuAction => ({
    id: 'save',
    label: t('tidy.act.save'),
    icon: 'save',
    disabled: state.stale,
    run: () => acts.ask('save', rows.map((row) => row.id)),
  })

  const check = (rows: readonly ImageRow[]): MenuAction => ({
    id: 'check',
    label: t('tidy.act.check'),
    icon: 'refresh',
    disabled: !updates.supported || state.stale || rows.every((row) => row.tags.length === 0 || updates.isAsking(row)),
    run: () => void updates.check(rows.flatMap((row) => row.tags), true),
  })

  function ofOne(row: ImageRow, where: 'list' | 'detail'): MenuItem[] {
    const users = acts.usersOf(row.id).length
    const [digest] = row.digests
    return [
      ...(where === 'list'
        ? ([
            { id: 'open', label: t('images.act.open'), icon: 'images', shortcut: 'Enter', run: () => void router.push({ name: 'image', params: { id: row.id } }) },
            { id: 'run', label: t('images.act.run'), icon: 'run', disabled: state.stale, run: () => run(row) },
          ] satisfies MenuItem[])
        : []),
      { id: 'pull', label: t('images.act.pullAgain'), icon: 'pull', disabled: row.tags.length === 0 || state.stale, run: () => pullAgain(row) },
      { id: 'users', label: t('images.act.showUsers', { count: users }, users), icon: 'containers', disabled: users === 0, run: () => showUsers(row) },
      ...(where === 'list' ? [compare(row)] : []),
      ...tidy(row),
      { kind: 'separator', id: 'before-copy' },
      ...row.tags.slice(0, 5).map((tag) => copy(`copy-${tag}`, t('images.act.copyTag', { tag }), tag)),
      copy('copy-id', t('images.act.copyId'), row.id),
      ...(digest ? [copy('copy-digest', t('images.act.copyDigest'), digest)] : []),
      ...remove([row]),
    ]
  }

  return {
    run,
    pullAgain,
    showUsers,
    menu: (row, selected, where = 'list') => (selected.length > 1 ? ofMany(selected) : ofOne(row, where)),
  }
}
