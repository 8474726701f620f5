/** The suites of `npm test`: what each runs, and with which runner. */
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runScript } from './run-script.mjs'
import { afterRepeat, isWorthRepeating, readJournal, readPlaywright, readVitest } from './results.mjs'

const MINUTE = 60_000

/** Each suite by name. `repeat`: what failed is run once more (docs/adr/0010). */
export const SUITES = {
  lint: { kind: 'check', script: 'node_modules/eslint/bin/eslint.js', args: ['.', '--max-warnings', '0'], limitMs: 10 * MINUTE },
  types: { kind: 'check', script: 'test/typecheck.mjs', args: [], limitMs: 10 * MINUTE },
  unit: { kind: 'vitest', folders: ['test/unit/'], rootTests: true, limitMs: 15 * MINUTE, repeat: true },
  contract: { kind: 'vitest', folders: ['test/contract/'], limitMs: 10 * MINUTE, repeat: true },
  fake: { kind: 'vitest', folders: ['test/fake-dockerd/'], limitMs: 10 * MINUTE, repeat: true },
  real: { kind: 'vitest', folders: ['test/real/'], without: 'test/real/vm*', serial: true, limitMs: 30 * MINUTE, repeat: true },
  vm: { kind: 'vitest', folders: ['test/real/vm'], serial: true, limitMs: 40 * MINUTE, repeat: true },
  pack: { kind: 'vitest', folders: ['test/pack/'], limitMs: 20 * MINUTE, repeat: true },
  // An input that crashes a parser does so every time, and a soak takes too long: these two are not repeated.
  fuzz: { kind: 'vitest', folders: ['test/fuzz/'], limitMs: 10 * MINUTE },
  chaos: { kind: 'vitest', folders: ['test/chaos/'], serial: true, limitMs: 25 * MINUTE, repeat: true },
  soak: { kind: 'vitest', folders: ['test/soak/'], serial: true, limitMs: 30 * MINUTE },
  e2e: { kind: 'playwright', limitMs: 40 * MINUTE, repeat: true },
}

/**
 * The order, quick ones first. A stage begins when the one before it has ended; its lanes run beside each other, the suites
 * of a lane one after the other. An emulated machine keeps one processor busy and uses nothing of the other engines; a
 * soak waits more than it computes. What the first lane prints is shown at once, what others print at their suite's end.
 * @type {readonly (readonly (readonly (keyof typeof SUITES)[])[])[]}
 */
export const STAGES = [
  // Checks and packing use one processor each; so the other one has something to do, too.
  [['lint', 'unit', 'contract', 'fake'], ['types', 'pack', 'fuzz']],
  // A machine beside more than this, or beside the one of the end-to-end specs, is too slow for its tests.
  [['real'], ['vm']],
  [['chaos', 'e2e'], ['soak']],
]

/** The stages with only the suites of these names; lanes and stages that have none are left out. */
export function stagesOf(names) {
  const lanes = (stage) => stage.map((lane) => lane.filter((name) => names.includes(name))).filter((lane) => lane.length > 0)
  return STAGES.map(lanes).filter((stage) => stage.length > 0)
}

/** The tests of a JSON report; a runner that ended badly without any failed test is a failure too. */
function readTests(path, read, code, name) {
  let tests
  try {
    tests = read(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    tests = [{ name: `${name}: no report`, file: '', outcome: 'failed', message: error.message }]
  }
  const clean = code === 0 || tests.some(({ outcome }) => outcome === 'failed')
  return clean ? tests : [...tests, { name: `${name} ended with ${code}`, file: '', outcome: 'failed', message: '' }]
}

/** What a runner of tests that had no time to report has noted down until then; a runner that noted nothing is one failure. */
function readNotes(path, root, name) {
  try {
    return readJournal(readFileSync(path, 'utf8'), root, name)
  } catch {
    return [{ name: `${name}: ended before its first test`, file: '', outcome: 'failed', message: '' }]
  }
}

async function runVitest({ root, env, scratch, ...output }, suite, files) {
  const own = suite.rootTests ? readdirSync(join(root, 'test')).filter((name) => name.endsWith('.test.ts')) : []
  const filters = files ?? [...suite.folders, ...own.map((name) => `test/${name}`)]
  const folder = mkdtempSync(join(scratch, 'vitest-'))
  const [report, journal] = [join(folder, 'report.json'), join(folder, 'journal')]
  const args = ['run', ...filters, '--reporter=default', '--reporter=json', '--reporter=./test/journal-reporter.mjs', `--outputFile.json=${report}`, '--passWithNoTests']
  if (suite.without) args.push('--exclude', suite.without)
  if (suite.serial) args.push('--no-file-parallelism')
  const code = await runScript(root, 'node_modules/vitest/vitest.mjs', args, { env: { ...env, NARU_TEST_JOURNAL: journal }, limitMs: suite.limitMs, ...output })
  if (!existsSync(report)) return readNotes(journal, root, suite.folders[0])
  return readTests(report, (found) => readVitest(found, root, existsSync(journal) ? readFileSync(journal, 'utf8') : ''), code, `vitest ${suite.folders[0]}`)
}

async function runPlaywright({ root, scratch, env: given, ...output }, suite, files) {
  const report = join(mkdtempSync(join(scratch, 'playwright-')), 'report.json')
  // The specs of Electron run on the app as it is packaged, which the suite `pack` left.
  const env = { ...given, NARU_JSON_REPORT: report, NARU_E2E_APP: 'packaged' }
  // Windows under test are headless whatever the desktop of the person who runs them.
  delete env.DISPLAY
  delete env.WAYLAND_DISPLAY
  const args = files ? ['test', '--last-failed'] : ['test']
  const code = await runScript(root, 'node_modules/@playwright/test/cli.js', args, { env, limitMs: suite.limitMs, ...output })
  return readTests(report, readPlaywright, code, 'playwright')
}

async function runCheck({ root, env, scratch: _, ...output }, suite) {
  const code = await runScript(root, suite.script, suite.args, { env, limitMs: suite.limitMs, ...output })
  return [{ name: suite.script, file: '', outcome: code === 0 ? 'passed' : 'failed', message: '' }]
}

const RUNNERS = { vitest: runVitest, playwright: runPlaywright, check: runCheck }

/**
 * Runs one suite; resolves to its tests. A check counts as one test.
 * @param {{ root: string, env: NodeJS.ProcessEnv, scratch: string, log: string, isShown: boolean }} context `log`: a file that what is printed goes to
 * @param {(typeof SUITES)[keyof typeof SUITES]} suite
 * @returns {Promise<import('./results.mjs').TestResult[]>}
 */
export async function runSuite(context, suite) {
  const run = RUNNERS[suite.kind]
  const tests = await run(context, suite)
  if (!suite.repeat || !isWorthRepeating(tests)) return tests
  const files = [...new Set(tests.filter(({ outcome }) => outcome === 'failed').map(({ file }) => file))]
  console.log(`\n   what failed is run once more: ${files.join(', ')}`)
  return afterRepeat(tests, await run(context, suite, files))
}
