/**
 * What `npm run bench` runs: the set-up of the tests, then every bench in a process of its own, then one table.
 * Ends with 1 only when a memory or loss budget is missed, or a bench breaks; all other budgets are for reading.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { argv, env, exit, stderr, stdout, versions } from 'node:process'
import { parseArgs } from 'node:util'
import { ensurePackages } from '../../main/setup/apt.mjs'
import { ROOT } from '../../main/setup/places.mjs'
import { SetupError } from '../../main/setup/run.mjs'
import { checkNode, ensureBuild, ensureDependencies, ensureEngine } from '../../main/setup/steps.mjs'
import { bundleBenches } from './bundle.mjs'
import { isMet, tableOf } from './table.mjs'

const NAMES = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length))
  .sort()
const HELP = `Usage: npm run bench -- [NAME…] [--only ${NAMES.join(',')}] [--quick] [--json FILE]\n`
const PACKAGES = ['chromium', 'fonts-dejavu-core', 'iptables', 'iproute2', 'procps', 'libseccomp2', 'busybox-static']
const LIMIT_MS = 15 * 60_000

const say = (line) => stdout.write(`${line}\n`)

function wrong(message) {
  stderr.write(`${message}\n${HELP}`)
  exit(2)
}

function readFlags() {
  const options = {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  }
  try {
    const { values, positionals } = parseArgs({ args: argv.slice(2), options, allowPositionals: true })
    return { ...values, ...(positionals.length > 0 && { only: [...positionals, ...(values.only ? [values.only] : [])].join(',') }) }
  } catch (error) {
    return wrong(error.message)
  }
}

/** Runs a bench to its end; undefined when it broke or hung. */
function runOne(script, quick, cache, scratch) {
  return new Promise((resolve) => {
    let result
    const child = fork(join(import.meta.dirname, 'child.mjs'), [script, quick ? 'quick' : 'full'], {
      cwd: ROOT,
      execArgv: ['--expose-gc'],
      env: { ...env, NARU_TEST_CACHE: cache, NARU_HOME: join(scratch, 'state') },
    })
    const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
    child.on('message', (message) => (result = message.result))
    child.on('exit', (code, signal) => {
      clearTimeout(limit)
      if (signal) say(`   ended by ${signal}`)
      resolve(code === 0 ? result : undefined)
    })
  })
}

async function prepare(cache) {
  checkNode()
  await ensureDependencies()
  const missing = await ensurePackages(PACKAGES, 'all benches')
  if (missing) say(missing)
  await ensureBuild()
  ;(await ensureEngine(cache)).forEach(say)
}

const machine = () => ({
  date: new Date().toISOString(),
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGB: Math.round(totalmem() / 1e9),
  kernel: release(),
  node: versions.node,
})
const load = () => loadavg()[0].toFixed(2)

async function runAll(names, { quick }) {
  const cache = env.NARU_TEST_CACHE ?? join(ROOT, '.naru/cache')
  await prepare(cache)
  const scratch = mkdtempSync(join(tmpdir(), 'naru-bench-'))
  const { scripts, remove } = await bundleBenches(ROOT, names)
  const runs = []
  try {
    for (const name of names) {
      const began = Date.now()
      const before = load()
      say(`── ${name} (load ${before})`)
      const result = await runOne(scripts.get(name), quick, cache, scratch)
      if (!result) say(`   ${name} broke`)
      else if (result.figures.length > 0) say(tableOf(result.figures))
      for (const note of result?.notes ?? []) say(`   ${note}`)
      runs.push({ name, load: [before, load()], seconds: (Date.now() - began) / 1000, ...(result ?? { broke: true, figures: [] }) })
    }
  } finally {
    remove()
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
  return runs
}

const flags = readFlags()
if (flags.help) {
  stdout.write(HELP)
  exit(0)
}
const names = flags.only === undefined ? NAMES : flags.only.split(',').map((name) => name.trim())
const unknown = names.filter((name) => !NAMES.includes(name))
if (unknown.length > 0) wrong(`no bench is called ${unknown.join(', ')}`)

try {
  const where = machine()
  say(`${where.cores} × ${where.processor}, ${where.memoryGB} GB, Linux ${where.kernel}, Node ${where.node}${flags.quick ? '; quick: the figures are worth little' : ''}`)
  const runs = await runAll(names, flags)
  const figures = runs.flatMap((run) => run.figures)
  const judgedOnes = figures.filter((figure) => isMet(figure) !== undefined)
  if (names.length > 1) say(`\n${tableOf(figures)}`)
  say(`\n${judgedOnes.filter(isMet).length} of ${judgedOnes.length} budgets met`)
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify({ machine: where, quick: flags.quick, runs }, null, 2)}\n`)
  exit(runs.some((run) => run.broke) || figures.some((figure) => figure.hard && !isMet(figure)) ? 1 : 0)
} catch (error) {
  stderr.write(`${error instanceof SetupError ? error.message : error.stack}\n`)
  exit(1)
}
