/** The installers' configuration, held against electron-builder's own schema, and the facts a release relies on. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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
      grantFileProtocolExtraPrivileges: false,
      loadBrowserProcessSpecificV8Snapshot: false,
    })
  })

  it('knows the systems it was not run on: a disk image under the hardened runtime, and an installer for one person', () => {
    expect(config['linux']).toMatchObject({ target: ['deb', 'tar.gz', 'AppImage'] })
    expect(config['mac']).toMatchObject({ target: ['dmg', 'zip'], hardenedRuntime: true, notarize: false })
    for (const name of ['entitlements', 'entitlementsInherit']) {
      const keys = [...readFileSync(join(ROOT, (config['mac'] as Record<string, string>)[name] ?? ''), 'utf8').matchAll(/<key>(.*?)<\/key>\s*<(\w+)\/>/g)].map(([, key, value]) => `${key} ${value}`)
      // What QEMU and V8 need, and nothing that takes a wall down.
      expect(keys).toEqual(['com.apple.security.cs.allow-jit true', 'com.apple.security.hypervisor true', 'com.apple.security.virtualization true'])
    }
    expect(config['win']).toMatchObject({ target: ['nsis'] })
    expect(config['nsis']).toEqual({ oneClick: false, perMachine: false, deleteAppDataOnUninstall: false })
  })

  it('ships the built app only', () => {
    expect(config['files']).toEqual(['out/**', 'package.json', '!**/*.map', '!out/.stamp', '!out/.bundled.json'])
    expect(existsSync(join(ROOT, 'main/build.mjs'))).toBe(true)
  })
})

/** Where pack.mjs puts things, as main/setup/installers.mjs tells the builder. */
const FROM = '${env.NARU_RESOURCES}/'

describe('what an installer carries beside the app', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'naru-pack-'))
    for (const part of ['engine', 'vm-image', 'qemu']) {
      mkdirSync(join(folder, 'cache', part, 'licenses'), { recursive: true })
      const manifest = { sources: 'where sources are', packages: [{ package: `${part}-tool`, version: '1', suite: 'trixie', sha256: 'ab', source: 'tool', sourceVersion: '1~src' }] }
      writeFileSync(join(folder, 'cache', part, 'manifest.json'), JSON.stringify(manifest))
      writeFileSync(join(folder, 'cache', part, 'licenses/tool.copyright'), `licence of the ${part}’s tool`)
    }
    writeFileSync(join(folder, 'cache/welcome.tar'), 'image')
    // A copy of the project that is built: what its build noted.
    mkdirSync(join(folder, 'project/out'), { recursive: true })
    for (const name of ['package.json', 'package-lock.json', 'node_modules']) symlinkSync(join(ROOT, name), join(folder, 'project', name))
    writeFileSync(join(folder, 'project/out/.bundled.json'), JSON.stringify(['node_modules/vue', 'node_modules/tar-fs/node_modules/tar-stream']))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const packed = (): string => {
    pack({ root: join(folder, 'project'), cache: join(folder, 'cache'), out: join(folder, 'resources') })
    return join(folder, 'resources')
  }

  it('is what the configuration names, under the names the app looks for', () => {
    const out = packed()
    const listed = config['extraResources'] as readonly { readonly from: string; readonly to: string }[]
    expect(listed.map(({ from }) => from.replace(FROM, '')).sort()).toEqual(readdirSync(out).sort())
    expect(listed.every(({ from, to }) => from === `${FROM}${to}`)).toBe(true)
    const places = findPlaces({ NARU_HOME: folder }, '/out', out)
    expect([places.bundle, places.vmImage, places.vmQemu, places.welcomeImage]).toEqual(['engine', 'vm-image', 'qemu', 'welcome.tar'].map((name) => join(out, name)))
  })

  it('names every third party, its licence and where its source is', () => {
    const text = readFileSync(join(packed(), 'THIRD-PARTY-NOTICES.txt'), 'utf8')
    for (const words of ['where sources are', 'engine-tool 1 (source tool 1~src)', 'vm-image-tool 1 (source tool 1~src)', 'qemu-tool 1 (source tool 1~src)', 'licence of the engine’s tool', 'licence of the vm-image’s tool', 'licence of the qemu’s tool']) expect(text).toContain(words)
    expect(text).toMatch(/^vue \d+\.\d+\.\d+: MIT$/m)
    expect(text).toMatch(/^---- vue: LICENSE\n\nThe MIT License/m)
    // What only builds or tests is not in it.
    expect(text).not.toMatch(/^typescript \d/m)
  })

  it('is not made of parts that are missing', () => {
    rmSync(join(folder, 'cache/vm-image/manifest.json'))
    expect(packed).toThrow(/vm-image/)
  })

  it('is not made of an app that was not built, nor of one with what the lock file does not know', () => {
    writeFileSync(join(folder, 'project/out/.bundled.json'), JSON.stringify(['node_modules/nobody-knows']))
    expect(packed).toThrow(/node_modules\/nobody-knows is in the app and not in package-lock.json/)
    rmSync(join(folder, 'project/out/.bundled.json'))
    expect(packed).toThrow(/not built/)
  })

  it('has a bill of materials: each part with version, digest and source, the same for the same parts', () => {
    const read = (): { serialNumber: string; components: readonly Record<string, unknown>[] } => JSON.parse(readFileSync(join(packed(), 'sbom.cdx.json'), 'utf8'))
    const bom = read()
    expect(bom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, metadata: { component: { type: 'application', name: 'naru' } } })
    expect(bom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(read().serialNumber).toBe(bom.serialNumber)
    expect(bom.components.map(({ name }) => name)).toEqual(['electron', 'tailwindcss', 'tar-stream', 'vue', 'engine-tool', 'vm-image-tool', 'qemu-tool'])
    expect(bom.components.find(({ name }) => name === 'vue')).toMatchObject({ purl: expect.stringMatching(/^pkg:npm\/vue@\d/), licenses: [{ license: { id: 'MIT' } }], hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }] })
    expect(bom.components.find(({ name }) => name === 'qemu-tool')).toMatchObject({ purl: 'pkg:deb/debian/qemu-tool@1?arch=amd64&distro=debian-trixie', hashes: [{ alg: 'SHA-256' }], properties: [{ name: 'naru:part', value: 'qemu' }, { name: 'naru:source', value: 'tool 1~src' }] })
    const refs = bom.components.map((each) => each['bom-ref'])
    expect(new Set(refs).size).toBe(refs.length)
  })
})
