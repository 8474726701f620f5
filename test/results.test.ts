/** What `npm test` says of its suites. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import JournalReporter from './journal-reporter.mjs'
import { afterRepeat, countTests, describeResults, describeSlowest, isWorthRepeating, readJournal, readPlaywright, readVitest } from './results.mjs'
import { STAGES, stagesOf, SUITES } from './run-suites.mjs'

const one = (name: string, outcome: 'passed' | 'failed' | 'skipped', file = 'a.test.ts') => ({ name, file, outcome, message: outcome === 'failed' ? `${name} broke` : '' })
const outcomes = (tests: { name: string; outcome: string }[]) => Object.fromEntries(tests.map(({ name, outcome }) => [name, outcome]))

describe('reports', () => {
  test('of vitest: tests by file, and a file that could not be loaded', () => {
    const tests = readVitest(
      {
        testResults: [
          { name: '/p/test/a.test.ts', status: 'failed', assertionResults: [{ fullName: 'x', status: 'passed' }, { fullName: 'y', status: 'failed', failureMessages: ['no'] }, { fullName: 'z', status: 'pending' }] },
          { name: '/p/test/b.test.ts', status: 'failed', message: 'cannot load', assertionResults: [] },
        ],
      },
      '/p',
    )
    expect(outcomes(tests)).toEqual({ 'test/a.test.ts › x': 'passed', 'test/a.test.ts › y': 'failed', 'test/a.test.ts › z': 'skipped', 'test/b.test.ts': 'failed' })
    expect(countTests(tests)).toEqual({ passed: 1, failed: 2, skipped: 1, unsteady: 0 })
  })

  test('of vitest: what a hook threw is told, though no test has it', () => {
    const file = { name: '/p/test/a.test.ts', status: 'failed', message: '', assertionResults: [{ fullName: 'x', status: 'pending' }] }
    const journal = `${JSON.stringify({ file: file.name, is: 'begun' })}\n${JSON.stringify({ file: file.name, error: 'no engine' })}\n`
    expect(readVitest({ testResults: [file] }, '/p', journal).at(-1)).toMatchObject({ name: 'test/a.test.ts', outcome: 'failed', message: 'no engine' })
  })

  test('of vitest: a failure is told with what was noted beside its message', () => {
    const file = { name: '/p/test/a.test.ts', status: 'failed', assertionResults: [{ fullName: 'group x > y', status: 'failed', failureMessages: ['ended with 1'] }, { fullName: 'z', status: 'failed', failureMessages: ['no'] }] }
    const journal = `${JSON.stringify({ file: file.name, test: 'group > x > y', is: 'failed', message: 'ended with 1\ndetail: no such file' })}\n`
    const messages = readVitest({ testResults: [file] }, '/p', journal).map(({ message }) => message)
    expect(messages).toEqual(['ended with 1\ndetail: no such file', 'no'])
  })

  test('name the slowest first', () => {
    const tests = [{ ...one('x', 'passed'), ms: 20 }, { ...one('y', 'passed'), ms: 61_200 }, one('z', 'skipped')]
    expect(describeSlowest(tests)).toEqual(['   61.2 s  y', '   0.0 s  x'])
  })

  test('of Playwright: each shell apart, groups within files, errors outside of tests', () => {
    const spec = (status: string, errors: { message: string }[] = []) => ({ title: 'does', line: 3, tests: [{ projectName: 'web', status, results: [{ errors }] }] })
    const tests = readPlaywright({
      suites: [{ title: 'a.spec.ts', specs: [spec('expected')], suites: [{ title: 'group', specs: [spec('unexpected', [{ message: 'late' }])] }] }],
      errors: [{ message: 'no browser' }],
    })
    expect(outcomes(tests)).toEqual({ '[web] a.spec.ts:3 › does': 'passed', '[web] a.spec.ts:3 › group › does': 'failed', playwright: 'failed' })
  })
})

describe('a runner that was killed', () => {
  const journal = (...lines: object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  const [a, b] = ['/p/test/a.test.ts', '/p/test/b.test.ts']

  test('leaves the tests that ended, and a failure for each file that did not: what it was in, and what came before', () => {
    const tests = readJournal(
      journal(
        { file: a, is: 'begun' },
        { file: b, is: 'begun' },
        { file: a, test: 'x', is: 'begun' },
        { file: a, test: 'x', is: 'passed' },
        { file: b, test: 'u', is: 'begun' },
        { file: b, test: 'u', is: 'failed', message: 'no' },
        { file: b, is: 'ended' },
        { file: a, test: 'y', is: 'begun' },
      ),
      '/p',
      'test/unit/',
    )
    expect(outcomes(tests)).toEqual({ 'test/a.test.ts › x': 'passed', 'test/b.test.ts › u': 'failed', 'test/a.test.ts: did not end': 'failed' })
    expect(tests.find(({ name }) => name.endsWith('did not end'))?.message).toBe('in: y\nafter: x')
    expect(isWorthRepeating(tests)).toBe(false)
  })

  test('without any file on its way is a failure of its own', () => {
    expect(outcomes(readJournal(journal({ file: a, is: 'begun' }, { file: a, is: 'ended' }), '/p', 'test/unit/'))).toEqual({ 'test/unit/: no report': 'failed' })
    expect(outcomes(readJournal('', '/p', 'test/unit/'))).toEqual({ 'test/unit/: no report': 'failed' })
  })
})

describe('what failed is run once more', () => {
  test('when it is little, and known by its file', () => {
    expect(isWorthRepeating([one('x', 'passed')])).toBe(false)
    expect(isWorthRepeating([one('x', 'failed'), one('y', 'passed')])).toBe(true)
    expect(isWorthRepeating([one('x', 'failed', '')])).toBe(false)
    expect(isWorthRepeating(['1', '2', '3', '4', '5'].map((name) => one(name, 'failed', `${name}.test.ts`)))).toBe(false)
    // Tests of a file may build on each other: the first takes the others with it.
    expect(isWorthRepeating(['1', '2', '3', '4', '5'].map((name) => one(name, 'failed')))).toBe(true)
  })

  test('passed then: unsteady; failed again: failed', () => {
    const first = [one('x', 'failed'), one('y', 'failed'), one('z', 'passed')]
    const tests = afterRepeat(first, [one('x', 'passed'), one('y', 'failed'), one('z', 'passed')])
    expect(outcomes(tests)).toEqual({ x: 'unsteady', y: 'failed', z: 'passed' })
    expect(countTests(tests)).toEqual({ passed: 2, failed: 1, skipped: 0, unsteady: 1 })
  })

  test('a test that did not run again has still failed', () => {
    expect(outcomes(afterRepeat([one('x', 'failed')], []))).toEqual({ x: 'failed' })
  })

  test('what fails only the second time is unsteady too', () => {
    expect(outcomes(afterRepeat([one('x', 'failed'), one('y', 'passed')], [one('x', 'passed'), one('y', 'failed')]))).toEqual({ x: 'unsteady', y: 'unsteady' })
  })

  test('a file that could be loaded only the second time brings its tests', () => {
    const tests = afterRepeat([one('a.test.ts', 'failed')], [one('x', 'passed'), one('y', 'failed')])
    expect(outcomes(tests)).toEqual({ 'a.test.ts': 'unsteady', x: 'passed', y: 'failed' })
    expect(outcomes(afterRepeat([one('a.test.ts', 'failed')], [one('a.test.ts', 'failed')]))).toEqual({ 'a.test.ts': 'failed' })
  })
})

test('the end of the output names what did not simply pass, with its cause', () => {
  const tests = afterRepeat([one('x', 'failed'), one('y', 'failed'), one('s', 'skipped')], [one('x', 'passed'), one('y', 'failed')])
  expect(describeResults(tests)).toEqual([
    '', '── skipped', '   s',
    '', '── unsteady: failed once, passed when run once more', '   x\n      x broke',
    '', '── failed', '   y\n      y broke',
  ])
})

test('of where an error came from, only our own places are told', () => {
  const message = 'x broke\n    at a.ts:1\n    at node:events:1\n    at run (file:///p/node_modules/vitest/a.js:1)\nend'
  expect(describeResults([{ ...one('x', 'failed'), message }]).at(-1)).toBe('   x\n      x broke\n          at a.ts:1\n      end')
})

test('of many failures of a file the first are told at length', () => {
  const long = Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n')
  const lines = describeResults([1, 2, 3, 4, 5].map((number) => ({ ...one(`t${number}`, 'failed'), message: long })))
  expect(lines.slice(2).map((each) => each.split('\n').length - 1)).toEqual([24, 12, 12, 2, 2])
})

describe('journal', () => {
  const noted = async (result: object): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'naru-journal-'))
    vi.stubEnv('NARU_TEST_JOURNAL', join(folder, 'journal'))
    try {
      new JournalReporter().onTestCaseResult({ fullName: 'x', module: { moduleId: '/p/a.test.ts' }, result: () => result })
      return (JSON.parse(await readFile(join(folder, 'journal'), 'utf8')) as { message: string }).message
    } finally {
      vi.unstubAllEnvs()
      await rm(folder, { recursive: true })
    }
  }

  test('notes an error with its code, its detail and its causes, before the places it came from', async () => {
    const error = { stack: 'NaruError: no boot\n    at a.ts:1', code: 'provider.boot-failed', hint: 'vm-boot', detail: 'kvm: no byte', cause: { message: 'the disk is locked' } }
    expect(await noted({ state: 'failed', errors: [error] })).toBe('NaruError: no boot\n(provider.boot-failed, vm-boot)\ndetail: kvm: no byte\n    at a.ts:1\ncaused by: the disk is locked')
    expect(await noted({ state: 'failed', errors: [{ message: 'plain' }] })).toBe('plain')
  })
})

describe('stages', () => {
  test('have every suite once', () => {
    expect(STAGES.flat(2).sort()).toEqual(Object.keys(SUITES).sort())
  })

  test('of some suites keep their order and who runs beside whom', () => {
    expect(stagesOf(['vm', 'real', 'unit', 'e2e', 'chaos'])).toEqual([[['unit']], [['real'], ['vm']], [['chaos', 'e2e']]])
  })
})
