/** A table of 5 000 rows that change while it is scrolled. */
import { chromium } from '@playwright/test'
import { CHROMIUM } from '../e2e/support/environment.ts'
import { startFakeEngine } from '../fake-dockerd/harness.ts'
import { percentile } from './support/figure.ts'
import type { BenchContext, BenchResult } from './support/figure.ts'
import { frameTimes, goTo, openPage, ROW, workPerFrame } from './support/page.ts'

const ROWS = 5_000
/** Rows changed per second while the table is scrolled. */
const CHANGES = 100
/** Pixels per frame: a wheel turned fast. */
const STEP = 120

/** Frames of the same browser on a plain page of the same height, scrolled alike. */
async function plainFrames(ms: number): Promise<number[]> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 820 } })
    await page.setContent(`<div id=plain style="height:800px;overflow:auto"><div style="height:${ROWS * 34}px">plain</div></div>`)
    return await frameTimes(page, ms, { selector: '#plain', pixels: STEP })
  } finally {
    await browser.close()
  }
}

export async function bench({ quick }: BenchContext): Promise<BenchResult> {
  const ms = quick ? 2_000 : 10_000
  const engine = await startFakeEngine({ containers: ROWS, images: 40 })
  const opened = await openPage(engine.fake.socketPath)
  let changing: NodeJS.Timeout | undefined
  try {
    const { page } = opened
    await goTo(page, '/containers')
    await page.waitForSelector(ROW, { timeout: 30_000 })
    const { world } = engine.fake
    const rows = [...world.containers.values()]
    let at = 0
    changing = setInterval(() => {
      const row = rows[at++ % rows.length]
      if (row?.state === 'running') world.setPaused(row, true)
      else if (row?.state === 'paused') world.setPaused(row, false)
      else if (row) world.start(row)
    }, 1000 / CHANGES)
    await frameTimes(page, 1_000, { selector: '.n-table .scroller', pixels: STEP })
    const gaps = await frameTimes(page, ms, { selector: '.n-table .scroller', pixels: STEP })
    const work = await workPerFrame(page, ms, { selector: '.n-table .scroller', pixels: STEP })
    clearInterval(changing)
    const plain = await plainFrames(ms)
    const name = `table of ${ROWS} rows, ${CHANGES} changes/s, scrolled: frame`
    return {
      figures: [
        {
          name: `${name} p99`,
          figure: percentile(gaps, 0.99),
          unit: 'ms',
          yardstick: { what: 'plain page', figure: percentile(plain, 0.99) },
          budget: { of: 'figure', most: 20 },
        },
        { name: `${name}: processor time of the page`, figure: work, unit: 'ms' },
        { name: `${name} p50`, figure: percentile(gaps, 0.5), unit: 'ms', yardstick: { what: 'plain page', figure: percentile(plain, 0.5) } },
      ],
    }
  } finally {
    clearInterval(changing)
    await opened.close()
    await engine.close()
  }
}
