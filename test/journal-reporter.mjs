/**
 * A reporter that notes down at once what began and what ended, in lines of JSON at `NARU_TEST_JOURNAL`: a runner that
 * is killed reports nothing else.
 */
import { appendFileSync } from 'node:fs'
import { env } from 'node:process'

const note = (line) => {
  const path = env['NARU_TEST_JOURNAL']
  if (path) appendFileSync(path, `${JSON.stringify(line)}\n`)
}

const MOST_CAUSES = 3

/** An error with what it carries beside its message (an engine's words, a program's output), and with its causes. */
const wordsOfOne = ({ stack, message, code, hint, detail, cause }, depth = 0) => {
  const beside = [code, hint].filter((word) => typeof word === 'string').join(', ')
  const lines = [stack ?? message, beside && `(${beside})`, typeof detail === 'string' && `detail: ${detail}`]
  const because = cause && typeof cause === 'object' && depth < MOST_CAUSES ? `caused by: ${wordsOfOne(cause, depth + 1)}` : ''
  // What is no stack comes first: of a long text only the beginning is told.
  const [first = '', ...rest] = String(lines[0]).split('\n')
  return [first, lines[1], lines[2], ...rest, because].filter(Boolean).join('\n')
}

const wordsOf = (errors = []) => errors.map((error) => wordsOfOne(error)).join('\n')

/** What a hook of a file or of a group in it threw: no test has it, and vitest's JSON report does not tell it. */
const noteErrors = (file, errors = []) => {
  if (errors.length > 0) note({ file, error: wordsOf(errors) })
}

export default class JournalReporter {
  onTestModuleQueued({ moduleId }) {
    note({ file: moduleId, is: 'begun' })
  }
  onTestModuleEnd(module) {
    noteErrors(module.moduleId, module.errors())
    note({ file: module.moduleId, is: 'ended' })
  }
  onTestSuiteResult(suite) {
    noteErrors(suite.module.moduleId, suite.errors())
  }
  onTestCaseReady({ module, fullName }) {
    note({ file: module.moduleId, test: fullName, is: 'begun' })
  }
  onTestCaseResult(test) {
    const { state, errors = [] } = test.result()
    note({ file: test.module.moduleId, test: test.fullName, is: state, message: wordsOf(errors) })
  }
}
