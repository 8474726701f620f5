/** Electron's binary: used when it is there, fetched once when it can be had, never waited for long. */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from './places.mjs'
import { run, step } from './run.mjs'

/** A try that failed is not repeated within this time, ms. */
const RETRY_MS = 24 * 3600_000
const FETCH_LIMIT_MS = 60_000

/** Path of the executable, or undefined. Never starts a download. */
export function findElectron() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const folder = join(ROOT, 'node_modules/electron')
  const named = join(folder, 'path.txt')
  const name = existsSync(named) ? readFileSync(named, 'utf8') : 'electron'
  return [override ? join(override, name) : undefined, join(folder, 'dist', name)].find((path) => path && existsSync(path))
}

/**
 * Tries once a day and version to fetch the binary.
 * @param {string} cache absolute folder for the note of a failed try
 */
export async function tryFetchElectron(cache) {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules/electron/package.json'), 'utf8'))
  const note = join(cache, `electron-${version}.failed`)
  if (existsSync(note) && Date.now() - statSync(note).mtimeMs < RETRY_MS) return undefined
  const script = join(ROOT, 'node_modules/electron/install.js')
  try {
    await step('fetching Electron', () => run(process.execPath, [script], { cwd: ROOT, limitMs: FETCH_LIMIT_MS }))
    rmSync(note, { force: true })
  } catch (error) {
    mkdirSync(dirname(note), { recursive: true, mode: 0o700 })
    writeFileSync(note, `${error.message}\n`)
  }
  return findElectron()
}
