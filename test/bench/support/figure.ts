/** What a bench gives back, and the small statistics all of them use. */

export interface BenchContext {
  /** Small sizes and few rounds: shows that everything works, the figures are worth little. */
  readonly quick: boolean
}

/** What must hold. `figure`: the figure itself; `ratio`: figure / yardstick; `added`: figure − yardstick. */
export interface Budget {
  readonly of: 'figure' | 'ratio' | 'added'
  readonly most?: number
  readonly least?: number
}

export interface BenchFigure {
  readonly name: string
  readonly figure: number
  readonly unit: string
  /** Measured in the same run, in the same unit, in turns with the figure. */
  readonly yardstick?: { readonly what: string; readonly figure: number; readonly spread?: readonly [number, number] }
  /** Least and most of the values whose median the figure is. */
  readonly spread?: readonly [number, number]
  /** What the field notes have for it, in the same unit: measured another day, so beside the figure and not a yardstick. */
  readonly noted?: number
  /** Absent: a figure to know, nothing to meet. */
  readonly budget?: Budget
  /** Missing the budget fails the run (memory and loss only: time depends on what else the machine does). */
  readonly hard?: boolean
}

export interface BenchResult {
  readonly figures: readonly BenchFigure[]
  /** What could not be measured here and why. */
  readonly notes?: readonly string[]
}

/** The value below which `share` (0…1) of the values lie; NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

/** One round more than asked for, the first not counted: it only warms up. Gives the median. */
export async function repeat(rounds: number, measure: () => Promise<number> | number): Promise<number> {
  await measure()
  const values: number[] = []
  for (let round = 0; round < rounds; round++) values.push(await measure())
  return median(values)
}

export interface Pair {
  readonly ours: number
  readonly theirs: number
}

/**
 * Figure and yardstick in turns, so that whatever else the machine does weighs on both; medians. The first round is
 * not counted.
 */
export async function inTurns(
  rounds: number,
  ours: () => Promise<number> | number,
  theirs: () => Promise<number> | number,
): Promise<Pair> {
  const our: number[] = []
  const their: number[] = []
  for (let round = -1; round < rounds; round++) {
    // Who goes second finds caches warm: turn about.
    const order = round % 2 === 0 ? [theirs, ours] : [ours, theirs]
    const values = new Map<unknown, number>()
    for (const measure of order) values.set(measure, await measure())
    if (round < 0) continue
    our.push(values.get(ours) ?? Number.NaN)
    their.push(values.get(theirs) ?? Number.NaN)
  }
  return { ours: median(our), theirs: median(their) }
}
