import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LOG_PARTIAL, LOG_STDERR } from '../../../engine/contract/models.ts'
import type { LogMatches, LogWindow } from '../../../engine/contract/models.ts'
import { CHUNK_LINES } from '../../../engine/logs/chunk.ts'
import { exportStore } from '../../../engine/logs/export.ts'
import { createMatcher } from '../../../engine/logs/match.ts'
import { printTime } from '../../../engine/logs/print-time.ts'
import { searchStore } from '../../../engine/logs/search.ts'
import type { RegexScanner } from '../../../engine/logs/search.ts'
import { LogStore, WINDOW_BYTES, WINDOW_LINES } from '../../../engine/logs/store.ts'
import { claimFolder } from '../../../engine/logs/temporary.ts'

const MB = 1024 * 1024
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'naru-store-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function store(options: { memoryBytes?: number; capBytes?: number } = {}): LogStore {
  return new LogStore({ folder, name: 'view', capBytes: 1024 * MB, ...options })
}

function add(to: LogStore, text: string, time = Number.NaN, flags = 0, source = 0): void {
  const bytes = Buffer.from(text)
  to.append(bytes, 0, bytes.length, time, flags, source)
}

function fill(to: LogStore, lines: number, width = 100): void {
  for (let line = 0; line < lines; line++) add(to, `line ${line} `.padEnd(width, '.'), line)
}

function linesOf(shown: LogWindow): string[] {
  const bytes = Buffer.from(shown.text)
  return Array.from(shown.ends, (end, index) => bytes.subarray(index ? shown.ends[index - 1] : 0, end).toString())
}

describe('windows', () => {
  it('gives lines by number with times and flags, without newlines', () => {
    const held = store()
    add(held, 'one', 1000.5)
    add(held, '', 2000, LOG_STDERR)
    add(held, '한글', Number.NaN)
    const shown = held.window(0, 10)
    expect(linesOf(shown)).toEqual(['one', '', '한글'])
    expect([...shown.times]).toEqual([1000.5, 2000, Number.NaN])
    expect([...shown.flags]).toEqual([0, LOG_STDERR, 0])
    expect(shown.sources).toBeUndefined()
    expect(linesOf(held.window(1, 1))).toEqual([''])
    expect(held.window(3, 5)).toMatchObject({ from: 3, text: new Uint8Array(0) })
    expect(held.window(99, 5).flags.length).toBe(0)
  })

  it('reaches over memory and disk alike', () => {
    const held = store({ memoryBytes: MB })
    fill(held, 60_000)
    expect(readdirSync(folder).length).toBeGreaterThan(0)
    for (const from of [0, CHUNK_LINES - 5, 30_000, 59_990]) {
      const shown = held.window(from, 10)
      expect(shown.from).toBe(from)
      expect(linesOf(shown).map((line) => Number(line.split(' ')[1]))).toEqual(
        Array.from({ length: 10 }, (_, index) => from + index),
      )
      expect(shown.times[9]).toBe(from + 9)
    }
    held.close()
    expect(readdirSync(folder)).toEqual([])
  })

  it('is bounded in lines and bytes, and still gives a line larger than the bound', () => {
    const held = store()
    fill(held, 5000)
    expect(held.window(0, 1_000_000).flags.length).toBe(WINDOW_LINES)
    const large = store()
    for (let line = 0; line < 20; line++) add(large, 'x'.repeat(MB))
    const shown = large.window(0, 20)
    expect(shown.text.length).toBeLessThanOrEqual(WINDOW_BYTES)
    expect(shown.flags.length).toBe(4)
    add(large, 'small')
    expect(linesOf(large.window(20, 5))).toEqual(['small'])
  })

  it('tells which container a line came from once there are several', () => {
    const held = store()
    add(held, 'a', 1, 0, 0)
    add(held, 'b', 2, 0, 7)
    expect([...(held.window(0, 2).sources ?? [])]).toEqual([0, 7])
  })

  it('holds what was put in, whatever the sizes', () => {
    const line = fc.oneof(fc.string({ maxLength: 50 }), fc.integer({ min: 0, max: 700_000 }).map((n) => 'y'.repeat(n)))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 25 }), (texts) => {
        const clean = texts.map((text) => text.replaceAll('\n', ''))
        const held = store({ memoryBytes: MB })
        for (const text of clean) add(held, text)
        for (const [index, text] of clean.entries()) expect(linesOf(held.window(index, 1))[0] === text).toBe(true)
        held.close()
      }),
      { numRuns: 30 },
    )
  })
})

