import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FoldRows } from '../../../engine/logs/fold-rows.ts'

/** The same, row by row. */
class Slow {
  rows: { standing: boolean; member: boolean }[] = []
  rank(row: number): number {
    return this.rows.slice(0, row).filter(({ standing }) => standing).length
  }
  select(standing: number): number {
    let seen = -1
    const found = this.rows.findIndex((row) => row.standing && (seen += 1) === standing)
    return found < 0 ? this.rows.length : found
  }
}

describe('rows some of which are folded', () => {
  it('are counted and found as if one went through them', () => {
    const runs = fc.array(fc.tuple(fc.integer({ min: 1, max: 12_000 }), fc.boolean()), { minLength: 1, maxLength: 6 })
    const asks = fc.array(fc.tuple(fc.nat(60_000), fc.nat(400), fc.boolean()), { maxLength: 4 })
    fc.assert(
      fc.property(runs, asks, fc.array(fc.nat(60_000), { maxLength: 20 }), (made, changes, looked) => {
        const [fast, slow] = [new FoldRows(), new Slow()]
        for (const [count, folded] of made) {
          for (let row = 0; row < count; row++) {
            const standing = !folded || row % 7 === 0
            fast.push(standing, !standing)
            slow.rows.push({ standing, member: !standing })
          }
        }
        for (const [from, count, open] of changes) {
          const rows = Array.from({ length: count }, (_, at) => from + at).filter((row) => slow.rows[row]?.member)
          fast.set(rows, open)
          for (const row of rows) (slow.rows[row] as { standing: boolean }).standing = open
        }
        expect([fast.end, fast.standingEnd]).toEqual([slow.rows.length, slow.rank(slow.rows.length)])
        for (const at of looked) {
          expect(fast.rank(at)).toBe(slow.rank(at))
          expect(fast.select(at)).toBe(slow.select(at))
          expect([fast.isStanding(at), fast.isMember(at)]).toEqual([slow.rows[at]?.standing ?? false, slow.rows[at]?.member ?? false])
        }
      }),
      { numRuns: 40 },
    )
  })

  it('keep their numbers when the oldest are dropped, also when they were never seen', () => {
    const rows = new FoldRows()
    for (let row = 0; row < 50_000; row++) rows.push(row % 2 === 0, row % 2 === 1)
    rows.dropBefore(40_000)
    expect([rows.standingFirst, rows.standingEnd, rows.select(20_001), rows.rank(40_002)]).toEqual([20_000, 25_000, 40_002, 20_001])
    rows.skipTo(100_000)
    rows.push(true, false)
    expect([rows.standingFirst, rows.standingEnd, rows.select(25_000), rows.rank(100_000)]).toEqual([25_000, 25_001, 100_000, 25_000])
  })
})
