import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../../../engine/contract/errors.ts'
import { en } from '../../../renderer/i18n/en/index.ts'
import { ko } from '../../../renderer/i18n/ko/index.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Every text of a catalogue by its dotted key. */
function flatten(tree: object, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') flat.set(prefix + key, value)
    else for (const [inner, text] of flatten(value as object, `${prefix}${key}.`)) flat.set(inner, text)
  }
  return flat
}

function* sources(folder: string, ends: RegExp): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sources(path, ends)
    else if (ends.test(entry.name)) yield path
  }
}
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const gaps = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort()

const english = flatten(en)
const korean = flatten(ko)
/** Proper names and what a person types: written the same in both languages. */
const NAMES = /^docker .*$|[\w./-]+:[\w./]+|[a-z]+\.io[\w/]*|\b(API|UTC|TCP|UDP|SCTP|CPU|SSH|HTTPS?|PID|JSON|ANSI|Docker|Dockerfile|BuildKit|FROM|docker|nginx|ghcr|shop|Podman|Language|English|SIG[A-Z0-9]+|pid|root|min|diff ID)\b/g
const hasWords = (text: string): boolean => /[A-Za-z]{3,}/.test(text.replace(/\{\w+\}/g, '').replace(NAMES, ''))

describe('catalogues', () => {
  it('have the same keys', () => {
    expect([...korean.keys()].sort()).toEqual([...english.keys()].sort())
  })

  it('have no empty text and the same gaps', () => {
    for (const [key, text] of english) {
      expect(text.trim(), key).not.toBe('')
      expect(korean.get(key)?.trim(), key).not.toBe('')
      expect([...new Set(gaps(korean.get(key) ?? ''))], key).toEqual([...new Set(gaps(text))])
    }
  })

  it('are translated', () => {
    const untranslated = [...english].filter(([key, text]) => korean.get(key) === text && hasWords(text))
    expect(untranslated).toEqual([])
    const noHangul = [...korean].filter(([, text]) => !/[가-힣]/.test(text) && hasWords(text))
    expect(noHangul).toEqual([])
  })

  it('say what happened and what to do for every error code', () => {
    for (const code of ERROR_CODES) {
      const base = `errors.code.${code.replace('.', '-')}`
      expect(english.has(`${base}.text`), base).toBe(true)
      expect(english.has(`${base}.next`), base).toBe(true)
    }
  })

  it('know every hint of the engine room', () => {
    const missing = new Set<string>()
    for (const path of sources('engine', /\.ts$/)) {
      for (const match of read(path).matchAll(/\bhint: (?:[^'\n,}]*\? )?'([\w.-]+)'(?: : '([\w.-]+)')?/g)) {
        for (const hint of [match[1], match[2]]) {
          if (hint && !english.has(`errors.hint.${hint.replaceAll('.', '-')}.next`)) missing.add(`${hint} (${path})`)
        }
      }
    }
    expect([...missing]).toEqual([])
  })

  it('hold every key the page asks for', () => {
    const missing = new Set<string>()
    for (const path of sources('renderer', /\.(vue|ts)$/)) {
      if (path.includes('i18n/')) continue
      for (const match of read(path).matchAll(/\bt\(\s*'([\w.-]+)'/g)) {
        const key = match[1] ?? ''
        if (!english.has(key)) missing.add(`${key} (${path})`)
      }
    }
    expect([...missing]).toEqual([])
  })
})
