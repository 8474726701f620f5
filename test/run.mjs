/**
 * What `npm test` runs: the set-up of `npm start` and of the tests, then every suite. The last line says how many
 * tests passed and failed. Options: --only unit,contract,fake,real,vm,pack,e2e,lint,types
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv, env, exit, stderr, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { ensurePackages } from '../main/setup/apt.mjs'
import { ROOT } from '../main/setup/places.mjs'
import { SetupError } from '../main/setup/run.mjs'
import { checkNode, ensureBuild, ensureDependencies, ensureEngine } from '../main/setup/steps.mjs'
import { countTests, describeResults } from './results.mjs'
import { runSuite, SUITES } from './run-suites.mjs'

const HELP = `Usage: npm test -- [--only ${Object.keys(SUITES).join(',')}]\n`

/** Debian packages the suites use; what is missing is said, and its tests skip themselves. */
const PACKAGES = {
  real: ['iptables', 'iproute2', 'procps', 'libseccomp2', 'ca-certificates', 'podman', 'runc', 'netavark', 'busybox-static', 'docker-registry', 'openssl', 'uidmap'],
  vm: ['iptables', 'iproute2', 'procps', 'libseccomp2', 'ca-certificates', 'busybox-static', 'qemu-system-x86', 'qemu-utils', 'gcc', 'libc6-dev'],
  pack: ['chromium', 'xvfb', 'desktop-file-utils', 'busybox-static', 'iptables', 'iproute2', 'procps'],
  e2e: ['chromium', 'xvfb', 'fonts-noto-cjk', 'fonts-dejavu-core', 'procps', 'docker-registry', 'iptables', 'iproute2'],
}

const say = (line) => stdout.write(`${line}\n`)

function readNames() {
  let values
  try {
    ;({ values } = parseArgs({ args: argv.slice(2), options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }))
  } catch (error) {
    stderr.write(`${error.message}\n${HELP}`)
    exit(2)
  }
  if (values.help) {
    stdout.write(HELP)
    exit(0)
  }
  const names = values.only === undefined ? Object.keys(SUITES) : values.only.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !(name in SUITES))
  if (unknown.length > 0) {
    stderr.write(`unknown suite: ${unknown.join(', ')}\n${HELP}`)
    exit(2)
  }
  return Object.keys(SUITES).filter((name) => names.includes(name))
}

async function prepare(names, cache) {
  checkNode()
  await ensureDependencies()
  const packages = [...new Set(names.flatMap((name) => PACKAGES[name] ?? []))]
  const missing = packages.length > 0 ? await ensurePackages(packages, 'all tests') : undefined
  if (missing) say(missing)
  if (names.includes('e2e')) await ensureBuild()
  if (['e2e', 'real', 'vm', 'pack'].some((name) => names.includes(name))) (await ensureEngine(cache)).forEach(say)
}

/** Runs a suite and says how it ended. */
async function runNamed(context, name) {
  const started = Date.now()
  const tests = await runSuite(context, SUITES[name])
  const counts = countTests(tests)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  return { tests, end: `   ${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${seconds} s)` }
}

/** Runs a suite beside another one: what it prints waits in a file until its end is asked for. */
function runBeside(context, name) {
  const path = join(context.scratch, `${name}.log`)
  const output = openSync(path, 'w')
  const running = runNamed({ ...context, output }, name).finally(() => closeSync(output))
  return async () => {
    const { tests, end } = await running
    say(`\n── ${name} (beside ${SUITES[name].beside})\n${readFileSync(path, 'utf8')}${end}`)
    return tests
  }
}

async function runAll(names) {
  const cache = join(ROOT, '.naru/cache')
  const all = []
  await prepare(names, cache)
  const scratch = mkdtempSync(join(tmpdir(), 'naru-test-'))
  const context = {
    root: ROOT,
    scratch,
    env: { ...env, NARU_HOME: join(scratch, 'state'), NARU_TEST_CACHE: cache, CI: env.CI ?? '1' },
  }
  try {
    const isBeside = (name) => names.includes(SUITES[name].beside)
    for (const name of names.filter((each) => !isBeside(each))) {
      const others = names.filter((each) => SUITES[each].beside === name).map((each) => runBeside(context, each))
      say(`\n── ${name}`)
      const { tests, end } = await runNamed(context, name)
      say(end)
      all.push(...tests)
      for (const ended of others) all.push(...(await ended()))
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
  return all
}

const names = readNames()
let tests
try {
  tests = await runAll(names)
} catch (error) {
  tests = [{ name: 'set-up', file: '', outcome: 'failed', message: error instanceof SetupError ? error.message : error.stack }]
}
const { passed, failed, skipped, unsteady } = countTests(tests)
describeResults(tests).forEach(say)
say(`\n${skipped} skipped, ${unsteady} unsteady`)
say(`${passed} passed, ${failed} failed`)
exit(failed === 0 ? 0 : 1)
