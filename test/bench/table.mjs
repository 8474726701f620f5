/** Figures as a table, judged by their budgets. */

/** @typedef {import('./support/figure.ts').BenchFigure} BenchFigure */

const DIGITS = 3

/** 1 234 567 → "1,234,567"; small numbers keep three digits that matter. */
export function numberText(value) {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(DIGITS)))
}

/** What the budget is held against. @param {BenchFigure} figure */
export function judged({ figure, yardstick, budget }) {
  if (budget?.of === 'ratio') return figure / yardstick.figure
  if (budget?.of === 'added') return figure - yardstick.figure
  return figure
}

/** True or false; undefined when there is nothing to meet. @param {BenchFigure} figure */
export function isMet(figure) {
  const { budget } = figure
  if (!budget) return undefined
  const value = judged(figure)
  return value <= (budget.most ?? Infinity) && value >= (budget.least ?? -Infinity)
}

function budgetText({ budget, unit }) {
  if (!budget) return ''
  const sign = budget.most === undefined ? '≥' : '≤'
  const bound = budget.most ?? budget.least
  if (budget.of === 'ratio') return `${sign} ${numberText(bound)} ×`
  return `${sign} ${budget.of === 'added' ? '+' : ''}${numberText(bound)} ${unit}`
}

/** 10.6 s (9.8–10.7) */
function valueText({ figure, spread }, unit) {
  return `${numberText(figure)}${spread && spread[0] !== spread[1] ? ` (${spread.map(numberText).join('–')})` : ''} ${unit}`
}

/** @param {BenchFigure} figure */
function cells(figure) {
  const { name, unit, yardstick, budget, noted } = figure
  const met = isMet(figure)
  const added = budget?.of === 'added' && `${judged(figure) < 0 ? '' : '+'}${numberText(judged(figure))} ${unit}`
  return [
    name,
    valueText(figure, unit),
    [yardstick && `${valueText(yardstick, unit)} (${yardstick.what})`, noted !== undefined && `${numberText(noted)} ${unit} (field notes)`].filter(Boolean).join(', '),
    yardstick ? added || `${numberText(figure.figure / yardstick.figure)} ×` : '',
    budgetText(figure),
    met === undefined ? '' : met ? 'yes' : figure.hard ? 'NO, fails' : 'no',
  ]
}

const HEAD = ['what', 'figure', 'yardstick', 'ratio', 'budget', 'met']

/** Markdown, padded so that a terminal shows it as well. @param {readonly BenchFigure[]} figures */
export function tableOf(figures) {
  const rows = [HEAD, ...figures.map(cells)]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  return [line(HEAD), rule, ...rows.slice(1).map(line)].join('\n')
}
