/**
 * Lays the stand-in out as a distribution of Electron, for electron-builder's `electronDist`:
 *   node test/support/electron-stand-in/lay-out.mjs DIR
 */
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { argv, exit, stderr } from 'node:process'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const VERSION = '45.4.1'

/** What is there in Electron's distribution and moved, renamed or listed by the builder. */
const EMPTY = ['LICENSE', 'LICENSES.chromium.html', 'resources.pak', 'icudtl.dat', 'chrome-sandbox', 'locales/en-US.pak']

/** Fuses (github.com/electron/fuses): a mark, a version, how many, and one letter for each: 0 off, 1 on, r removed. */
const WIRE = Buffer.concat([Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'), Buffer.from([1, 9]), Buffer.from('101100010')])

/** @param {string} out replaced */
export function layOut(out) {
  rmSync(out, { recursive: true, force: true })
  for (const folder of ['resources', 'locales']) mkdirSync(join(out, folder), { recursive: true })
  for (const name of readdirSync(HERE)) if (/\.(?:cjs|js)$/.test(name)) copyFileSync(join(HERE, name), join(out, name))
  // The launcher ends with `exec`: what follows is never read by the shell, only by who looks for the fuses.
  const launcher = Buffer.concat([readFileSync(join(HERE, 'electron')), Buffer.from('exit 1\n'), WIRE, Buffer.from('\n')])
  writeFileSync(join(out, 'electron'), launcher, { mode: 0o755 })
  writeFileSync(join(out, 'version'), VERSION)
  for (const name of EMPTY) writeFileSync(join(out, name), '')
}

if (argv[1] && resolve(argv[1]) === fileURLToPath(import.meta.url)) {
  const [out] = argv.slice(2)
  if (!out) {
    stderr.write('usage: node test/support/electron-stand-in/lay-out.mjs DIR\n')
    exit(2)
  }
  layOut(resolve(out))
}
