/**
 * The seed of a run of chance. `npm test` always plays the same: a change must not fail on what was there before it. Another
 * number in the variable plays that one again, `random` one nobody has tried.
 * @param variable of the environment, `NARU_…_SEED`. @param usual what is played without it.
 */
export function seedOf(variable: string, usual: number): number {
  const wanted = process.env[variable]
  if (wanted === undefined) return usual
  return wanted === 'random' ? Date.now() % 1_000_000_007 : Number(wanted)
}
