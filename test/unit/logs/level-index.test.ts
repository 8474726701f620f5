import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LOG_STDERR } from '../../../engine/contract/models.ts'
import { LevelIndex } from '../../../engine/logs/level-index.ts'
import { LOG_LEVELS } from '../../../engine/logs/level.ts'
import { LogStore } from '../../../engine/logs/store.ts'

const MB = 1024 * 1024
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'naru-levels-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function storeOf(lines: readonly string[], options: { memoryBytes?: number; capBytes?: number } = {}, flags: (line: number) => number = () => 0): LogStore {
  const store = new LogStore({ folder, name: `view-${Math.random()}`, capBytes: 1024 * MB, ...options })
  lines.forEach((line, index) => {
    const bytes = Buffer.from(line)
    store.append(bytes, 0, bytes.length, 0, flags(index), 0)
  })
  return store
}
function levels(index: LevelIndex, store: LogStore, from: number, to: number): string[] {
  const found: string[] = []
  for (let line = from; line < to; ) {
    const chunk = store.chunkAt(line)
    if (!chunk) throw new Error(`no line ${line}`)
    const end = Math.min(to - chunk.first, chunk.count)
    for (const place of index.read(chunk, line - chunk.first, end)) found.push(LOG_LEVELS[place] as string)
    line = chunk.first + end
  }
  return found
}

describe('levels of a store', () => {
  it('a trace has the level of its error, of its own stream, also across chunks and for a reader that begins inside', () => {
    const lines = ['INFO a', 'ERROR b', ...Array.from({ length: 200 }, (_, frame) => `   at f (a.js:${frame})`), 'WARN c', '  and more']
    const store = storeOf(lines, {}, (line) => (line === 1 || (line > 1 && line < 202) ? LOG_STDERR : 0))
    expect(levels(new LevelIndex(store), store, 150, 204)).toEqual([...Array(52).fill('error'), 'warn', 'warn'])
    const many = Array.from({ length: 9_000 }, (_, line) => (line % 10 === 0 ? 'ERROR x' : '   at g (b.js:1)'))
    const large = storeOf(many, { memoryBytes: MB })
    const index = new LevelIndex(large)
    expect(new Set(levels(index, large, 4_096, 9_000))).toEqual(new Set(['error']))
    expect(new Set(levels(index, large, 0, 9_000))).toEqual(new Set(['error']))
    large.close()
    store.close()
  })

  // No log here is longer than what a reader that begins inside looks back at.
  it('whoever asks in whatever order gets the same levels', () => {
    const line = fc.constantFrom('INFO a', 'ERROR b', '   at f (a.js:1)', 'plain', 'DEBUG c', '\tmore')
    const asks = fc.array(fc.tuple(fc.nat(250), fc.nat(250)), { maxLength: 6 })
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 250 }), asks, (lines, asked) => {
        const store = storeOf(lines)
        const whole = levels(new LevelIndex(store), store, 0, lines.length)
        const index = new LevelIndex(store)
        for (const [a, b] of asked) {
          const [from, to] = [Math.min(a, b, lines.length), Math.min(Math.max(a, b), lines.length)]
          expect(levels(index, store, from, to)).toEqual(whole.slice(from, to))
        }
        store.close()
      }),
    )
  })
})
