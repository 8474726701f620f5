/**
 * How a parser is fuzzed: random input for a time, from a seed that is printed, after every crasher that was ever found.
 * `NARU_FUZZ_SECONDS` is the time of one parser (2 unless told), `NARU_FUZZ_SEED` another seed than that of `npm test`.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { seedOf } from '../seed.ts'

const SECONDS = Number(process.env['NARU_FUZZ_SECONDS'] ?? 2)
const SEED = seedOf('NARU_FUZZ_SEED', 20_261_127)
/** Processor time one small input may take, milliseconds. What is linear needs below 50; what is not is far above. */
const SLOW_MS = 3_000
/** Beyond the budget: starting, the last input, shrinking a crasher. */
const GRACE_MS = 60_000

export interface FuzzOptions<T> {
  /** Inputs that once crashed it. */
  readonly crashers?: readonly T[]
}

const processorMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** A test: `check` holds for everything `input` makes in the time there is, and for the crashers of the past. */
export function fuzz<T>(name: string, input: fc.Arbitrary<T>, check: (value: T) => void | Promise<void>, { crashers = [] }: FuzzOptions<T> = {}): void {
  it(name, { timeout: SECONDS * 1_000 + GRACE_MS }, async () => {
    let runs = 0
    const guarded = async (value: T): Promise<void> => {
      runs += 1
      const before = processorMs()
      await check(value)
      expect(processorMs() - before, 'milliseconds of processor time for one input').toBeLessThan(SLOW_MS)
    }
    await fc.assert(fc.asyncProperty(input, guarded), {
      seed: SEED,
      examples: crashers.map((value): [T] => [value]),
      numRuns: Number.MAX_SAFE_INTEGER,
      interruptAfterTimeLimit: SECONDS * 1_000,
      markInterruptAsFailure: false,
    })
    console.log(`fuzz: ${name}: ${runs} inputs, seed ${SEED}`)
    expect(runs).toBeGreaterThan(crashers.length)
  })
}