describe('caps', () => {
  it('drops the oldest as a gap it can tell, and never a line in between', () => {
    const held = store({ capBytes: 16 * MB, memoryBytes: 2 * MB })
    fill(held, 400_000)
    const figures = held.figures()
    expect(figures.endLine).toBe(400_000)
    expect(figures.droppedLines).toBeGreaterThan(0)
    expect(figures.firstLine).toBe(figures.droppedLines)
    expect(figures.bytes).toBeLessThanOrEqual(17 * MB)
    expect(held.window(0, 10).flags.length).toBe(0)
    const shown = held.window(figures.firstLine - 3, 10)
    expect(shown.from).toBe(figures.firstLine)
    expect(linesOf(shown)[0]).toContain(`line ${figures.firstLine} `)
    for (let line = figures.firstLine; line < 400_000; line += 997) {
      expect(linesOf(held.window(line, 1))[0]).toContain(`line ${line} `)
    }
    held.close()
  })

  it('goes on in memory when the disk refuses, and says so', () => {
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'a file where the folder should be')
    const held = store({ memoryBytes: MB })
    fill(held, 60_000)
    const figures = held.figures()
    expect(figures.error?.code).toBe('no-space')
    expect(figures.droppedLines).toBe(figures.firstLine)
    expect(linesOf(held.window(59_999, 1))[0]).toContain('line 59999 ')
    expect(linesOf(held.window(figures.firstLine, 1))[0]).toContain(`line ${figures.firstLine} `)
    held.close()
  })
})

describe('temporary folders', () => {
  it('removes those of ended processes only', () => {
    const dead = join(folder, '4194999-abcd')
    const mine = join(folder, `${process.pid}-abcd`)
    const store0 = new LogStore({ folder: dead, name: 'x', capBytes: 8 * MB, memoryBytes: MB })
    fill(store0, 30_000)
    const store1 = new LogStore({ folder: mine, name: 'x', capBytes: 8 * MB, memoryBytes: MB })
    fill(store1, 30_000)
    const claimed = claimFolder(folder)
    expect(existsSync(dead)).toBe(false)
    expect(existsSync(mine)).toBe(true)
    expect(claimed.startsWith(join(folder, `${process.pid}-`))).toBe(true)
    store0.close()
    store1.close()
  })
})

const inThread = (): RegexScanner => {
  throw new Error('not used here')
}
async function search(held: LogStore, query: string, more: { regex?: boolean; caseSensitive?: boolean } = {}) {
  const items: LogMatches[] = []
  const options = { query, regex: false, caseSensitive: false, ...more }
  const scanner = options.regex
    ? () => ({ scan: async (chunk: Parameters<RegexScanner['scan']>[0]) => createMatcher(options)(chunk), close: () => {} })
    : inThread
  for await (const item of searchStore(held, { ...options, signal: new AbortController().signal, scanner })) items.push(item)
  return { lines: items.flatMap((item) => [...item.lines]), total: items.at(-1)?.total, done: items.at(-1)?.done }
}

