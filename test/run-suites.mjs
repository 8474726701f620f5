/** The suites of `npm test`: what each runs, and with which runner. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { afterRepeat, isWorthRepeating, readPlaywright, readVitest } from './results.mjs'

const MINUTE = 60_000

/**
 * Each suite by name, in the order they run; quick ones first. `repeat`: what failed is run once more (docs/adr/0010).
 * `beside`: runs while that one does, which waits more than it computes; what it prints is shown at its end.
 */
export const SUITES = {
  lint: { kind: 'check', script: 'node_modules/eslint/bin/eslint.js', args: ['.', '--max-warnings', '0'], limitMs: 5 * MINUTE },
  types: { kind: 'check', script: 'test/typecheck.mjs', args: [], limitMs: 5 * MINUTE },
  unit: { kind: 'vitest', folders: ['test/unit/'], rootTests: true, limitMs: 5 * MINUTE, repeat: true },
  contract: { kind: 'vitest', folders: ['test/contract/'], limitMs: 5 * MINUTE, repeat: true },
  fake: { kind: 'vitest', folders: ['test/fake-dockerd/'], limitMs: 10 * MINUTE, repeat: true },
  real: { kind: 'vitest', folders: ['test/real/'], without: 'test/real/vm*', serial: true, limitMs: 30 * MINUTE, repeat: true },
  // An emulated machine keeps one processor busy and uses nothing of the other engines.
  vm: { kind: 'vitest', folders: ['test/real/vm'], serial: true, limitMs: 30 * MINUTE, repeat: true, beside: 'real' },
  pack: { kind: 'vitest', folders: ['test/pack/'], limitMs: 20 * MINUTE, repeat: true },
  e2e: { kind: 'playwright', limitMs: 30 * MINUTE, repeat: true },
}

/** Runs a script of Node to its end; resolves to its exit code, 1 when it had to be killed. `output`: a descriptor, or shown. */
function runScript(root, script, args, { env, limitMs, output = 'inherit' }) {
  return new Promise((resolve) => {
    const child = spawn(execPath, [join(root, script), ...args], { cwd: root, env, stdio: ['inherit', output, output] })
    const limit = setTimeout(() => {
      console.error(`${script} did not end within ${limitMs / MINUTE} minutes`)
      child.kill('SIGKILL')
    }, limitMs)
    child.on('error', () => resolve(1))
    child.on('exit', (code) => {
      clearTimeout(limit)
      resolve(code ?? 1)
    })
  })
}

/** The tests of a JSON report that is read once; a runner that ended badly without any failed test is a failure too. */
function readTests(path, read, code, name) {
  let tests
  try {
    tests = read(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    tests = [{ name: `${name}: no report`, file: '', outcome: 'failed', message: error.message }]
  } finally {
    rmSync(path, { force: true })
  }
  const clean = code === 0 || tests.some(({ outcome }) => outcome === 'failed')
  return clean ? tests : [...tests, { name: `${name} ended with ${code}`, file: '', outcome: 'failed', message: '' }]
}

async function runVitest({ root, env, scratch, output }, suite, files) {
  const own = suite.rootTests ? readdirSync(join(root, 'test')).filter((name) => name.endsWith('.test.ts')) : []
  const filters = files ?? [...suite.folders, ...own.map((name) => `test/${name}`)]
  const report = join(mkdtempSync(join(scratch, 'vitest-')), 'report.json')
  const args = ['run', ...filters, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, '--passWithNoTests']
  if (suite.without) args.push('--exclude', suite.without)
  if (suite.serial) args.push('--no-file-parallelism')
  const code = await runScript(root, 'node_modules/vitest/vitest.mjs', args, { env, limitMs: suite.limitMs, output })
  return readTests(report, (found) => readVitest(found, root), code, 'vitest')
}

async function runPlaywright(context, suite, files) {
  const { root, scratch } = context
  const output = join(scratch, 'playwright.json')
  const env = { ...context.env, NARU_JSON_REPORT: output }
  // Windows under test are headless whatever the desktop of the person who runs them.
  delete env.DISPLAY
  delete env.WAYLAND_DISPLAY
  const args = files ? ['test', '--last-failed'] : ['test']
  const code = await runScript(root, 'node_modules/@playwright/test/cli.js', args, { env, limitMs: suite.limitMs })
  return readTests(output, readPlaywright, code, 'playwright')
}

async function runCheck({ root, env }, suite) {
  const code = await runScript(root, suite.script, suite.args, { env, limitMs: suite.limitMs })
  return [{ name: suite.script, file: '', outcome: code === 0 ? 'passed' : 'failed', message: '' }]
}

const RUNNERS = { vitest: runVitest, playwright: runPlaywright, check: runCheck }

/**
 * Runs one suite; resolves to its tests. A check counts as one test.
 * @param {{ root: string, env: NodeJS.ProcessEnv, scratch: string, output?: number }} context
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
