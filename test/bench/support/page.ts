/** The web shell with a page for measuring: its start, its frames, its heap. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { Settings } from '../../../engine/contract/models.ts'
import { makeWorld } from '../../e2e/support/environment.ts'
import type { World } from '../../e2e/support/environment.ts'
import { startShell } from '../../e2e/support/shells.ts'
import type { Shell } from '../../e2e/support/shells.ts'

/** Rows of the container list. */
export const ROW = '.n-table-row[data-key]'

export interface MeasuredPage {
  readonly page: Page
  readonly shell: Shell
  /** Process of the engine room. */
  readonly pid: number
  /** Folder of the browser's profile; its main process names it. */
  readonly profile: string
  readonly close: () => Promise<void>
}

/** A world that knows one engine; `settings` are the person's. */
export function makeBenchWorld(socket: string, settings: Partial<Settings> = {}): World {
  const world = makeWorld({ sockets: [socket], engine: 'none', env: {} })
  mkdirSync(world.home, { recursive: true, mode: 0o700 })
  writeFileSync(join(world.home, 'settings.json'), JSON.stringify(settings))
  return world
}

/** Opens the web shell on one engine and waits for its first screen. */
export async function openPage(socket: string, settings: Partial<Settings> = {}): Promise<MeasuredPage> {
  const world = makeBenchWorld(socket, settings)
  try {
    // Figures only: the specs look for breaches of the policy.
    const shell = await startShell('web', world, () => undefined)
    const close = async (): Promise<void> => {
      await shell.close()
      world.remove()
    }
    return { page: shell.page, shell, pid: shell.pid, profile: join(world.user, 'profile'), close }
  } catch (error) {
    world.remove()
    throw error
  }
}

/** Leads the app to one of its addresses (`/containers`). */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash
  }, `#${path}`)
}

/** Milliseconds between frames for `ms`, while the page scrolls an element up and down if told so. */
export async function frameTimes(page: Page, ms: number, scroll?: { selector: string; pixels: number }): Promise<number[]> {
  return page.evaluate(
    ({ ms, scroll }) =>
      new Promise<number[]>((resolve) => {
        const gaps: number[] = []
        const element = scroll ? document.querySelector(scroll.selector) : null
        let direction = 1
        let last = 0
        let first = 0
        const frame = (now: number) => {
          if (last > 0) gaps.push(now - last)
          first ||= now
          last = now
          if (element && scroll) {
            const end = element.scrollHeight - element.clientHeight
            if (element.scrollTop >= end - 1) direction = -1
            else if (element.scrollTop <= 0) direction = 1
            element.scrollTop += direction * scroll.pixels
          }
          if (now - first < ms) requestAnimationFrame(frame)
          else resolve(gaps)
        }
        requestAnimationFrame(frame)
      }),
    { ms, scroll: scroll ?? null },
  )
}

/**
 * Processor time of the page's main thread, ms, for each frame that is scrolled meanwhile. Unlike the time between frames
 * it does not count what else the machine does.
 */
export async function workPerFrame(page: Page, ms: number, scroll: { selector: string; pixels: number }): Promise<number> {
  const session = await page.context().newCDPSession(page)
  try {
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    const busy = async (): Promise<number> => {
      const { metrics } = await session.send('Performance.getMetrics')
      return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000
    }
    const before = await busy()
    const frames = await frameTimes(page, ms, scroll)
    return ((await busy()) - before) / frames.length
  } finally {
    await session.detach()
  }
}

/** JavaScript heap in use after a collection, MB. */
export async function heapMegabytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  try {
    await session.send('HeapProfiler.collectGarbage')
    const { usedSize } = await session.send('Runtime.getHeapUsage')
    return usedSize / 1e6
  } finally {
    await session.detach()
  }
}