describe('search', () => {
  it('finds lines in memory and on disk', async () => {
    const held = store({ memoryBytes: MB })
    fill(held, 60_000)
    expect(await search(held, 'LINE 31234 ')).toEqual({ lines: [31_234], total: 1, done: true })
    expect(await search(held, 'LINE 31234 ', { caseSensitive: true })).toEqual({ lines: [], total: 0, done: true })
    expect((await search(held, '99 .')).total).toBe(600)
    expect(await search(held, '^line 5\\d{4} ', { regex: true })).toMatchObject({ total: 10_000, done: true })
    held.close()
  })

  it('counts a line once, and never over a line end', async () => {
    const held = store()
    for (const text of ['aaa', 'b', 'ab', 'ba']) add(held, text)
    expect((await search(held, 'a')).lines).toEqual([0, 2, 3])
    expect((await search(held, 'aab')).lines).toEqual([])
    expect((await search(held, 'b$', { regex: true })).lines).toEqual([1, 2])
    expect((await search(held, '')).total).toBe(0)
  })

  it('knows the capitals of other scripts', async () => {
    const held = store()
    for (const text of ['CAFÉ', 'café', 'cafe', 'ÃÉ']) add(held, text)
    expect((await search(held, 'café')).lines).toEqual([0, 1])
    expect((await search(held, 'café', { caseSensitive: true })).lines).toEqual([1])
  })

  it('searches what is seen, not the colours', async () => {
    const held = store()
    add(held, '\u001b[31mER\u001b[0mROR')
    add(held, 'plain 31')
    expect((await search(held, 'error')).lines).toEqual([0])
    expect((await search(held, '31')).lines).toEqual([1])
  })

  it('gives at most 100 000 places and goes on counting', async () => {
    const held = store()
    for (let line = 0; line < 150_000; line++) add(held, 'x')
    const found = await search(held, 'x')
    expect([found.lines.length, found.total]).toEqual([100_000, 150_000])
  })

  it('refuses a bad pattern', async () => {
    const held = store()
    add(held, 'x')
    await expect(search(held, '(', { regex: true })).rejects.toMatchObject({ code: 'invalid-request', hint: 'pattern' })
  })

  it('agrees with a plain scan', async () => {
    const word = fc.array(fc.constantFrom('a', 'A', 'b', 'É', 'é', '@', '[', '`', '{', ' '), { maxLength: 6 }).map((l) => l.join(''))
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 30 }), word, fc.boolean(), async (texts, query, caseSensitive) => {
        if (query === '') return
        const held = store()
        for (const text of texts) add(held, text)
        const fold = (text: string) => (caseSensitive ? text : text.toLowerCase())
        const expected = texts.flatMap((text, line) => (fold(text).includes(fold(query)) ? [line] : []))
        expect((await search(held, query, { caseSensitive })).lines).toEqual(expected)
      }),
    )
  })
})

describe('export', () => {
  async function text(held: LogStore, timestamps = false, stripAnsi = false): Promise<string> {
    const parts: Uint8Array[] = []
    const signal = new AbortController().signal
    for await (const part of exportStore(held, { timestamps, stripAnsi, signal })) parts.push(part)
    return Buffer.concat(parts).toString()
  }

  it('prints lines as they came', async () => {
    const held = store({ memoryBytes: MB })
    fill(held, 30_000)
    const lines = (await text(held)).split('\n')
    expect(lines.length).toBe(30_001)
    expect(lines[29_999]).toContain('line 29999 ')
    held.close()
  })

  it('adds times, strips colours, ends as the log does', async () => {
    const held = store()
    add(held, '\u001b[1mone\u001b[0m', Date.UTC(2026, 0, 2, 3, 4, 5, 6) + 0.007)
    add(held, 'two', Number.NaN, LOG_PARTIAL)
    expect(await text(held, true, true)).toBe('2026-01-02T03:04:05.006007Z one\n- two')
    expect(await text(held)).toBe('\u001b[1mone\u001b[0m\ntwo')
    expect(printTime(0)).toBe('1970-01-01T00:00:00.000000Z')
  })
})
