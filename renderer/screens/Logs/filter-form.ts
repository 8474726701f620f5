/** What a person asks of a log's filter, as it stands in the form and in the address. Pure. */
import type { LogFilter, LogLevel, LogTerm } from '../../../engine/contract/models.ts'
import { LOG_LEVELS } from '../../../engine/logs/level.ts'

export interface FilterForm {
  /** As typed: text, or a pattern between slashes. */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  /** Empty: all. */
  readonly levels: readonly LogLevel[]
  readonly stream: LogFilter['stream']
  /** Names of the containers shown; empty: all. */
  readonly only: readonly string[]
  /** Lines around each, one of CONTEXTS. */
  readonly context: number
  /** Words count only as whole ones. */
  readonly word: boolean
  /** Lines of this moment and later, milliseconds since 1970; null = from the beginning. */
  readonly since: number | null
  /** Lines before this moment; null = to the end. */
  readonly until: number | null
  /** Names of fields that stand in columns before the lines; no matter to which lines pass. */
  readonly columns: readonly string[]
}

export const EMPTY_FORM: FilterForm = { include: [], exclude: [], levels: [], stream: 'all', only: [], context: 0, word: false, since: null, until: null, columns: [] }
export const CONTEXTS = [0, 1, 3, 10, 50] as const
export const STREAMS = ['all', 'stdout', 'stderr'] as const
/** What the engine room takes. */
const MOST_TERMS = 20
const LONGEST_TERM = 10_000

/** What the engine room keeps of columns, and what a pane has room for. */
const MOST_COLUMNS = 12

/** The columns after a click on a name: without it, or with it behind the others. */
export function columnsAfter(columns: readonly string[], name: string): readonly string[] {
  return columns.includes(name) ? columns.filter((other) => other !== name) : [...columns, name].slice(-MOST_COLUMNS)
}

/** True when every line passes. */
export function passesAll({ include, exclude, levels, stream, only, since, until }: FilterForm): boolean {
  return only.length === 0 && include.length === 0 && exclude.length === 0 && levels.length === 0 && stream === 'all' && since === null && until === null
}

/** `/a.c/` is a pattern, everything else text; neither regards case. Null for nothing. */
export function parseTerm(typed: string): LogTerm | null {
  const pattern = /^\/(.+)\/$/.exec(typed.trim())?.[1]
  const query = (pattern ?? typed.trim()).slice(0, LONGEST_TERM)
  return query === '' ? null : { query, regex: pattern !== undefined, caseSensitive: false }
}

const terms = (typed: readonly string[], word: boolean): LogTerm[] => typed.flatMap((text) => parseTerm(text) ?? []).slice(0, MOST_TERMS).map((term) => ({ ...term, ...(word && { word }) }))

/** No container has this index: a name nobody has lets nothing pass. */
const NOBODY = 254

/** @param fromLine the first line that may be shown. @param names of the view's containers, in its order. */
export function toFilter(form: FilterForm, fromLine: number, names: readonly string[] = []): LogFilter {
  const { levels, stream, context, word, since, until } = form
  return { include: terms(form.include, word), exclude: terms(form.exclude, word), levels: [...levels], stream, sources: sourcesOf(form.only, names), context, fromLine, since, until }
}

function sourcesOf(only: readonly string[], names: readonly string[]): number[] {
  if (only.length === 0) return []
  const found = names.flatMap((name, index) => (only.includes(name) ? [index] : []))
  return found.length > 0 ? found : [NOBODY]
}

/** The lines a form is about at any time: what a histogram counts. Null: all. */
export function toTimelessFilter(form: FilterForm, fromLine: number, names: readonly string[] = []): LogFilter | null {
  const timeless = { ...form, since: null, until: null, context: 0 }
  return passesAll(timeless) && fromLine === 0 ? null : toFilter(timeless, fromLine, names)
}

type Query = Readonly<Record<string, unknown>>
const listOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((text): text is string => typeof text === 'string' && text.trim() !== '').slice(0, MOST_TERMS)

/** A moment of an address: ISO 8601; null for nonsense. */
function momentOf(value: unknown): number | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? null : time
}

/** The form an address asks for; what it does not know there is left out. */
export function formOf(query: Query): FilterForm {
  const stream = STREAMS.find((name) => name === query['stream']) ?? 'all'
  const context = CONTEXTS.find((lines) => String(lines) === query['around']) ?? 0
  const wanted = listOf(query['level'])
  return { include: listOf(query['with']), exclude: listOf(query['without']), levels: LOG_LEVELS.filter((level) => wanted.includes(level)), stream, context, only: listOf(query['only']), word: query['word'] === '1', since: momentOf(query['since']), until: momentOf(query['until']), columns: [...new Set(listOf(query['col']))].slice(0, MOST_COLUMNS) }
}

/** The address of a form: the query it had, with the form's own words in it. */
export function queryOf(form: FilterForm, before: Query): Record<string, unknown> {
  const { with: _with, without: _without, level: _level, stream: _stream, around: _around, word: _word, only: _only, since: _since, until: _until, col: _col, ...rest } = before
  return {
    ...rest,
    ...(form.include.length > 0 && { with: [...form.include] }),
    ...(form.exclude.length > 0 && { without: [...form.exclude] }),
    ...(form.levels.length > 0 && { level: [...form.levels] }),
    ...(form.stream !== 'all' && { stream: form.stream }),
    ...(form.context > 0 && { around: String(form.context) }),
    ...(form.only.length > 0 && { only: [...form.only] }),
    ...(form.word && { word: '1' }),
    ...(form.since !== null && { since: new Date(form.since).toISOString() }),
    ...(form.columns.length > 0 && { col: [...form.columns] }),
    ...(form.until !== null && { until: new Date(form.until).toISOString() }),
  }
}
