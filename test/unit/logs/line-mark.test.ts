import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lineOfMark, markOf } from '../../../engine/logs/line-mark.ts'
import { LogStore } from '../../../engine/logs/store.ts'

let folder = ''
const stores: LogStore[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'naru-mark-'))
})
afterEach(() => {
  for (const store of stores.splice(0)) store.close()
  rmSync(folder, { recursive: true, force: true })
})
function store(capBytes = 1 << 30): LogStore {
  const made = new LogStore({ folder, name: `view-${stores.length}`, capBytes, memoryBytes: 1 << 20 })
  stores.push(made)
  return made
}
const text = Buffer.from('a line of some length '.repeat(6))
/** Nanoseconds as the engine's stamps become milliseconds (view.ts). */
const at = (seconds: number, nanos: number): number => seconds * 1000 + nanos / 1e6
const SECONDS = 1_795_000_000

/** Three lines share each stamp; the second container's come in between and a little late. */
function fill(into: LogStore, from: number, to: number): void {
  for (let line = from; line < to; line++) {
    const late = line % 5 === 0 ? 1 : 0
    const step = Math.floor(line / 3) - late * 40
    into.append(text, 0, text.length, at(SECONDS + Math.floor(step / 1000), (step % 1000) * 1_000_000 + 123), 0, late)
  }
}

it('finds every line again by its container, time and place among those of that time', () => {
  const held = store()
  fill(held, 0, 30_000)
  for (let line = 0; line < 30_000; line += 97) {
    const mark = markOf(held, line) ?? expect.fail('has a time')
    expect(lineOfMark(held, mark)).toBe(line)
  }
})

it('finds it in a view that begins elsewhere, and not when it is dropped', () => {
  const whole = store()
  fill(whole, 0, 30_000)
  const [early, late] = [markOf(whole, 300), markOf(whole, 29_000)]
  const tail = store()
  fill(tail, 20_001, 30_000)
  expect(lineOfMark(tail, late ?? expect.fail())).toBe(29_000 - 20_001)
  expect(lineOfMark(tail, early ?? expect.fail())).toBeNull()
  const small = store(1 << 21)
  fill(small, 0, 60_000)
  expect(small.firstLine).toBeGreaterThan(300)
  expect(lineOfMark(small, early ?? expect.fail())).toBeNull()
})

it('knows no mark of a line without a time, or of none', () => {
  const held = store()
  held.append(text, 0, text.length, Number.NaN, 0, 0)
  expect([markOf(held, 0), markOf(held, 5), markOf(held, -1)]).toEqual([null, null, null])
})
