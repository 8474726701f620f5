/** Types of run-suites.mjs for its test. */
export const SUITES: Readonly<Record<string, object>>
export const STAGES: readonly (readonly (readonly string[])[])[]
export function stagesOf(names: readonly string[]): string[][][]
