/** The web shell: from the click to a list one can use, 500 containers on screen, memory at rest. */
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from '@playwright/test'
import type { BrowserContext, Page } from '@playwright/test'
import { CHROMIUM } from '../e2e/support/environment.ts'
import { startWebProcess } from '../e2e/support/shells.ts'
import { startFakeEngine } from '../fake-dockerd/harness.ts'
import { inTurns, repeat } from './support/figure.ts'
import type { BenchContext, BenchFigure, BenchResult } from './support/figure.ts'
import { goTo, heapMegabytes, makeBenchWorld, openPage, ROW } from './support/page.ts'
import { residentMegabytes } from './support/processes.ts'

const LIMIT = { timeout: 30_000 }

/** Runs in the page before the app: straight to the containers, and when rows were painted first and the link opened. */
function watchFirstRow(row: string): void {
  if (location.pathname !== '/boot' && location.hash === '') location.hash = '#/containers'
  const marks: { opened?: number; painted?: number } = {}
  Object.assign(window, { benchMarks: marks })
  const Original = window.WebSocket
  window.WebSocket = class extends Original {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols)
      this.addEventListener('open', () => (marks.opened ??= performance.now()))
    }
  }
  const watcher = new MutationObserver(() => {
    if (!document.querySelector(row)) return
    watcher.disconnect()
    // A frame's own callbacks come before it is painted; a message posted there comes after.
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => (marks.painted = performance.now())
      port2.postMessage(null)
    })
  })
  watcher.observe(document, { childList: true, subtree: true })
}

interface Marks {
  readonly opened: number
  readonly painted: number
}

/** Asked again and again: the page's policy allows none of the library's own ways to wait for a value. */
async function marksOf(page: Page): Promise<Marks> {
  for (const end = Date.now() + LIMIT.timeout; Date.now() < end; await sleep(5)) {
    // A page that is just being left cannot answer.
    const marks = await page.evaluate(() => (window as unknown as { benchMarks?: Partial<Marks> }).benchMarks).catch(() => undefined)
    if (marks?.painted !== undefined && marks.opened !== undefined) return { opened: marks.opened, painted: marks.painted }
  }
  throw new Error(`no rows in ${LIMIT.timeout} ms`)
}

async function withBrowser<T>(use: (context: BrowserContext, page: Page) => Promise<T>): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), 'naru-bench-profile-'))
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const context = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args, viewport: { width: 1280, height: 820 } })
  try {
    return await use(context, context.pages()[0] ?? (await context.newPage()))
  } finally {
    await context.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}

/** Milliseconds from starting the shell's process to painted rows, the browser's own start included. */
async function clickToList(socket: string): Promise<number> {
  const world = makeBenchWorld(socket)
  try {
    const began = performance.now()
    const web = await startWebProcess(world)
    try {
      return await withBrowser(async (context, page) => {
        await context.addInitScript(watchFirstRow, ROW)
        await page.goto(web.address)
        await marksOf(page)
        return performance.now() - began
      })
    } finally {
      await web.stop()
    }
  } finally {
    world.remove()
  }
}

/** The same browser on a page that holds nothing. */
async function emptyPage(address: string): Promise<number> {
  const began = performance.now()
  return withBrowser(async (_context, page) => {
    await page.goto(address)
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)))
    return performance.now() - began
  })
}

async function click(rounds: number): Promise<BenchFigure> {
  const engine = await startFakeEngine({ containers: 30, images: 5 })
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><title>empty</title>'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const pair = await inTurns(rounds, () => clickToList(engine.fake.socketPath), () => emptyPage(address))
    return {
      name: 'click to usable list, web shell',
      figure: pair.ours,
      unit: 'ms',
      yardstick: { what: 'empty page', figure: pair.theirs },
      budget: { of: 'added', most: 300 },
    }
  } finally {
    server.closeAllConnections()
    server.close()
    await engine.close()
  }
}

async function manyContainers(rounds: number): Promise<BenchFigure> {
  const engine = await startFakeEngine({ containers: 500, images: 40 })
  const opened = await openPage(engine.fake.socketPath)
  try {
    const { page } = opened
    await opened.shell.context.addInitScript(watchFirstRow, ROW)
    await goTo(page, '/containers')
    const figure = await repeat(rounds, async () => {
      await page.reload()
      const marks = await marksOf(page)
      return marks.painted - marks.opened
    })
    return { name: '500 containers on screen, from connect', figure, unit: 'ms', budget: { of: 'figure', most: 200 } }
  } finally {
    await opened.close()
    await engine.close()
  }
}

async function atRest(seconds: number): Promise<BenchFigure[]> {
  const engine = await startFakeEngine({ containers: 200, images: 40 })
  const opened = await openPage(engine.fake.socketPath)
  try {
    await goTo(opened.page, '/containers')
    await opened.page.waitForSelector(ROW, LIMIT)
    await sleep(seconds * 1000)
    const room = await residentMegabytes(opened.pid)
    const heap = await heapMegabytes(opened.page)
    return [
      { name: 'memory at rest: engine room RSS + page heap', figure: room + heap, unit: 'MB', budget: { of: 'figure', most: 120 }, hard: true },
      { name: 'memory at rest: page heap alone', figure: heap, unit: 'MB' },
    ]
  } finally {
    await opened.close()
    await engine.close()
  }
}

export async function bench({ quick }: BenchContext): Promise<BenchResult> {
  const rounds = quick ? 1 : 5
  return { figures: [await click(rounds), await manyContainers(quick ? 2 : 9), ...(await atRest(quick ? 3 : 20))] }
}
