/** The lock file: complete for every platform, exact, checked by content and free of any server's address. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { missingEntries, platformOf } from '../main/lockfix.mjs'

interface Entry {
  readonly version?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const read = (name: string): string => readFileSync(join(import.meta.dirname, '..', name), 'utf8')
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Entry> }
const manifest = JSON.parse(read('package.json')) as { devDependencies: Record<string, string>; dependencies?: unknown }

describe('package-lock.json', () => {
  it('has an entry for every optional package of every platform', () => {
    expect(missingEntries(lock.packages)).toEqual({})
  })

  it('checks every package that is installed here by its content', () => {
    const unchecked = Object.entries(lock.packages).filter(
      ([path, entry]) => path !== '' && !entry.integrity && !(entry.optional && (entry.os ?? entry.cpu)),
    )
    expect(unchecked.map(([path]) => path)).toEqual([])
  })

  it('names no server', () => {
    expect(Object.values(lock.packages).flatMap((entry) => entry.resolved ?? [])).toEqual([])
  })

  it('agrees with package.json, which pins everything exactly', () => {
    expect(lock.packages['']?.devDependencies).toEqual(manifest.devDependencies)
    expect(manifest.dependencies).toBeUndefined()
    const loose = Object.entries(manifest.devDependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
    expect(loose).toEqual([])
  })
})

describe('platformOf', () => {
  it.each([
    ['@tailwindcss/oxide-linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
    ['@oxc-parser/binding-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }],
    ['@oxc-parser/binding-linux-ppc64le-gnu', { os: ['linux'], cpu: ['ppc64'], libc: ['glibc'] }],
    ['@oxc-parser/binding-win32-arm64-msvc', { os: ['win32'], cpu: ['arm64'] }],
    ['@tailwindcss/oxide-wasm32-wasi', { cpu: ['wasm32'] }],
    ['fsevents', undefined],
  ])('reads %s', (name, platform) => {
    expect(platformOf(name)).toEqual(platform)
  })
})
