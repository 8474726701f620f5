/** The installers' configuration, held against electron-builder's own schema, and the facts a release relies on. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findPlaces } from '../main/places.ts'
import { pack } from '../main/setup/pack.mjs'

const ROOT = join(import.meta.dirname, '..')
// electron-builder brings both; what it uses to read its configuration is what this test should use.
const require = createRequire(join(ROOT, 'node_modules/app-builder-lib/package.json'))

interface Validator {
  (value: unknown): boolean
  errors?: readonly { instancePath: string; message?: string }[] | null
}
interface Yaml {
  load(text: string): Record<string, unknown>
}
type AjvClass = new (options: object) => { compile(schema: unknown): Validator }

const yaml = require('js-yaml') as Yaml
const loaded = require('ajv') as AjvClass | { default: AjvClass }
const Ajv = typeof loaded === 'function' ? loaded : loaded.default
const schema: unknown = JSON.parse(readFileSync(join(ROOT, 'node_modules/app-builder-lib/scheme.json'), 'utf8'))
const config = yaml.load(readFileSync(join(ROOT, 'electron-builder.yml'), 'utf8'))

describe('electron-builder.yml', () => {
  it('is what the builder understands', () => {
    const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false, logger: false }).compile(schema)
    validate(config)
    expect(validate.errors ?? []).toEqual([])
  })

  it('flips every fuse to the closed side', () => {
    expect(config['electronFuses']).toEqual({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      enableCookieEncryption: true,
    })
  })

  it('ships the built app only', () => {
    expect(config['files']).toEqual(['out/**', 'package.json', '!**/*.map', '!out/.stamp'])
    expect(existsSync(join(ROOT, 'main/build.mjs'))).toBe(true)
  })
})

describe('what an installer carries beside the app', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'naru-pack-'))
    for (const part of ['engine', 'vm-image']) {
      mkdirSync(join(folder, 'cache', part, 'licenses'), { recursive: true })
      const manifest = { sources: 'where sources are', packages: [{ package: `${part}-tool`, version: '1', source: 'tool', sourceVersion: '1~src' }] }
      writeFileSync(join(folder, 'cache', part, 'manifest.json'), JSON.stringify(manifest))
      writeFileSync(join(folder, 'cache', part, 'licenses/tool.copyright'), `licence of the ${part}’s tool`)
    }
    writeFileSync(join(folder, 'cache/welcome.tar'), 'image')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const packed = (): string => {
    pack({ root: ROOT, cache: join(folder, 'cache'), out: join(folder, 'resources') })
    return join(folder, 'resources')
  }

  it('is what the configuration names, under the names the app looks for', () => {
    const out = packed()
    const listed = config['extraResources'] as readonly { readonly from: string; readonly to: string }[]
    expect(listed.map(({ from }) => from.replace('resources/', '')).sort()).toEqual(readdirSync(out).sort())
    expect(listed.every(({ from, to }) => from === `resources/${to}`)).toBe(true)
    const places = findPlaces({ NARU_HOME: folder }, '/out', out)
    expect([places.bundle, places.vmImage, places.welcomeImage]).toEqual(['engine', 'vm-image', 'welcome.tar'].map((name) => join(out, name)))
  })

  it('names every third party, its licence and where its source is', () => {
    const text = readFileSync(join(packed(), 'THIRD-PARTY-NOTICES.txt'), 'utf8')
    for (const words of ['where sources are', 'engine-tool 1 (source tool 1~src)', 'vm-image-tool 1 (source tool 1~src)', 'licence of the engine’s tool', 'licence of the vm-image’s tool']) expect(text).toContain(words)
    expect(text).toMatch(/^vue \d+\.\d+\.\d+: MIT$/m)
  })

  it('is not made of parts that are missing', () => {
    rmSync(join(folder, 'cache/vm-image/manifest.json'))
    expect(packed).toThrow(/vm-image/)
  })
})
