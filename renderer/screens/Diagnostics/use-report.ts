/** Copies the report of the newest run. */
import { useI18n } from 'vue-i18n'
import { CHECK_IDS } from '../../../engine/contract/models.ts'
import type { CheckResult } from '../../../engine/contract/models.ts'
import { productOf } from '../../app/engine-words.ts'
import { copyText } from '../../components/clipboard.ts'
import { useConnection } from '../../stores/connection.ts'
import { useDiagnostics } from '../../stores/diagnostics.ts'
import { useEngines } from '../../stores/engines.ts'
import { useUi } from '../../stores/ui.ts'
import { reportText } from './report.ts'
import type { ReportLine } from './report.ts'
import { useCheckWords } from './words.ts'

/** Call it in `setup`. */
export function useReport(): { readonly text: () => string; readonly copy: () => Promise<void> } {
  const { t } = useI18n()
  const connection = useConnection()
  const diagnostics = useDiagnostics()
  const engines = useEngines()
  const ui = useUi()
  const words = useCheckWords()

  /** Facts of Naru and of the engine; no paths, no names of containers. */
  function head(): readonly string[] {
    const { info } = connection
    const engine = engines.current
    const version = engine?.version
    return [
      info ? [`Naru ${info.version}`, info.shell, info.platform, new Date(diagnostics.ranAt || Date.now()).toISOString()].join(' · ') : '',
      engine ? [engine.kind, engine.status, version && productOf(version), version && `API ${version.apiVersion}`, version?.kernel, version?.storageDriver].filter(Boolean).join(' · ') : '',
    ]
  }
  function lineOf(result: CheckResult): ReportLine {
    const { state, error, fixes } = result
    const trouble = state === 'warned' || state === 'failed'
    return {
      state: t(`diagnostics.state.${state}`),
      name: words.name(result.id),
      found: words.found(result),
      next: trouble ? words.next(result) : '',
      ...(error && { error: { code: error.code, detail: error.detail ?? error.message } }),
      commands: fixes.flatMap((fix) => (fix.kind === 'command' ? [fix.command] : [])),
    }
  }
  const text = (): string => reportText(head(), CHECK_IDS.flatMap((id) => diagnostics.results.get(id) ?? []).map(lineOf))
  return {
    text,
    copy: async () => {
      if (await copyText(text())) ui.say(t('diagnostics.copied'))
      else ui.show({ tone: 'bad', text: t('diagnostics.notCopied') })
    },
  }
}
