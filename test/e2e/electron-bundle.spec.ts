/** What was built: every process gets its own script, and nothing else gets in. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { extractAll } from '@electron/asar'
import { expect, test } from '@playwright/test'
import { ROOT } from './support/environment.ts'

const packaged = process.env['NARU_E2E_APP']
let unpacked = ''
let OUT = join(ROOT, 'out')
test.beforeAll(() => {
  if (!packaged) return
  // Of the packaged app the archive counts.
  unpacked = mkdtempSync(join(tmpdir(), 'naru-e2e-asar-'))
  extractAll(join(packaged, 'resources/app.asar'), unpacked)
  OUT = join(unpacked, 'out')
})
test.afterAll(() => {
  if (unpacked) rmSync(unpacked, { recursive: true, force: true })
})
const files = (): string[] =>
  readdirSync(OUT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(OUT.length + 1))
const script = (name: string): string => readFileSync(join(OUT, name), 'utf8')
/** Modules a script loads when it starts or later; examples in comments of packages do not count. */
const required = (name: string): string[] => [
  ...new Set([...script(name).replace(/^\s*(?:\*|\/\/|\/\*).*$/gm, '').matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1] ?? '')),
]

test('each script stands alone: no shared chunk, no package, no other entry', () => {
  const scripts = files().filter((name) => name.endsWith('.cjs'))
  expect(scripts).toEqual(
    expect.arrayContaining(['engine/engine-process.cjs', 'main/main.cjs', 'preload/preload.cjs', 'web/web.cjs', 'worker/layer-worker.cjs', 'worker/log-worker.cjs']),
  )
  for (const name of scripts) {
    expect(required(name).filter((target) => target.startsWith('.')), name).toEqual([])
  }
  expect(required('preload/preload.cjs')).toEqual(['electron'])
  for (const name of ['engine/engine-process.cjs', 'web/web.cjs', 'worker/layer-worker.cjs', 'worker/log-worker.cjs']) {
    expect(required(name), name).not.toContain('electron')
  }
})

test('no native add-on and no source map is built', () => {
  expect(files().filter((name) => /\.(?:node|map)$/.test(name))).toEqual([])
})

test('what dockerode brings for SSH and build sessions is left out', () => {
  for (const name of ['engine/engine-process.cjs', 'web/web.cjs']) {
    expect(script(name)).not.toMatch(/grpc-js\/build|ssh2\/lib|protobufjs\/src/)
    // Naru's own code, not minified, with the virtual machine (1.61 MB) and re2js (0.23 MB); what is left out is a megabyte, see main/build.mjs.
    expect(script(name).length, name).toBeLessThan(2_200_000)
  }
})

test('the page loads its own files only', () => {
  const html = script('renderer/index.html')
  const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')
  expect(addresses.length).toBeGreaterThan(1)
  expect(addresses.filter((address) => !/^\.?\/[\w./-]+$/.test(address))).toEqual([])
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/)
})
