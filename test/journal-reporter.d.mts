/** See journal-reporter.mjs. Only what its own test calls. */
export default class JournalReporter {
  onTestCaseResult(test: { readonly fullName: string; readonly module: { readonly moduleId: string }; readonly result: () => object }): void
}
