/** The suites of `npm test`: what each runs, and how its report is counted. */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'

const MINUTE = 60_000

/** Each suite by name, in the order they run; quick ones first. */
export const SUITES = {
  lint: { kind: 'check', script: 'node_modules/eslint/bin/eslint.js', args: ['.', '--max-warnings', '0'], limitMs: 5 * MINUTE },
  types: { kind: 'check', script: 'test/typecheck.mjs', args: [], limitMs: 5 * MINUTE },
  unit: { kind: 'vitest', folders: ['test/unit'], rootTests: true, limitMs: 5 * MINUTE },
  contract: { kind: 'vitest', folders: ['test/contract'], limitMs: 5 * MINUTE },
  fake: { kind: 'vitest', folders: ['test/fake', 'test/fake-dockerd'], limitMs: 10 * MINUTE },
  real: { kind: 'vitest', folders: ['test/real'], serial: true, limitMs: 20 * MINUTE },
  e2e: { kind: 'playwright', limitMs: 30 * MINUTE },
}

const none = { passed: 0, failed: 0, skipped: 0 }

/** Runs a script of Node to its end with its output shown; resolves to its exit code, 1 when it had to be killed. */
function runScript(root, script, args, { env, limitMs }) {
  return new Promise((resolve) => {
    const child = spawn(execPath, [join(root, script), ...args], { cwd: root, env, stdio: 'inherit' })
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

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  } finally {
    rmSync(path, { force: true })
  }
}

/** Counts of vitest's JSON report; a file that could not even be loaded is one failure. */
export function countVitest(report) {
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  }
}

/** Counts of Playwright's JSON report; a test that passed only when repeated counts as failed. */
export function countPlaywright(report) {
  const { expected, unexpected, flaky, skipped } = report.stats
  return { passed: expected, failed: unexpected + flaky + (report.errors?.length ?? 0), skipped }
}

/** A runner that ended badly without any failed test is a failure too. */
function judge(counts, code) {
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

async function runVitest(context, suite) {
  const { root, env, scratch } = context
  const present = suite.folders.filter((folder) => existsSync(join(root, folder)))
  const own = suite.rootTests ? readdirSync(join(root, 'test')).filter((name) => name.endsWith('.test.ts')) : []
  const filters = [...present.map((folder) => `${folder}/`), ...own.map((name) => `test/${name}`)]
  if (filters.length === 0) return none
  const output = join(scratch, 'vitest.json')
  const args = ['run', ...filters, '--reporter=default', '--reporter=json', `--outputFile.json=${output}`, '--passWithNoTests']
  if (suite.serial) args.push('--no-file-parallelism')
  const code = await runScript(root, 'node_modules/vitest/vitest.mjs', args, { env, limitMs: suite.limitMs })
  const report = readReport(output)
  return judge(report ? countVitest(report) : none, code)
}

async function runPlaywright(context, suite) {
  const { root, scratch } = context
  const output = join(scratch, 'playwright.json')
  const env = { ...context.env, NARU_JSON_REPORT: output }
  // Windows under test are headless whatever the desktop of the person who runs them.
  delete env.DISPLAY
  delete env.WAYLAND_DISPLAY
  const code = await runScript(root, 'node_modules/@playwright/test/cli.js', ['test'], { env, limitMs: suite.limitMs })
  const report = readReport(output)
  return judge(report ? countPlaywright(report) : none, code)
}

/**
 * Runs one suite and counts it. A check counts as one test.
 * @param {{ root: string, env: NodeJS.ProcessEnv, scratch: string }} context
 * @param {(typeof SUITES)[keyof typeof SUITES]} suite
 */
export async function runSuite(context, suite) {
  if (suite.kind === 'vitest') return runVitest(context, suite)
  if (suite.kind === 'playwright') return runPlaywright(context, suite)
  const code = await runScript(context.root, suite.script, suite.args, { env: context.env, limitMs: suite.limitMs })
  return code === 0 ? { ...none, passed: 1 } : { ...none, failed: 1 }
}
