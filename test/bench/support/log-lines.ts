/** Log lines of 119 bytes in Docker's framing, as the field notes measured them. */
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const SECONDS = 1_790_000_000
const TEXT = 'the quick brown fox jumps over the lazy dog, again and again; '.repeat(2).slice(0, 108)

/** Frames of `lines` numbered lines, one microsecond apart. */
export function frames(first: number, lines: number): Buffer {
  const parts: string[] = []
  for (let line = first; line < first + lines; line++) {
    const stamp = new Date(SECONDS * 1000 + Math.floor(line / 1000)).toISOString().slice(0, 23)
    const payload = `${stamp}${String(line % 1000).padStart(3, '0')}000Z ${String(line).padStart(10, '0')} ${TEXT}\n`
    parts.push(`\u0001\0\0\0\0\0\0${String.fromCharCode(payload.length)}${payload}`)
  }
  return Buffer.from(parts.join(''), 'latin1')
}

/** Lines made at once; small enough that other work of the process gets its turn. */
const BLOCK = 2_000

/** Writes lines `[first, end)` as fast as the reader takes them. */
export async function writeLines(response: ServerResponse, first: number, end: number): Promise<void> {
  for (let line = first; line < end && !response.destroyed; line += BLOCK) {
    const taken = response.write(frames(line, Math.min(BLOCK, end - line)))
    if (!taken) await new Promise<void>((resolve) => onceEither(response, resolve))
    else await sleep(0)
  }
}

/** Writes `perSecond` lines a second, in small portions, until told to stop; gives the number of the next line. */
export async function writeSteadily(response: ServerResponse, first: number, perSecond: number, going: () => boolean): Promise<number> {
  const began = performance.now()
  let line = first
  while (going() && !response.destroyed) {
    const due = first + Math.floor(((performance.now() - began) / 1000) * perSecond)
    if (due > line) response.write(frames(line, due - line))
    line = Math.max(line, due)
    await sleep(10)
  }
  return line
}

function onceEither(response: ServerResponse, resolve: () => void): void {
  const done = (): void => {
    response.off('drain', done)
    response.off('close', done)
    resolve()
  }
  response.on('drain', done)
  response.on('close', done)
}
