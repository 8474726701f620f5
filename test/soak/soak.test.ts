/**
 * Naru in use for a while: what grows? Mixed use of the real window on the embedded engine with 200 containers, and at
 * every rest the heaps after a collection, nodes, listeners. No clock on the wall is a measure here: other work on the
 * machine makes the run shorter in actions, not red. See docs/adr/0030.
 * `NARU_SOAK_MINUTES` (10) says how long, `NARU_SOAK_SEED` repeats a run, `NARU_SOAK_HEAPS` is a folder for heap snapshots of
 * the engine room, one every eight looks.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whyNoEngine } from '../e2e/support/engine.ts'
import { seedOf } from '../support/seed.ts'
import { leftOf, stopEngine } from './support/ending.ts'
import { heldBy, untilNoMore } from './support/handles.ts'
import type { Counts } from './support/handles.ts'
import { measureIdle } from './support/idle.ts'
import type { IdleFigures } from './support/idle.ts'
import { resourcesOf } from './support/room.ts'
import { soak } from './support/run.ts'
import type { Look } from './support/run.ts'
import { fill, makeStage } from './support/stage.ts'
import type { Naru, Stage } from './support/stage.ts'
import { PAGE, ROOM } from './support/figures.ts'
import type { Figure } from './support/figures.ts'
import { judge } from './support/trend.ts'

const MINUTE = 60_000
const MINUTES = Number(process.env['NARU_SOAK_MINUTES'] ?? 10)
const SEED = seedOf('NARU_SOAK_SEED', 7)
const why = whyNoEngine()
if (why) console.log(`skipped: the soak (${why})`)

const say = (line: string): void => void process.stdout.write(`soak: ${line}\n`)

describe.skipIf(why !== null)('in use for a while', () => {
  let stage: Stage | undefined
  let naru: Naru | undefined
  let looks: readonly Look[] = []
  let left: readonly string[] | undefined
  let idle: IdleFigures | undefined
  let printed = ''
  let remains: readonly string[] | undefined

  beforeAll(async () => {
    say(`${MINUTES} minutes, seed ${SEED}`)
    const here = (stage = makeStage())
    let open = (naru = await here.openNaru())
    const engine = await fill(here.socket)
    const handles = async (): Promise<Counts> => ({
      ...(await heldBy(open.shell.pid, here)),
      ...(await resourcesOf(open.inspector.send)),
    })
    let before: Counts = {}
    looks = await soak({
      naru: open, engine, minutes: MINUTES, seed: SEED, say,
      atRest: async (when) => {
        if (when === 'before') before = await handles()
        else left = await untilNoMore(before, handles, MINUTE)
      },
    })
    printed = open.shell.printed?.() ?? ''
    ;({ figures: idle, naru: open } = await measureIdle(here, open))
    naru = open
    await stopEngine(open.shell.page)
    await open.close()
    naru = undefined
    remains = await leftOf(here)
  }, (MINUTES + 15) * MINUTE)

  afterAll(async () => {
    await naru?.close()
    await stage?.remove()
  }, 3 * MINUTE)

  /** Says and judges each figure; what grows, with how much. */
  const growing = (figures: readonly Figure[]): readonly string[] =>
    figures.flatMap(({ what, unit, read, bound }) => {
      const { slope, steady, most, count, grows } = judge(looks.map((look) => ({ at: look.at, value: read(look) })), bound)
      const line = `${what}: ${slope.toFixed(1)} ${unit} a minute, steadily ${steady.toFixed(1)} of at most ${most.toFixed(1)} (${count} looks)`
      say(line)
      return grows ? [line] : []
    })

  it('neither heap nor nodes nor listeners of the page grow', () => expect(growing(PAGE)).toEqual([]))

  it('neither heap nor buffers nor listeners of the engine room grow', () => expect(growing(ROOM)).toEqual([]))

  it('descriptors, connections, timers, programs and temporary files are at the end what they were after the first round', () => {
    expect(left).toEqual([])
  })

  it('a Naru in view that nobody touches adds at most 1 % of a core to dockerd', () => {
    say(`dockerd, % of a core: ${JSON.stringify(idle)}`)
    expect(idle?.added).toBeLessThanOrEqual(1)
  })

  it('once engine and Naru were stopped nothing of either is left', () => expect(remains).toEqual([]))

  it('nothing went wrong aloud: no breach of the page’s policy, no error nobody caught, no warning', () => {
    expect(stage?.faults).toEqual([])
    expect(printed).not.toMatch(/Warning|unhandled/)
  })
})
