/** The log view in the page: frames under a flood, the first paint of a long log, memory and loss at ten million lines. */
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import { startFakeEngine } from '../fake-dockerd/harness.ts'
import type { FakeEngine } from '../fake-dockerd/harness.ts'
import { percentile, repeat } from './support/figure.ts'
import type { BenchContext, BenchFigure, BenchResult } from './support/figure.ts'
import { frames, writeLines, writeSteadily } from './support/log-lines.ts'
import { frameTimes, goTo, heapMegabytes, openPage } from './support/page.ts'
import type { MeasuredPage } from './support/page.ts'
import { residentMegabytes } from './support/processes.ts'

const FLOOD = 50_000
const HISTORY = 30_000

interface Stage {
  readonly engine: FakeEngine
  readonly opened: MeasuredPage
  /** Address of the container's log window. */
  readonly path: string
  readonly close: () => Promise<void>
}

type Writer = (response: ServerResponse) => Promise<void>

/** A fake engine with one running container whose log `write` makes, and a page on it. */
async function setStage(write: Writer): Promise<Stage> {
  const engine = await startFakeEngine({
    images: 1,
    logs: async (_container, response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.docker.raw-stream' })
      response.flushHeaders()
      await write(response)
    },
  })
  const container = engine.fake.world.create('talker', 'fake/image0:latest')
  engine.fake.world.start(container)
  const opened = await openPage(engine.fake.socketPath, { logTail: HISTORY })
  await goTo(opened.page, '/containers')
  await opened.page.waitForSelector(`[data-key="${container.id}"]`, { timeout: 30_000 })
  return {
    engine,
    opened,
    path: `/log-window/${encodeURIComponent(`socket:${engine.fake.socketPath}`)}/${container.id}`,
    close: async () => {
      await opened.close()
      await engine.close()
    },
  }
}

/** Lines the view says it holds. */
async function linesHeld(page: Page): Promise<number> {
  const text = await page.evaluate(() => document.querySelector('.log-foot span:nth-child(2)')?.textContent ?? '')
  return Number((text.split('·')[0] ?? '').replace(/\D/g, '') || 0)
}

async function untilHeld(page: Page, lines: number, limitMs: number): Promise<number> {
  let held = 0
  for (const end = Date.now() + limitMs; Date.now() < end; await sleep(50)) {
    held = await linesHeld(page)
    if (held >= lines) break
  }
  return held
}

async function flood(seconds: number): Promise<BenchFigure[]> {
  let going = true
  let written = 0
  const stage = await setStage(async (response) => {
    written = await writeSteadily(response, 0, FLOOD, () => going)
  })
  try {
    const { page } = stage.opened
    await goTo(page, stage.path)
    await page.waitForSelector('.log-row', { timeout: 30_000 })
    await sleep(2_000)
    const gaps = await frameTimes(page, seconds * 1000)
    going = false
    await sleep(100)
    const held = await untilHeld(page, written, 10_000)
    return [
      { name: 'log view at 50,000 lines/s: frame p99', figure: percentile(gaps, 0.99), unit: 'ms', budget: { of: 'figure', most: 25 } },
      { name: 'log view at 50,000 lines/s: frame p50', figure: percentile(gaps, 0.5), unit: 'ms' },
      { name: 'log view at 50,000 lines/s: lines lost', figure: written - held, unit: 'lines', budget: { of: 'figure', most: 0, least: 0 }, hard: true },
    ]
  } finally {
    going = false
    await stage.close()
  }
}

/** Milliseconds from the address change to painted lines; runs in the page. */
function timeFirstLines(path: string): Promise<number> {
  return new Promise((resolve) => {
    const began = performance.now()
    const watcher = new MutationObserver(() => {
      if (!document.querySelector('.log-row .log-text')?.textContent) return
      watcher.disconnect()
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => resolve(performance.now() - began)
      port2.postMessage(null)
    })
    watcher.observe(document.body, { childList: true, subtree: true, characterData: true })
    location.hash = `#${path}`
  })
}

async function firstPaint(rounds: number): Promise<BenchFigure> {
  const history = frames(0, HISTORY)
  const stage = await setStage(async (response) => void response.write(history))
  try {
    const { page } = stage.opened
    const figure = await repeat(rounds, async () => {
      const took = await page.evaluate(timeFirstLines, stage.path)
      await untilHeld(page, HISTORY, 10_000)
      await goTo(page, '/containers')
      await page.waitForSelector('.n-table-row', { timeout: 30_000 })
      return took
    })
    return { name: 'first paint of a log of 30,000 lines', figure, unit: 'ms', budget: { of: 'figure', most: 150 } }
  } finally {
    await stage.close()
  }
}

async function millions(lines: number): Promise<BenchFigure[]> {
  const warm = 100_000
  let go = (): void => undefined
  const gate = new Promise<void>((resolve) => {
    go = resolve
  })
  const stage = await setStage(async (response) => {
    await writeLines(response, 0, warm)
    await gate
    await writeLines(response, warm, lines)
  })
  try {
    const { page } = stage.opened
    const { pid } = stage.opened
    await goTo(page, stage.path)
    await untilHeld(page, warm, 60_000)
    const before = { heap: await heapMegabytes(page), room: await residentMegabytes(pid) }
    go()
    const held = await untilHeld(page, lines, 600_000)
    const after = { heap: await heapMegabytes(page), room: await residentMegabytes(pid) }
    const what = `log of ${lines / 1e6} M lines`
    return [
      { name: `${what}: page heap growth`, figure: after.heap - before.heap, unit: 'MB', budget: { of: 'figure', most: 20 }, hard: true },
      { name: `${what}: engine room RSS growth`, figure: after.room - before.room, unit: 'MB', budget: { of: 'figure', most: 200 }, hard: true },
      { name: `${what}: lines lost`, figure: lines - held, unit: 'lines', budget: { of: 'figure', most: 0, least: 0 }, hard: true },
    ]
  } finally {
    await stage.close()
  }
}

export async function bench({ quick }: BenchContext): Promise<BenchResult> {
  return {
    figures: [
      ...(await flood(quick ? 2 : 10)),
      await firstPaint(quick ? 2 : 9),
      ...(await millions(quick ? 300_000 : 10_000_000)),
    ],
  }
}
