/** What can be done with one build or with all selected ones: context menu, row buttons, and the detail's. */
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import type { BuildRow } from '../../../engine/contract/models.ts'
import { copyText } from '../../components/clipboard.ts'
import type { MenuAction, MenuItem } from '../../components/menu.ts'
import { useBuildForm } from '../../stores/build-form.ts'
import { useBuilds } from '../../stores/builds.ts'
import { useEngines } from '../../stores/engines.ts'
import { useOperations } from '../../stores/operations.ts'
import { useRun } from '../../stores/run.ts'
import { useState } from '../../stores/state.ts'
import { useUi } from '../../stores/ui.ts'
import { withheld } from './form/draft.ts'
import { resultOf } from './words.ts'

export interface BuildActs {
  open(row: BuildRow): void
  /** Builds the same once more and shows it. */
  again(row: BuildRow): Promise<void>
  /** The panel, filled with what this build was. */
  change(row: BuildRow): void
  run(row: BuildRow): void
  /** Asks first. */
  remove(rows: readonly BuildRow[]): void
  /** The image it made is still there. */
  hasImage(row: BuildRow): boolean
  menu(row: BuildRow, selected: readonly BuildRow[], where?: 'list' | 'detail'): readonly MenuItem[]
}

/** Call it in `setup`. */
export function useBuildMenu(): BuildActs {
  const { t } = useI18n()
  const router = useRouter()
  const builds = useBuilds()
  const operations = useOperations()
  const engines = useEngines()
  const panel = useBuildForm()
  const runPanel = useRun()
  const state = useState()
  const ui = useUi()

  const open = (row: BuildRow): void => void router.push({ name: 'build', params: { id: row.id } })
  const hasImage = (row: BuildRow): boolean => row.imageId !== undefined && state.image(row.imageId) !== undefined
  const change = (row: BuildRow): void => panel.open({ spec: row.spec })
  function run(row: BuildRow): void {
    const image = resultOf(row)
    if (image !== undefined) runPanel.open({ image })
  }
  async function again(row: BuildRow): Promise<void> {
    // What its record did not keep has to be typed again.
    if (withheld(row.spec).length > 0 && !operations.get(row.id)) return change(row)
    const id = await builds.again(row)
    if (id !== null) await router.push({ name: 'build', params: { id } })
  }
  const remove = (rows: readonly BuildRow[]): void => builds.askRemove(rows)
  const copy = (id: string, label: string, value: string): MenuAction => ({
    id,
    label,
    icon: 'copy',
    run: () => void copyText(value).then((done) => done && ui.say(t('common.copied'))),
  })

  const ofMany = (rows: readonly BuildRow[]): readonly MenuItem[] => [
    { kind: 'label', id: 'many', label: t('builds.selected', { count: rows.length }, rows.length) },
    { id: 'remove', label: t('builds.act.remove'), icon: 'remove', danger: true, run: () => remove(rows) },
  ]

  function ofOne(row: BuildRow, where: 'list' | 'detail'): readonly MenuItem[] {
    const running = row.status === 'running'
    const image = row.imageId
    return [
      ...(where === 'list' ? [{ id: 'open', label: t('builds.act.open'), icon: 'inspect', run: () => open(row) } as const] : []),
      ...(running
        ? [{ id: 'cancel', label: t('builds.act.cancel'), icon: 'stop', run: () => void builds.cancel(row.id) } as const]
        : [{ id: 'again', label: t('builds.act.again'), icon: 'retry', disabled: !engines.usable, run: () => void again(row) } as const]),
      { id: 'change', label: t('builds.act.change'), icon: 'edit', run: () => change(row) },
      ...(hasImage(row) && image
        ? ([
            { id: 'run', label: t('builds.act.run'), icon: 'run', disabled: !engines.usable, run: () => run(row) },
            { id: 'image', label: t('builds.act.image'), icon: 'images', run: () => void router.push({ name: 'image', params: { id: image } }) },
          ] as const)
        : []),
      { kind: 'separator', id: 'before-copy' },
      copy('copy-command', t('common.copyCommand'), row.command),
      copy('copy-folder', t('builds.act.copyFolder'), row.spec.folder),
      ...(image ? [copy('copy-id', t('builds.act.copyId'), image)] : []),
      ...(running
        ? []
        : ([
            { kind: 'separator', id: 'before-remove' },
            { id: 'remove', label: t('builds.act.remove'), icon: 'remove', danger: true, run: () => remove([row]) },
          ] as const)),
    ]
  }

  return { open, again, change, run, remove, hasImage, menu: (row, selected, where = 'list') => (selected.length > 1 ? ofMany(selected) : ofOne(row, where)) }
}
