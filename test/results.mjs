/** What the suites' reports say: each test with its outcome, and what of it is told at the end of `npm test`. */
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/**
 * One test. `unsteady`: failed, and passed when it was run once more.
 * @typedef {{ name: string, file: string, outcome: 'passed' | 'failed' | 'skipped' | 'unsteady', message: string }} TestResult
 */

/** More failures than this in a suite are no accident: nothing is run again. */
const MOST_REPEATED = 4
const MESSAGE_LINES = 12

/** @returns {TestResult[]} the tests of vitest's JSON report; a file that could not even be loaded is one failure. */
export function readVitest(report, root) {
  return report.testResults.flatMap((file) => {
    const path = relative(root, file.name)
    const tests = file.assertionResults.map(({ fullName, status, failureMessages }) => ({
      name: `${path} › ${fullName}`,
      file: path,
      outcome: status === 'passed' || status === 'failed' ? status : 'skipped',
      message: (failureMessages ?? []).join('\n'),
    }))
    if (file.status !== 'failed' || tests.some(({ outcome }) => outcome === 'failed')) return tests
    return [...tests, { name: path, file: path, outcome: 'failed', message: file.message ?? '' }]
  })
}

const PLAYWRIGHT = { expected: 'passed', skipped: 'skipped', flaky: 'unsteady' }

function playwrightTests(suite, above) {
  const path = [...above, suite.title].filter((title) => title !== '')
  const own = (suite.specs ?? []).flatMap((spec) =>
    spec.tests.map(({ projectName, status, results }) => ({
      name: [`[${projectName}] ${path[0]}:${spec.line}`, ...path.slice(1), spec.title].join(' › '),
      file: path[0],
      outcome: PLAYWRIGHT[status] ?? 'failed',
      message: results.flatMap(({ errors }) => (errors ?? []).map(({ message }) => message ?? '')).join('\n'),
    })),
  )
  return [...own, ...(suite.suites ?? []).flatMap((inner) => playwrightTests(inner, path))]
}

/** @returns {TestResult[]} the tests of Playwright's JSON report; an error outside of any test is a failure. */
export function readPlaywright(report) {
  const errors = (report.errors ?? []).map(({ message }) => ({ name: 'playwright', file: '', outcome: 'failed', message: message ?? '' }))
  return [...report.suites.flatMap((suite) => playwrightTests(suite, [])), ...errors]
}

/** True when few tests failed, and each in a file that can be run again. */
export function isWorthRepeating(tests) {
  const failed = tests.filter(({ outcome }) => outcome === 'failed')
  return failed.length > 0 && failed.length <= MOST_REPEATED && failed.every(({ file }) => file !== '')
}

/** The tests after those of some files ran again: who failed only once is unsteady; who was met first then is added. */
export function afterRepeat(first, again) {
  const repeated = new Map(again.map((test) => [test.name, test]))
  const loaded = (file) => again.some((test) => test.file === file) && !again.some(({ name }) => name === file)
  const settle = (test) => {
    if (test.outcome === 'failed') {
      // A file that could not be loaded at first has tests of its own when it can.
      const mended = repeated.get(test.name)?.outcome === 'passed' || (test.name === test.file && loaded(test.file))
      return mended ? { ...test, outcome: 'unsteady' } : test
    }
    const now = repeated.get(test.name)
    return now?.outcome === 'failed' ? { ...test, outcome: 'unsteady', message: now.message } : test
  }
  const known = new Set(first.map(({ name }) => name))
  return [...first.map(settle), ...again.filter(({ name }) => !known.has(name))]
}

/** How many tests ended how; what is unsteady passed in the end. */
export function countTests(tests) {
  const of = (outcome) => tests.filter((test) => test.outcome === outcome).length
  return { passed: of('passed') + of('unsteady'), failed: of('failed'), skipped: of('skipped'), unsteady: of('unsteady') }
}

const shorten = (message) => stripVTControlCharacters(message).split('\n').slice(0, MESSAGE_LINES).map((line) => `      ${line}`.trimEnd()).join('\n')

/** Lines that name what did not simply pass, for the end of the output: the cause where there is one. */
export function describeResults(tests) {
  const part = (outcome, title, withMessage) => {
    const some = tests.filter((test) => test.outcome === outcome)
    const lines = some.map(({ name, message }) => `   ${name}${withMessage && message !== '' ? `\n${shorten(message)}` : ''}`)
    return some.length === 0 ? [] : ['', `── ${title}`, ...lines]
  }
  return [
    ...part('skipped', 'skipped', false),
    ...part('unsteady', 'unsteady: failed once, passed when run once more', true),
    ...part('failed', 'failed', true),
  ]
}
