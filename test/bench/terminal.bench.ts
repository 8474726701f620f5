/** Terminals: bytes on screen through exec, engine room and link against xterm.js fed directly in the same page; a flood nobody stops. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { startBenchEngine, whyNoDockerd } from './support/engine.ts'
import type { BenchEngine } from './support/engine.ts'
import { inTurns, percentile, repeat } from './support/figure.ts'
import type { BenchContext, BenchResult } from './support/figure.ts'
import { frameTimes, goTo, heapMegabytes, openPage } from './support/page.ts'
import { residentMegabytes } from './support/processes.ts'

/** 63 characters, so that a line has 64 bytes, and 65 once its terminal has put a carriage return before the line feed. */
const TEXT = 'the quick brown fox jumps over the lazy dog again and again and'
const LINE = TEXT.length + 1
const INPUT = '[data-terminal] textarea'
const MEGA = 1_000_000

/** What the page needs for both ways; made once. */
async function prepare(page: Page): Promise<void> {
  // The terminal's own library a second time: the app keeps its to itself.
  await page.evaluate(await readFile(join(import.meta.dirname, '../../node_modules/@xterm/xterm/lib/xterm.js'), 'utf8'))
  await page.evaluate(() => {
    /** Milliseconds until `mark` was painted in `root`, from now. */
    const painted = (root: Element, mark: string): Promise<number> => {
      const began = performance.now()
      return new Promise((resolve) => {
        const look = (): void => {
          if (root.textContent.includes(mark)) requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)))
          else requestAnimationFrame(look)
        }
        look()
      })
    }
    Object.assign(window, { bench: { painted } })
  })
}

type InPage = { bench: { painted(root: Element, mark: string): Promise<number>; wait?: Promise<number> } }

/** Bytes a second from Enter to the painted end, through the product. */
async function through(page: Page, bytes: number, mark: string): Promise<number> {
  await page.focus(INPUT)
  await page.keyboard.type(`sh /flood ${bytes} ${mark}`)
  await page.evaluate((wanted) => {
    const { bench } = window as unknown as InPage
    const root = document.querySelector('[data-terminal] .xterm-rows')
    if (root) bench.wait = bench.painted(root, `end-${wanted}`)
  }, mark)
  await page.keyboard.press('Enter')
  const ms = await page.evaluate(() => (window as unknown as InPage).bench.wait)
  return onScreen(bytes) / ((ms ?? Number.NaN) / 1_000)
}

/** The same bytes written to a terminal of the same size over the same place, as fast as it takes them. */
async function direct(page: Page, size: Size, bytes: number, mark: string): Promise<number> {
  const ms = await page.evaluate(
    async ({ text, lines, mark, columns, rows }) => {
      const { bench, Terminal } = window as unknown as InPage & { Terminal: new (options: object) => DirectTerminal }
      interface DirectTerminal {
        open(host: Element): void
        write(bytes: Uint8Array, done: () => void): void
        dispose(): void
      }
      const box = document.querySelector('[data-terminal]')?.getBoundingClientRect()
      const host = document.createElement('div')
      Object.assign(host.style, { position: 'fixed', zIndex: '1000', left: `${box?.left}px`, top: `${box?.top}px`, width: `${box?.width}px`, height: `${box?.height}px`, background: '#111' })
      document.body.append(host)
      const terminal = new Terminal({ cols: columns, rows, scrollback: 10_000, fontSize: 13, lineHeight: 1.2 })
      terminal.open(host)
      const encoder = new TextEncoder()
      const block = encoder.encode(`${text}\r\n`.repeat(1_000))
      const end = encoder.encode(`end-${mark}\r\n`)
      const took = bench.painted(host, `end-${mark}`)
      const write = (piece: Uint8Array): Promise<void> => new Promise((resolve) => terminal.write(piece, resolve))
      // Two pieces ahead: it never runs dry, and never drops.
      let last = Promise.resolve()
      for (let done = 0; done < lines; done += 1_000) {
        const next = write(block.subarray(0, Math.min(1_000, lines - done) * (text.length + 2)))
        await last
        last = next
      }
      await write(end)
      const ms = await took
      terminal.dispose()
      host.remove()
      return ms
    },
    { text: TEXT, lines: Math.floor(bytes / LINE), mark, ...size },
  )
  return onScreen(bytes) / (ms / 1_000)
}

