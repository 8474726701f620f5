/**
 * What `npm test` runs: the set-up of `npm start` and of the tests, then every suite. The last line says how many
 * tests passed and failed. Options: --only unit,contract,… (names: SUITES in run-suites.mjs)
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv, env, exit, stderr, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { ensurePackages } from '../main/setup/apt.mjs'
import { ROOT } from '../main/setup/places.mjs'
import { SetupError } from '../main/setup/run.mjs'
import { checkNode, ensureBuild, ensureDependencies, ensureEngine } from '../main/setup/steps.mjs'
import { countTests, describeResults, describeSlowest } from './results.mjs'
import { runSuite, stagesOf, SUITES } from './run-suites.mjs'

const HELP = `Usage: npm test -- [--only ${Object.keys(SUITES).join(',')}]\n`

/** Debian packages the suites use; what is missing is said, and its tests skip themselves. */
const PACKAGES = {
  real: ['iptables', 'iproute2', 'procps', 'libseccomp2', 'ca-certificates', 'podman', 'runc', 'netavark', 'busybox-static', 'docker-registry', 'openssl', 'uidmap'],
  vm: ['iptables', 'iproute2', 'procps', 'libseccomp2', 'ca-certificates', 'busybox-static', 'qemu-system-x86', 'qemu-utils', 'gcc', 'libc6-dev'],
  fuzz: [],
  chaos: ['iptables', 'iproute2', 'procps', 'libseccomp2', 'ca-certificates', 'busybox-static', 'docker-registry'],
  soak: ['chromium', 'xvfb', 'fonts-noto-cjk', 'fonts-dejavu-core', 'procps', 'iptables', 'iproute2', 'busybox-static'],
  pack: ['mmdebstrap', 'chromium', 'xvfb', 'desktop-file-utils', 'busybox-static', 'iptables', 'iproute2', 'procps'],
  e2e: ['chromium', 'xvfb', 'fonts-noto-cjk', 'fonts-dejavu-core', 'procps', 'docker-registry', 'iptables', 'iproute2', 'uidmap', 'faketime'],
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
  if (['e2e', 'soak', 'chaos'].some((name) => names.includes(name))) await ensureBuild()
  if (['e2e', 'real', 'vm', 'pack', 'chaos', 'soak'].some((name) => names.includes(name))) (await ensureEngine(cache)).forEach(say)
}

/** Runs a suite; its tests, and a line that says how it ended. */
async function runNamed(context, name) {
  const started = Date.now()
  const tests = await runSuite(context, SUITES[name])
  const counts = countTests(tests)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  return { tests, end: `   ${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${seconds} s)` }
}

/** The suites of a lane, one after the other; shown as they run, or each at its end when another lane is. */
async function runLane(context, lane, isShown) {
  const ends = []
  for (const name of lane) {
    const log = join(context.scratch, `${name}.log`)
    if (isShown) say(`\n── ${name}`)
    const { tests, end } = await runNamed({ ...context, log, isShown }, name)
    say(isShown ? end : `\n── ${name} (beside others)\n${existsSync(log) ? readFileSync(log, 'utf8') : ''}${end}`)
    ends.push({ tests, end })
  }
  return ends
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
    for (const stage of stagesOf(names)) {
      const lanes = await Promise.all(stage.map((lane, index) => runLane(context, lane, index === 0)))
      all.push(...lanes.flat())
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
  return all
}

const names = readNames()
let ends
try {
  ends = await runAll(names)
} catch (error) {
  ends = [{ tests: [{ name: 'set-up', file: '', outcome: 'failed', message: error instanceof SetupError ? error.message : error.stack }], end: '   set-up: failed' }]
}
const tests = ends.flatMap((suite) => suite.tests)
const { passed, failed, skipped, unsteady } = countTests(tests)
say(`\n── slowest tests\n${describeSlowest(tests).join('\n')}`)
say(`\n── suites\n${ends.map(({ end }) => end).join('\n')}`)
// Last, where it is found: a long output may be told by its end only.
describeResults(tests).forEach(say)
say(`\n${skipped} skipped, ${unsteady} unsteady`)
say(`${passed} passed, ${failed} failed`)
exit(failed === 0 ? 0 : 1)
