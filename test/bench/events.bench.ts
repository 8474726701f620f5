/** From an event of the engine to the changed row on screen, on a real daemon. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import { startBenchEngine, whyNoDockerd } from './support/engine.ts'
import type { BenchEngine } from './support/engine.ts'
import { percentile } from './support/figure.ts'
import type { BenchContext, BenchResult } from './support/figure.ts'
import { goTo, openPage, ROW } from './support/page.ts'

interface Change {
  readonly text: string
  /** Milliseconds since 1970, after the frame with the change was painted. */
  readonly at: number
}

/** Notes every text the state of a row takes, with the time it was on screen. */
async function watchState(page: Page, id: string): Promise<void> {
  await page.evaluate((key) => {
    const changes: { text: string; at: number }[] = []
    Object.assign(window, { benchChanges: changes })
    let last = ''
    const look = (): void => {
      const text = document.querySelector(`[data-key="${key}"] .state .main`)?.textContent ?? ''
      if (text === last) return
      last = text
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => changes.push({ text, at: Date.now() })
      port2.postMessage(null)
    }
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true })
  }, id)
}

const changesOf = (page: Page): Promise<Change[]> =>
  page.evaluate(() => (window as unknown as { benchChanges: { text: string; at: number }[] }).benchChanges.splice(0))

interface Seen {
  readonly action: string
  /** Milliseconds since 1970, as the engine stamped it. */
  readonly at: number
}

/** Collects the container's `start` and `die` events until `signal`. */
async function collectEvents(engine: BenchEngine, id: string, seen: Seen[], signal: AbortSignal): Promise<void> {
  try {
    for await (const event of engine.client.events({ signal })) {
      const action = event.Action ?? event.status ?? ''
      if ((event.Actor?.ID ?? event.id) === id && /^(start|die)$/.test(action)) seen.push({ action, at: (event.timeNano ?? Number.NaN) / 1e6 })
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Starts or ends the container; gives milliseconds from event and from reply to the row that shows it. */
async function once(work: () => Promise<unknown>, page: Page, seen: Seen[]): Promise<{ event: number; reply: number }> {
  seen.length = 0
  await changesOf(page)
  await work()
  const replied = Date.now()
  const changes: Change[] = []
  for (const end = Date.now() + 5_000; Date.now() < end && (changes.length === 0 || seen.length === 0); await sleep(10)) {
    changes.push(...(await changesOf(page)))
  }
  const [change] = changes
  const [event] = seen
  if (!change || !event) throw new Error('the row did not change within 5 s')
  return { event: change.at - event.at, reply: change.at - replied }
}

export async function bench({ quick }: BenchContext): Promise<BenchResult> {
  if (whyNoDockerd) return { figures: [], notes: [`events: ${whyNoDockerd}`] }
  const engine = await startBenchEngine()
  const stop = new AbortController()
  try {
    const others = await Promise.all(Array.from({ length: 20 }, (_, at) => engine.create('sleep 9999', { name: `other-${at}` })))
    const id = await engine.create('trap "exit 0" TERM; while :; do sleep 9999 & wait $!; done', { name: 'subject', network: 'bridge' })
    const opened = await openPage(engine.socketPath)
    const seen: Seen[] = []
    const collecting = collectEvents(engine, id, seen, stop.signal)
    try {
      const { page } = opened
      await goTo(page, '/containers')
      await page.waitForSelector(`${ROW.replace('[data-key]', '')}[data-key="${id}"]`, { timeout: 30_000 })
      await watchState(page, id)
      const events: number[] = []
      const replies: number[] = []
      for (let round = 0; round < (quick ? 3 : 40); round++) {
        for (const work of [() => engine.client.startContainer(id), () => engine.client.stopContainer(id, 1)]) {
          const { event, reply } = await once(work, page, seen)
          // The first round opens what later ones find open.
          if (round > 0) {
            events.push(event)
            replies.push(reply)
          }
          // Calm between changes, not the rhythm of the storm window.
          await sleep(300 + Math.random() * 100)
        }
      }
      return {
        figures: [
          { name: 'event to changed row on screen, p95', figure: percentile(events, 0.95), unit: 'ms', budget: { of: 'figure', most: 100 } },
          { name: 'event to changed row on screen, median', figure: percentile(events, 0.5), unit: 'ms' },
          { name: "engine's reply to changed row, p95", figure: percentile(replies, 0.95), unit: 'ms' },
        ],
        notes: [`${events.length} starts and stops beside ${others.length} other containers`],
      }
    } finally {
      stop.abort()
      await collecting
      await opened.close()
    }
  } finally {
    await engine.close()
  }
}
