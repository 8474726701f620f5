/** What the suites' reports say: each test with its outcome, and what of it is told at the end of `npm test`. */
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/**
 * One test. `unsteady`: failed, and passed when it was run once more. `ms`: what it took, milliseconds, without its file's hooks.
 * @typedef {{ name: string, file: string, outcome: 'passed' | 'failed' | 'skipped' | 'unsteady', message: string, ms?: number }} TestResult
 */

/** Failures in more files than one, and more of them than this, are no accident: nothing is run again. */
const MOST_REPEATED = 4
/** Lines told of a file's first failures; of those after them two: most are of the same cause. */
const MESSAGE_LINES = [24, 12, 12]
const LATER_LINES = 2

const linesOf = (journal) => journal.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line))

/** Vitest's two reporters put different things between a group and what is in it. */
const unseparated = (name) => name.replaceAll(' > ', ' ')

/**
 * The tests of vitest's JSON report; a file that could not even be loaded, or that a hook failed in, is one failure.
 * @param journal what was noted down meanwhile (journal-reporter.mjs): only there is told what a hook threw, and what an
 *   error carries beside its message.
 * @returns {TestResult[]}
 */
export function readVitest(report, root, journal = '') {
  const lines = linesOf(journal)
  const thrown = (name) => lines.filter(({ file, error }) => file === name && error !== undefined).map(({ error }) => error)
  const words = (name, test) => lines.findLast((line) => line.file === name && line.is === 'failed' && unseparated(line.test ?? '') === unseparated(test))?.message
  return report.testResults.flatMap((file) => {
    const path = relative(root, file.name)
    const tests = file.assertionResults.map(({ fullName, status, failureMessages, duration }) => ({
      name: `${path} › ${fullName}`,
      file: path,
      outcome: status === 'passed' || status === 'failed' ? status : 'skipped',
      message: (status === 'failed' && words(file.name, fullName)) || (failureMessages ?? []).join('\n'),
      ms: duration ?? 0,
    }))
    if (file.status !== 'failed' || tests.some(({ outcome }) => outcome === 'failed')) return tests
    return [...tests, { name: path, file: path, outcome: 'failed', message: [file.message ?? '', ...thrown(file.name)].filter((words) => words !== '').join('\n') }]
  })
}

/**
 * The tests of a runner that was killed, by the lines it noted down (journal-reporter.mjs): those that ended, and a failure
 * for each file that did not. Such a file is not run again: it has had the suite's whole time.
 * @returns {TestResult[]}
 */
export function readJournal(journal, root, suite) {
  const lines = linesOf(journal)
  const tests = lines.filter(({ test, is }) => test !== undefined && is !== 'begun').map(({ file, test, is, message }) => {
    const path = relative(root, file)
    return { name: `${path} › ${test}`, file: path, outcome: is === 'passed' || is === 'failed' ? is : 'skipped', message }
  })
  const names = (file, is) => lines.filter((line) => line.file === file && line.is === is && line.test !== undefined).map(({ test }) => test)
  const open = lines.filter(({ file, test, is }) => test === undefined && is === 'begun' && !lines.some((line) => line.file === file && line.test === undefined && line.is === 'ended'))
  const unfinished = open.map(({ file }) => {
    const ended = new Set(lines.filter((line) => line.file === file && line.test !== undefined && line.is !== 'begun').map(({ test }) => test))
    const now = names(file, 'begun').filter((test) => !ended.has(test))
    return { name: `${relative(root, file)}: did not end`, file: '', outcome: 'failed', message: `in: ${now.join(', ') || 'no test of its own'}\nafter: ${[...ended].at(-1) ?? 'none'}` }
  })
  const nothing = unfinished.length === 0 ? [{ name: `${suite}: no report`, file: '', outcome: 'failed', message: '' }] : []
  return [...tests, ...unfinished, ...nothing]
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
      ms: results.reduce((sum, { duration }) => sum + (duration ?? 0), 0),
    })),
  )
  return [...own, ...(suite.suites ?? []).flatMap((inner) => playwrightTests(inner, path))]
}

/** @returns {TestResult[]} the tests of Playwright's JSON report; an error outside of any test is a failure. */
export function readPlaywright(report) {
  const errors = (report.errors ?? []).map(({ message }) => ({ name: 'playwright', file: '', outcome: 'failed', message: message ?? '' }))
  return [...report.suites.flatMap((suite) => playwrightTests(suite, [])), ...errors]
}

/** True when few tests failed, or all of one file (whose tests may build on each other), and each in a file that can be run again. */
export function isWorthRepeating(tests) {
  const failed = tests.filter(({ outcome }) => outcome === 'failed')
  const isFew = failed.length <= MOST_REPEATED || new Set(failed.map(({ file }) => file)).size === 1
  return failed.length > 0 && isFew && failed.every(({ file }) => file !== '')
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

const SLOWEST = 12

/** Lines that name the tests that took longest: where a run's time can be had back. */
export function describeSlowest(tests) {
  const slowest = [...tests].sort((a, b) => (b.ms ?? 0) - (a.ms ?? 0)).slice(0, SLOWEST)
  return slowest.filter(({ ms = 0 }) => ms > 0).map(({ name, ms }) => `   ${((ms ?? 0) / 1_000).toFixed(1)} s  ${name}`)
}

/** Where in a test runner or in Node something was called says nothing. */
const isForeignFrame = (line) => /^\s+at .*(?:node_modules|node:internal|node:events)[/:]/.test(line)

const shorten = (message, most) => stripVTControlCharacters(message).split('\n').filter((line) => !isForeignFrame(line)).slice(0, most).map((line) => `      ${line}`.trimEnd()).join('\n')

/** Lines that name what did not simply pass, for the end of the output: the cause where there is one. */
export function describeResults(tests) {
  const part = (outcome, title, withMessage) => {
    const some = tests.filter((test) => test.outcome === outcome)
    const before = new Map()
    const lines = some.map(({ name, file, message }) => {
      const at = file === '' ? 0 : (before.get(file) ?? 0)
      before.set(file, at + 1)
      return `   ${name}${withMessage && message !== '' ? `\n${shorten(message, MESSAGE_LINES[at] ?? LATER_LINES)}` : ''}`
    })
    return some.length === 0 ? [] : ['', `── ${title}`, ...lines]
  }
  return [
    ...part('skipped', 'skipped', false),
    ...part('unsteady', 'unsteady: failed once, passed when run once more', true),
    ...part('failed', 'failed', true),
  ]
}
