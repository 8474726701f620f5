/** What the page holds after a collection. */
import type { CDPSession, Page } from '@playwright/test'
import type { Send } from './inspector.ts'
import { objectsOf } from './room.ts'

export interface PageFigures {
  /** JavaScript heap in use, KiB. */
  readonly heap: number
  /** JavaScript objects of the page's own world that still live; the test's own worlds are none of it. */
  readonly objects: number
  /** Nodes of the document and of none. */
  readonly nodes: number
  readonly listeners: number
}

const KIB = 1024

/** Gives what reads the figures. The session stays open: opening one leaves something in the page each time. */
export async function watchPage(page: Page): Promise<() => Promise<PageFigures>> {
  const session: CDPSession = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  return async () => {
    for (let round = 0; round < 3; round++) await session.send('HeapProfiler.collectGarbage')
    const objects = await objectsOf(session.send.bind(session) as Send)
    await session.send('HeapProfiler.collectGarbage')
    const { metrics } = await session.send('Performance.getMetrics')
    const of = (name: string): number => metrics.find((each) => each.name === name)?.value ?? Number.NaN
    return { heap: of('JSHeapUsedSize') / KIB, objects, nodes: of('Nodes'), listeners: of('JSEventListeners') }
  }
}
