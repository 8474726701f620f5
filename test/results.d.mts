/** Types of results.mjs for its test. */
export interface TestResult {
  readonly name: string
  readonly file: string
  readonly outcome: 'passed' | 'failed' | 'skipped' | 'unsteady'
  readonly message: string
  readonly ms?: number
}
export function readVitest(report: object, root: string, journal?: string): TestResult[]
export function readJournal(journal: string, root: string, suite: string): TestResult[]
export function readPlaywright(report: object): TestResult[]
export function isWorthRepeating(tests: readonly TestResult[]): boolean
export function afterRepeat(first: readonly TestResult[], again: readonly TestResult[]): TestResult[]
export function countTests(tests: readonly TestResult[]): Record<'passed' | 'failed' | 'skipped' | 'unsteady', number>
export function describeResults(tests: readonly TestResult[]): string[]
export function describeSlowest(tests: readonly TestResult[]): string[]
