/** What a check found, in the person's language. */
import { useI18n } from 'vue-i18n'
import type { CheckId, CheckResult, CheckState } from '../../../engine/contract/models.ts'
import { useEngineWords } from '../../app/engine-words.ts'
import type { IconName } from '../../components/icons.ts'
import { describeError } from '../../i18n/describe-error.ts'
import { useFormat } from '../../i18n/format.ts'
import { useEngines } from '../../stores/engines.ts'

/** What a row shows: a result, a check that runs, or one that was left before it ended. */
export type RowState = CheckState | 'running' | 'left'

export const STATE_LOOKS: Readonly<Record<RowState, { readonly icon: IconName; readonly tone: 'ok' | 'warn' | 'bad' | 'grey' | 'accent' }>> = {
  passed: { icon: 'ok', tone: 'ok' },
  warned: { icon: 'warn', tone: 'warn' },
  failed: { icon: 'bad', tone: 'bad' },
  skipped: { icon: 'info', tone: 'grey' },
  running: { icon: 'refresh', tone: 'accent' },
  left: { icon: 'clear', tone: 'grey' },
}

export interface CheckWords {
  readonly name: (id: CheckId) => string
  readonly about: (id: CheckId) => string
  /** What was found. */
  readonly found: (result: CheckResult) => string
  /** The sentence of the failure behind it; empty where what was found says as much. */
  readonly cause: (result: CheckResult) => string
  /** What to do; may be empty. */
  readonly next: (result: CheckResult) => string
}

/** Call it in `setup`. */
export function useCheckWords(): CheckWords {
  const { t, te } = useI18n()
  const format = useFormat()
  const engines = useEngines()
  const engineWords = useEngineWords()

  const keyOf = ({ id, why }: CheckResult): string => [`diagnostics.why.${id}.${why}`, `diagnostics.why.any.${why}`].find((key) => te(`${key}.text`, 'en')) ?? 'diagnostics.why.any.broken'
  const engineName = (id: string): string => {
    const engine = engines.byId(id)
    return engine ? engineWords.name(engine) : id
  }
  const took = (ms: number): string => (ms < 1_000 ? t('diagnostics.milliseconds', { value: ms }) : format.took(ms))
  function gaps({ params }: CheckResult): Record<string, string> {
    const shown = Object.entries(params).map(([name, value]): readonly [string, string] => {
      if (name === 'engineId') return ['engine', engineName(String(value))]
      if (name.endsWith('Bytes')) return [name, format.bytes(Number(value))]
      return [name, name.endsWith('Ms') ? took(Number(value)) : String(value)]
    })
    return Object.fromEntries(shown)
  }

  const hasNext = (result: CheckResult): boolean => te(`${keyOf(result)}.next`, 'en')

  return {
    name: (id) => t(`diagnostics.name.${id}`),
    about: (id) => t(`diagnostics.about.${id}`),
    found: (result) => t(`${keyOf(result)}.text`, gaps(result)),
    cause: (result) => (result.error && !hasNext(result) ? describeError(result.error).sentence : ''),
    next: (result) => (hasNext(result) ? t(`${keyOf(result)}.next`, gaps(result)) : result.error ? describeError(result.error).next : ''),
  }
}
