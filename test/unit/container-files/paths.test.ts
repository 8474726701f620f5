/** Names of any bytes have one text and come back from it; nothing else is taken for a path. */
import { describe, expect, it } from 'vitest'
import { folderOf, isFileName, isFilePath, isWithin, joinPath, nameOf, pathBytes, pathSteps, pathText, shownPath, typedName } from '../../../engine/contract/file-path.ts'
import { decodeAt, encodeUtf8 } from '../../../engine/contract/utf8.ts'

/** A generator of numbers below 2³², the same ones in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0)
}

describe('the text of a path', () => {
  it('comes back as the same bytes, and says what is UTF-8 in letters', () => {
    const next = seeded(7)
    const alphabet = [...Buffer.from('aé☃🂡\\\\x41/x'), 0xff, 0xc3, 0xed, 0xa0, 0x80, 0xf4, 0x90, 0xc0, 0xaf, 10, 92]
    for (let round = 0; round < 20_000; round++) {
      const bytes = Uint8Array.from({ length: next() % 12 }, () => (round % 2 ? (alphabet[next() % alphabet.length] ?? 0) : next() & 255))
      const text = pathText(bytes)
      expect(pathBytes(text), text).toEqual(bytes)
      const plain = Buffer.from(bytes).toString('utf8')
      if (Buffer.from(plain).equals(bytes)) expect(text).toBe(plain.replaceAll('\\', '\\\\'))
    }
  })
  it('is the only one a path has', () => {
    for (const text of ['\\x41', '\\x2e', '\\x2f', '\\xC3', '\\', '\\q', 'a\\', '\\x', '\\xc3\\xa9', '\ud800']) expect(pathBytes(text), text).toBeNull()
    expect(pathBytes('\\xc3')).toEqual(Uint8Array.of(0xc3))
    expect(pathBytes('a\\\\x41')).toEqual(new Uint8Array(Buffer.from('a\\x41')))
  })
  it('reads and writes UTF-8 as everyone does', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const next = seeded(3)
    for (let round = 0; round < 20_000; round++) {
      const bytes = Uint8Array.from({ length: 1 + (next() % 4) }, () => next() & 255)
      const found = decodeAt(bytes, 0)
      const whole = (() => {
        for (let length = 1; length <= bytes.length; length++) {
          try {
            return strict.decode(bytes.subarray(0, length))
          } catch {
            // Not whole yet.
          }
        }
        return null
      })()
      expect(found ? String.fromCodePoint(found.code) : null).toBe(whole)
    }
    for (const text of ['', 'a', 'é', '☃', '🂡', '\u{10ffff}', '\0']) expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text))
  })
})

describe('paths', () => {
  it.each(['/', '/a', '/a b/c\nd', '/...', '/..a', '/\\xff', '/-', `/${'a'.repeat(255)}`])('%j is one', (path) => expect(isFilePath(path)).toBe(true))
  it.each(['', 'a', './a', '//', '/a/', '/a//b', '/.', '/..', '/a/../b', '/a/.', '/a\0b', '/\\x2e\\x2e', '/\\x2f', `/${'a'.repeat(256)}`, `/${'ab/'.repeat(2_000)}a`])('%j is none', (path) =>
    expect(isFilePath(path)).toBe(false),
  )
  it.each(['', '.', '..', 'a/b', 'a\0', '\\x2f', '\\x00', '☃'.repeat(86)])('%j is no name', (name) => expect(isFileName(name)).toBe(false))
  it('fall into folders and names', () => {
    expect([folderOf('/a/b'), folderOf('/a'), folderOf('/')]).toEqual(['/a', '/', '/'])
    expect([nameOf('/a/b'), nameOf('/')]).toEqual(['b', ''])
    expect([joinPath('/', 'a'), joinPath('/a', 'b')]).toEqual(['/a', '/a/b'])
    expect(pathSteps('/a/b')).toEqual(['/', '/a', '/a/b'])
    expect([isWithin('/a/b', '/a'), isWithin('/ab', '/a'), isWithin('/a', '/a'), isWithin('/x', '/')]).toEqual([true, false, true, true])
  })
  it('are shown with what hides made visible', () => {
    expect(shownPath('a\nb\\\\c\\xff\u202ed\u007f')).toBe('a␊b\\c\\xff⟨U+202E⟩d␡')
    expect(typedName('back\\slash')).toBe('back\\\\slash')
    expect([typedName('..'), typedName('a/b'), typedName('')]).toEqual([null, null, null])
  })
})
