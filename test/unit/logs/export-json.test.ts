import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LOG_CUT, LOG_PARTIAL, LOG_STDERR } from '../../../engine/contract/models.ts'
import { exportStore } from '../../../engine/logs/export.ts'
import { LogStore } from '../../../engine/logs/store.ts'

const CONTAINERS = [{ id: 'a'.repeat(64), name: 'web' }, { id: 'b'.repeat(64), name: 'db "1"' }]
let folder = ''
let held: LogStore
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'naru-json-'))
  held = new LogStore({ folder, name: 'view', capBytes: 1 << 30, memoryBytes: 1 << 20 })
})
afterEach(() => {
  held.close()
  rmSync(folder, { recursive: true, force: true })
})

function add(line: string | Uint8Array, time = Number.NaN, flags = 0, source = 0): void {
  const bytes = Buffer.from(line as string)
  held.append(bytes, 0, bytes.length, time, flags, source)
}
interface Line {
  readonly time: string | null
  readonly container: { readonly id: string; readonly name: string }
  readonly stream: string
  readonly level: string
  readonly line: string
  readonly cut?: boolean
  readonly fields?: unknown
}
async function saved(runs?: Iterable<readonly [number, number]>): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = []
  const { signal } = new AbortController()
  for await (const part of exportStore(held, { timestamps: false, stripAnsi: false, json: CONTAINERS, signal, ...(runs && { runs }) })) parts.push(part)
  return parts
}
async function objects(runs?: Iterable<readonly [number, number]>): Promise<Line[]> {
  // Fatal: what is saved must be UTF-8 whatever was printed.
  const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(await saved(runs)))
  if (text === '') return []
  expect(text.endsWith('\n')).toBe(true)
  return text.slice(0, -1).split('\n').map((line) => JSON.parse(line) as Line)
}

describe('JSON lines', () => {
  it('say when, who, where and how serious, and the line as it was printed', async () => {
    add('\u001b[31mERROR\u001b[0m no "db"', Date.UTC(2026, 0, 2, 3, 4, 5, 6) + 0.007, LOG_STDERR, 1)
    add('    at main.js:1', Date.UTC(2026, 0, 2), LOG_STDERR, 1)
    add('{"level":"warn","id":12345678901234567890,"note":"주문"}')
    add('no newline', Number.NaN, LOG_PARTIAL | LOG_CUT)
    expect(await objects()).toEqual([
      { time: '2026-01-02T03:04:05.006007Z', container: CONTAINERS[1], stream: 'stderr', level: 'error', line: '\u001b[31mERROR\u001b[0m no "db"' },
      { time: '2026-01-02T00:00:00.000000Z', container: CONTAINERS[1], stream: 'stderr', level: 'error', line: '    at main.js:1' },
      { time: null, container: CONTAINERS[0], stream: 'stdout', level: 'warn', line: '{"level":"warn","id":12345678901234567890,"note":"주문"}', fields: { level: 'warn', id: 12345678901234567890, note: '주문' } },
      { time: null, container: CONTAINERS[0], stream: 'stdout', level: 'unknown', line: 'no newline', cut: true },
    ])
    // Not read and written again: a double has no room for that number.
    expect(Buffer.concat(await saved()).toString()).toContain('"fields":{"level":"warn","id":12345678901234567890,')
  })

  it('have the rows of a filter only, with the level of what they go on with', async () => {
    for (const line of ['ERROR broken', 'Caused by: it', 'INFO fine', 'INFO more']) add(line)
    expect((await objects([[1, 2], [3, 4]])).map(({ level, line }) => [level, line])).toEqual([['error', 'Caused by: it'], ['info', 'INFO more']])
  })

  it('come back as what was printed, whatever that was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 40 })), { maxLength: 30 }), async (lines) => {
        const clean = lines.map((line) => Buffer.from(line as string).filter((byte) => byte !== 10))
        const before = held.endLine
        for (const line of clean) add(line)
        const back = await objects([[before, held.endLine]])
        expect(back.map(({ line }) => line)).toEqual(clean.map((line) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(line)))
      }),
      { numRuns: 30 },
    )
  })

  it('come in small pieces out of memory and disk, however long a line is', async () => {
    add(Buffer.alloc(1024 * 1024, 1))
    for (let line = 0; line < 20_000; line++) add(`line ${line} `.padEnd(120, '.'))
    const parts = await saved()
    expect(Math.max(...parts.map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(1024 * 1024)
    const back = await objects()
    expect(back).toHaveLength(20_001)
    expect(back[0]?.line).toBe('\u0001'.repeat(1024 * 1024))
    expect(back.at(-1)?.line).toMatch(/^line 19999 /)
  })
})
