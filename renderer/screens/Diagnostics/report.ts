/** The self-check as plain text, to be put into a report. Pure. */

export interface ReportLine {
  /** `passed`, `warned`, `failed` or `skipped`, as a word. */
  readonly state: string
  readonly name: string
  readonly found: string
  readonly next: string
  /** Code of the error behind it, and the words of what failed. */
  readonly error?: { readonly code: string; readonly detail: string }
  readonly commands: readonly string[]
}

/** @param head lines about Naru and the engine */
export function reportText(head: readonly string[], lines: readonly ReportLine[]): string {
  const body = lines.flatMap(({ state, name, found, next, error, commands }) => [
    `[${state}] ${name}: ${found}`,
    ...(error ? [`    ${[error.code, error.detail.replace(/\s+/g, ' ').trim()].filter(Boolean).join(': ')}`] : []),
    ...(next ? [`    ${next}`] : []),
    ...commands.map((command) => `    $ ${command}`),
  ])
  return [...head.filter(Boolean), '', ...body, ''].join('\n')
}
