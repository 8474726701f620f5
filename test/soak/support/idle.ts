/** What Naru adds to the processor time of dockerd while nobody touches it: the same time with and without Naru, in turns. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ROW } from '../../bench/support/page.ts'
import { cpuShares } from '../../bench/support/processes.ts'
import { expect, filterContainers } from './scene.ts'
import type { Naru, Stage } from './stage.ts'
import { medianOf } from './trend.ts'

/** Percent of one core. */
export interface IdleFigures {
  readonly withNaru: readonly number[]
  readonly alone: readonly number[]
  /** Difference of the medians. */
  readonly added: number
}

/** A window, and what is waited before it: what a start leaves to do is no idling, and a page nobody touches rests after 30 s. */
const WINDOW_S = 20
const QUIET_MS = { withNaru: 40_000, alone: 8_000 }
const TURNS = 2

/** Closes and opens Naru in turns; gives the last one, open. Those that run are in view each time, with their live figures: as many as are asked for at all. */
export async function measureIdle(stage: Stage, first: Naru): Promise<{ figures: IdleFigures; naru: Naru }> {
  const share = async (): Promise<number> => (await cpuShares({ dockerd: [await stage.daemonPid()] }, WINDOW_S)).dockerd
  const withNaru: number[] = []
  const alone: number[] = []
  let naru = first
  for (let turn = 0; turn < TURNS; turn++) {
    await filterContainers(naru.shell.page, 'is:running')
    await expect(naru.shell.page.locator(ROW).first()).toContainText('Up')
    await sleep(QUIET_MS.withNaru)
    withNaru.push(await share())
    await naru.close()
    await sleep(QUIET_MS.alone)
    alone.push(await share())
    naru = await stage.openNaru()
  }
  return { figures: { withNaru, alone, added: medianOf(withNaru) - medianOf(alone) }, naru }
}
