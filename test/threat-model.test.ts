/** docs/threat-model.md names what proves each of its lines: what it names must be there. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const text = readFileSync(join(ROOT, 'docs/threat-model.md'), 'utf8')
/** `file`: “name”, “name” … */
const PROOF = /`(test\/[^`]+)`: ((?:“[^”]+”(?:, )?)+)/g
const PATH = /`((?:engine|main|renderer|test)\/[^`]+)`/g

/** True when a source calls a test by this name, whatever quotes it uses. */
const hasTest = (source: string, name: string): boolean => ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}${quote}`))

describe('the threat model', () => {
  const proofs = [...text.matchAll(PROOF)].flatMap(([, file = '', names = '']) => [...names.matchAll(/“([^”]+)”/g)].map((match) => ({ file, name: match[1] ?? '' })))

  it('names tests by their file and name, all of which exist', () => {
    expect(proofs.length).toBeGreaterThan(80)
    expect(proofs.filter(({ file, name }) => !existsSync(join(ROOT, file)) || !hasTest(readFileSync(join(ROOT, file), 'utf8'), name))).toEqual([])
    // None escaped the reading above.
    expect(text.match(/“[^”]+”/g)).toHaveLength(proofs.length)
  })

  it('names files that exist', () => {
    const files = [...text.matchAll(PATH)].map(([, file = '']) => file)
    expect(files.length).toBeGreaterThan(100)
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
  })

  it('is not alone: docs/reliability.md names tests and files that exist, too', () => {
    const other = readFileSync(join(ROOT, 'docs/reliability.md'), 'utf8')
    const named = [...other.matchAll(PROOF)].flatMap(([, file = '', names = '']) => [...names.matchAll(/“([^”]+)”/g)].map((match) => ({ file, name: match[1] ?? '' })))
    expect(named.length).toBeGreaterThan(15)
    expect(other.match(/“[^”]+”/g)).toHaveLength(named.length)
    expect(named.filter(({ file, name }) => !existsSync(join(ROOT, file)) || !hasTest(readFileSync(join(ROOT, file), 'utf8'), name))).toEqual([])
    expect([...other.matchAll(PATH)].map(([, file = '']) => file).filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
  })

  it('leaves no line without a proof, unless it says that there is none', () => {
    const lines = text.split('\n').filter((line) => line.startsWith('| ') && !line.endsWith('| Proof |'))
    expect(lines.length).toBeGreaterThan(60)
    expect(lines.filter((line) => !/“|no test yet|\*\*(?:[Oo]pen|not)\b/.test(line))).toEqual([])
  })
})
