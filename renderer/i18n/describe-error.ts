import type { ErrorEnvelope, ErrorParams } from '../../engine/contract/errors.ts'
import { i18n } from './index.ts'

export interface ErrorWords {
  /** What happened. */
  readonly sentence: string
  /** What to do about it; may be empty. */
  readonly next: string
}

/**
 * An error in the person's language. A code has a sentence (`errors.code.X.text`), the same with the thing named
 * (`.named`, used when the error's params fill every gap) and a next step; a hint has a more exact sentence, and may have
 * a next step for when a gap of its own cannot be filled (`.bare`): a list with nothing in it fills none.
 */
export function describeError(error: ErrorEnvelope): ErrorWords {
  const { t, te, tm } = i18n.global
  const params = words(error.params)
  const base = `errors.code.${error.code.replace('.', '-')}`
  const hint = error.hint ? `errors.hint.${error.hint.replaceAll('.', '-')}` : ''
  const fits = (key: string): boolean => te(key, 'en') && gapsOf(tm(key)).every((gap) => gap in params)

  const sentence = [`${hint}.text`, `${base}.named`].find((key) => fits(key)) ?? `${base}.text`
  const next = [`${hint}.next`, `${hint}.bare`, `${base}.next`].find((key) => fits(key))
  return { sentence: te(sentence, 'en') ? t(sentence, params) : error.message, next: next ? t(next, params) : '' }
}

function words(params: ErrorParams = {}): Record<string, string> {
  const texts = Object.entries(params).filter(([, value]) => typeof value !== 'object' || value.length > 0).map(([key, value]) => [key, typeof value === 'object' ? value.join(', ') : String(value)])
  const named: Record<string, string> = Object.fromEntries(texts)
  // Several holders read as one list.
  return named.holders && !named.holder ? { ...named, holder: named.holders } : named
}

/** Names in `{braces}` of a message. */
function gapsOf(message: unknown): readonly string[] {
  return typeof message === 'string' ? [...message.matchAll(/\{(\w+)\}/g)].flatMap((match) => match[1] ?? []) : []
}
