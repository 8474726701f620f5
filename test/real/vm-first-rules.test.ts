/** What first-rules.c answers is what iptables would have answered, and what it lets through leaves the same rules. */
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildFirstRules } from '../support/first-rules.ts'
import type { FirstRules } from '../support/first-rules.ts'

/** Every call of iptables by a first and by a later start of the engine in the machine, as they were seen. */
const [first = [], later = []] = readFileSync(new URL('../fixtures/engine-rules.txt', import.meta.url), 'utf8').split('\n\n').map((text) => text.trim().split('\n'))

const isRoot = process.getuid?.() === 0
const built: FirstRules | null = isRoot ? await buildFirstRules() : null
const why = !isRoot ? ' (skipped: needs root for network namespaces)' : built ? '' : ' (skipped: no C compiler or no iptables)'

const chain = fc.constantFrom('DOCKER', 'DOCKER-CT', 'FORWARD', 'OUTPUT')
const rule = fc.constantFrom('-i docker0 -j ACCEPT', '-i docker0 -j DROP', '! -i docker0 -o docker0 -j DROP', '-o docker0 -j DOCKER-CT', '-s 10.0.0.0/8 -j RETURN', '-i docker0')
/** The same rule in other words: what is written down knows only one of them. */
const reworded = fc.constantFrom('-j ACCEPT -i docker0', '-j DROP -o docker0 ! -i docker0', '--source 10.0.0.0/8 -j RETURN')
const command = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom('-A', '-I', '-C', '-D'), chain, fc.oneof({ weight: 4, arbitrary: rule }, reworded)).map((parts) => parts.join(' ')) },
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom('-N', '-X', '-F', '-n -L'), chain).map((parts) => parts.join(' ')) },
  { weight: 1, arbitrary: fc.constantFrom('-D FORWARD 1', '-I FORWARD 1 -j ACCEPT', '-F', '-S', '-P FORWARD DROP', '-L', '-D FORWARD') },
)
const commands = fc.array(fc.tuple(fc.constantFrom('--wait', '--wait -t filter', '--wait -t nat'), command).map((parts) => parts.join(' ')), { minLength: 20, maxLength: 40 })

describe.skipIf(!built)(`iptables of a machine that just booted${why}`, () => {
  let rules: FirstRules
  beforeAll(() => {
    if (built) rules = built
  })
  afterAll(() => built?.remove())

  it.each([
    ['first', first, 81, 24],
    ['later', later, 125, 45],
  ])('a %s start of the engine gets the same answers and rules from far fewer runs', async (_, asked, all, real) => {
    const [straight, known] = [await rules.run(asked, 'straight'), await rules.run(asked, 'known')]
    expect(straight.real).toBe(all)
    expect(known.codes.map((code) => code === 0)).toEqual(straight.codes.map((code) => code === 0))
    expect(known.rules).toBe(straight.rules)
    expect(known.active).toBe(true)
    expect(known.real).toBeLessThanOrEqual(real)
  })

  it('any other calls do, too', async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (asked) => {
        const [straight, known] = [await rules.run(asked, 'straight'), await rules.run(asked, 'known')]
        expect(known.codes.map((code) => code === 0)).toEqual(straight.codes.map((code) => code === 0))
        expect(known.rules).toBe(straight.rules)
      }),
      { numRuns: 12 },
    )
  }, 120_000)

  it('steps aside for good at the first thing it does not understand', async () => {
    const { real, active } = await rules.run(['-n -L DOCKER', '-I FORWARD 1 -j ACCEPT', '-n -L DOCKER'], 'known')
    expect({ real, active }).toEqual({ real: 2, active: false })
  })
})
