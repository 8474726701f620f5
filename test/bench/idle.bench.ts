/** What an open Naru that nobody touches costs: the engine's processor time and its own. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import { inBatches, startBenchEngine, whyNoDockerd } from './support/engine.ts'
import type { BenchContext, BenchFigure, BenchResult } from './support/figure.ts'
import { goTo, openPage, ROW } from './support/page.ts'
import { cpuShares, processesWith, renderersOf } from './support/processes.ts'

const CONTAINERS = 200
/** Of them, this many run. */
const RUNNING = 50

/** Tells the page that its window was hidden or shown; a headless browser never hides one itself. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (hidden ? 'hidden' : 'visible') })
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)
}

export async function bench({ quick }: BenchContext): Promise<BenchResult> {
  if (whyNoDockerd) return { figures: [], notes: [`idle: ${whyNoDockerd}`] }
  const seconds = quick ? 5 : 40
  const engine = await startBenchEngine()
  try {
    const ids: string[] = []
    const names = Array.from({ length: quick ? 30 : CONTAINERS }, (_, at) => `idle-${String(at).padStart(3, '0')}`)
    await inBatches(names, 4, async (name) => void ids.push(await engine.create('sleep 99999', { name })))
    await inBatches(ids.slice(0, quick ? 10 : RUNNING), 4, (id) => engine.client.startContainer(id))
    // The daemons clean up behind the starts.
    await sleep(quick ? 1_000 : 10_000)
    // dockerd, containerd and the shims: all of them name the folder.
    const daemons = await processesWith(engine.folder)
    const alone = () => cpuShares({ engine: daemons }, seconds)
    const before = await alone()
    const opened = await openPage(engine.socketPath)
    try {
      await goTo(opened.page, '/containers')
      await opened.page.waitForSelector(ROW, { timeout: 30_000 })
      const pages = await renderersOf(opened.profile)
      // What a start leaves to do is no idling.
      await sleep(quick ? 1_000 : 40_000)
      const figures: BenchFigure[] = []
      for (const { what, path, hidden, watched } of VIEWS) {
        await goTo(opened.page, watched ? `${path}/${ids[0]}?tab=stats` : path)
        await setHidden(opened.page, hidden)
        if (watched) await opened.page.waitForSelector('.stat-plot canvas', { timeout: 30_000 })
        await sleep(quick ? 1_000 : 6_000)
        const shares = await cpuShares({ engine: daemons, room: [opened.pid], page: pages }, seconds)
        figures.push(...figuresOf(what, shares, before.engine, watched && !hidden))
      }
      return { figures, notes: [`${ids.length} containers, ${quick ? 10 : RUNNING} of them running; engine alone ${before.engine.toFixed(2)} %`] }
    } finally {
      await opened.close()
    }
  } finally {
    await engine.close()
  }
}

/** `watched`: the Stats tab of the first container is open below the list. */
const VIEWS = [
  { what: 'overview', path: '/overview', hidden: false, watched: false },
  { what: 'containers with live figures', path: '/containers', hidden: false, watched: false },
  { what: 'Stats tab of one container', path: '/containers', hidden: false, watched: true },
  { what: 'Stats tab, hidden', path: '/containers', hidden: true, watched: true },
] as const

/** @param inUse somebody watches charts: that is no idling, and no budget stands for it */
function figuresOf(what: string, shares: { engine: number; room: number; page: number }, alone: number, inUse: boolean): BenchFigure[] {
  return [
    {
      name: `idle, ${what}: engine`,
      figure: shares.engine,
      unit: '% of a core',
      yardstick: { what: 'alone', figure: alone },
      ...(!inUse && { budget: { of: 'added', most: 1 } as const }),
    },
    { name: `idle, ${what}: Naru (engine room + page)`, figure: shares.room + shares.page, unit: '% of a core', ...(!inUse && { budget: { of: 'figure', most: 0.5 } as const }) },
  ]
}