/** Bytes a second of the same command's connection, read and dropped: more no way to the screen can be. */
async function alone({ client }: BenchEngine, id: string, bytes: number): Promise<number> {
  const execId = await client.createExec(id, { Cmd: ['/bin/sh', '/flood', String(bytes), 'alone'] })
  const began = performance.now()
  const socket = await client.startExec(execId)
  for await (const piece of socket) void piece
  return onScreen(bytes) / ((performance.now() - began) / 1_000)
}

interface Size {
  readonly columns: number
  readonly rows: number
}

/** The terminal's size, as the program in it is told. */
async function sizeOf(page: Page): Promise<Size> {
  await page.focus(INPUT)
  await page.keyboard.type('/bin/busybox stty size | /bin/busybox sed "s/ /x/;s/^/is /"\n')
  const told = page.locator('[data-terminal] .xterm-rows').getByText(/^is \d+x\d+/)
  const [, rows, columns] = /is (\d+)x(\d+)/.exec(await told.innerText()) ?? []
  return { columns: Number(columns), rows: Number(rows) }
}

const onScreen = (bytes: number): number => bytes + Math.floor(bytes / LINE)

export async function bench({ quick }: BenchContext): Promise<BenchResult> {
  if (whyNoDockerd) return { figures: [], notes: [`terminal: ${whyNoDockerd}`] }
  const engine = await startBenchEngine()
  try {
    const flood = `/bin/busybox printf '/bin/busybox yes "${TEXT}" | /bin/busybox head -c $1; echo "end-$2"' > /flood; sleep 9999`
    const id = await engine.create(flood, { name: 'flood' })
    await engine.client.startContainer(id)
    const opened = await openPage(engine.socketPath)
    try {
      const { page } = opened
      await goTo(page, `/containers/${id}?tab=terminal`)
      await page.getByRole('textbox', { name: 'Command' }).fill('/bin/sh')
      await page.getByRole('button', { name: 'Open terminal' }).click()
      await page.waitForSelector(INPUT)
      // Keys typed before its first output is drawn would be lost.
      await page.locator('[data-terminal] .xterm-rows').getByText('#').first().waitFor()
      await prepare(page)
      const bytes = (quick ? 2 : 16) * MEGA
      const size = await sizeOf(page)
      let round = 0
      const rate = await inTurns(quick ? 1 : 5, () => through(page, bytes, `a${round++}`), () => direct(page, size, bytes, `b${round++}`))

      const engineRate = await repeat(quick ? 1 : 3, () => alone(engine, id, bytes))

      const before = { room: await residentMegabytes(opened.pid), heap: await heapMegabytes(page) }
      await page.focus(INPUT)
      await page.keyboard.type(`/bin/busybox yes "${TEXT}"\n`)
      const frames = await frameTimes(page, quick ? 3_000 : 20_000)
      const during = await residentMegabytes(opened.pid)
      const pressed = Date.now()
      await page.keyboard.press('Control+C')
      await page.keyboard.type('echo qui""et\n')
      await page.locator('[data-terminal] .xterm-rows').getByText('quiet', { exact: true }).waitFor({ timeout: 30_000 })
      const stopped = Date.now() - pressed
      const heap = await heapMegabytes(page)
      return {
        figures: [
          { name: 'terminal: bytes on screen', figure: rate.ours / MEGA, unit: 'MB/s', yardstick: { what: 'xterm.js fed directly', figure: rate.theirs / MEGA } },
          { name: '… the engine alone gives', figure: engineRate / MEGA, unit: 'MB/s' },
          { name: 'terminal: `yes` unstopped, engine room RSS growth', figure: during - before.room, unit: 'MB', budget: { of: 'figure', most: 64 }, hard: true },
          { name: '… page heap growth', figure: heap - before.heap, unit: 'MB', budget: { of: 'figure', most: 48 }, hard: true },
          { name: '… frame p99', figure: percentile(frames, 0.99), unit: 'ms' },
          { name: '… Ctrl+C to the answer of the next command', figure: stopped, unit: 'ms' },
        ],
        notes: [`${bytes / MEGA} MB a run`],
      }
    } finally {
      await opened.close()
    }
  } finally {
    await engine.close()
  }
}
