import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ERROR_CODES } from '../../../engine/contract/errors.ts'
import { en } from '../../../renderer/i18n/en/index.ts'
import { ko } from '../../../renderer/i18n/ko/index.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** Hints the engine room gives as plain texts in its sources. */
function hintsOfEngine(): string[] {
  const files = readdirSync(join(ROOT, 'engine'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const found = files.flatMap((file) => {
    const source = readFileSync(join(ROOT, 'engine', file), 'utf8')
    const plain = [...source.matchAll(/\bhint: '([\w.-]+)'/g)].map(([, hint]) => hint as string)
    // Those of command lines are made by a few functions that put `run.` before them.
    const ofRun = [...source.matchAll(/(?:refuseValue\(|\bsay\(\w+, |\bcomplain\(scan, [^']*)'([\w.-]+)'/g)].map(([, hint]) => `run.${hint}`)
    const ofFiles = [...source.matchAll(/\brefuse\(field, '(\w+)'/g)].map(([, hint]) => `run.file.${hint}`)
    const ofFlags = [...source.matchAll(/\brefused\('[\w-]+', '(\w+)'/g)].map(([, hint]) => `run.flag.${hint}`)
    const conflicts = [...source.matchAll(/'(run\.conflict\.[\w-]+)'/g)].map(([, hint]) => hint as string)
    return [...plain, ...ofRun, ...ofFiles, ...ofFlags, ...conflicts]
  })
  return [...new Set(found)].sort()
}

test('the engine room gives hints at all', () => expect(hintsOfEngine().length).toBeGreaterThan(20))

test.each(hintsOfEngine())('hint %s has its sentence in both languages', (hint) => {
  const key = hint.replaceAll('.', '-')
  expect(en.errors.hint).toHaveProperty(key)
  expect(ko.errors.hint).toHaveProperty(key)
})

test.each(ERROR_CODES)('code %s has its sentence in both languages', (code) => {
  const key = code.replace('.', '-')
  expect(en.errors.code).toHaveProperty(key)
  expect(ko.errors.code).toHaveProperty(key)
})
