/** The installers' configuration, held against electron-builder's own schema, and the facts a release relies on. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

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
