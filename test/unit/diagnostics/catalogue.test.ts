import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { CHECK_IDS } from '../../../engine/contract/models.ts'
import { en } from '../../../renderer/i18n/en/index.ts'

const FOLDER = join(import.meta.dirname, '../../../engine/diagnostics/checks')
const OUTCOME = /\b(passed|skipped|warned|failed)\(\s*(?:[\w.= ']+ \? )?'([\w-]+)'(?: : '([\w-]+)')?/g

it('there is one file and one test for each check, and nothing else', () => {
  const names = [...CHECK_IDS].sort()
  expect(readdirSync(FOLDER).map((file) => file.replace(/\.ts$/, '')).sort()).toEqual(names)
  expect(readdirSync(import.meta.dirname)).toEqual(expect.arrayContaining(names.map((name) => `${name}.test.ts`)))
})

it.each(CHECK_IDS)('%s: every outcome has a sentence, and the catalogue has no others', (id) => {
  const source = readFileSync(join(FOLDER, `${id}.ts`), 'utf8')
  const outcomes = [...source.matchAll(OUTCOME)].flatMap(([, , why, other]) => [why, other].filter((each) => each !== undefined))
  const known = en.diagnostics.why[id]
  expect(Object.keys(known).sort()).toEqual([...new Set(outcomes)].sort())
  expect(en.diagnostics.name).toHaveProperty(id)
  expect(en.diagnostics.about).toHaveProperty(id)
})

it.each(CHECK_IDS)('%s: what is no good news says what to do, itself or by the error behind it', (id) => {
  const source = readFileSync(join(FOLDER, `${id}.ts`), 'utf8')
  const known: Readonly<Record<string, object>> = en.diagnostics.why[id]
  for (const [call, state, why, other] of source.matchAll(/\b(warned|failed)\(\s*(?:[\w.= ']+ \? )?'([\w-]+)'(?: : '([\w-]+)')?.*$/gm)) {
    for (const each of [why, other]) {
      if (each !== undefined && !call.includes('error')) expect(known[each], `${id}: ${state} ${each}`).toHaveProperty('next')
    }
  }
})
