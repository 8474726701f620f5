/** What can be done with one tag of a repository. */
import { useI18n } from 'vue-i18n'
import type { HubTag } from '../../../engine/contract/models.ts'
import { copyText } from '../../components/clipboard.ts'
import type { MenuAction, MenuItem } from '../../components/menu.ts'
import { useEngines } from '../../stores/engines.ts'
import { usePulls } from '../../stores/pulls.ts'
import { useRun } from '../../stores/run.ts'
import { useUi } from '../../stores/ui.ts'

export interface TagActs {
  pull(tag: HubTag): void
  run(tag: HubTag): void
  /** Being pulled now. */
  running(tag: HubTag): boolean
  menu(tag: HubTag): readonly MenuItem[]
}

/** Call it in `setup`. */
export function useTagActs(repository: () => string): TagActs {
  const { t } = useI18n()
  const engines = useEngines()
  const pulls = usePulls()
  const runPanel = useRun()
  const ui = useUi()
  const referenceOf = (tag: HubTag): string => `${repository()}:${tag.name}`
  const pull = (tag: HubTag): void => void pulls.pull(referenceOf(tag))
  const run = (tag: HubTag): void => runPanel.open({ image: referenceOf(tag) })
  const copy = (id: string, label: string, value: string): MenuAction => ({
    id,
    label,
    icon: 'copy',
    run: () => void copyText(value).then((done) => done && ui.say(t('common.copied'))),
  })
  return {
    pull,
    run,
    running: (tag) => pulls.runningOf(referenceOf(tag)) !== undefined,
    menu: (tag) => [
      { id: 'pull', label: t('hub.detail.pullTag', { tag: tag.name }), icon: 'pull', disabled: !engines.usable, run: () => pull(tag) },
      { id: 'run', label: t('hub.detail.pullRun'), icon: 'run', disabled: !engines.usable, run: () => run(tag) },
      { kind: 'separator', id: 'before-copy' },
      copy('copy-reference', t('hub.tags.copyReference', { reference: referenceOf(tag) }), referenceOf(tag)),
      ...(tag.digest ? [copy('copy-digest', t('hub.tags.copyDigest'), `${repository()}@${tag.digest}`)] : []),
    ],
  }
}
