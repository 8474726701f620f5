import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LogHistogram, LogViewState } from '../../../engine/contract/models.ts'
import { createLogService } from '../../../engine/logs/service.ts'
import type { LogService } from '../../../engine/logs/service.ts'
import { LogEngine } from '../../support/log-engine.ts'
import type { LogContainer } from '../../support/log-engine.ts'
import { roomInThread } from '../../support/room.ts'

const SECONDS = 1_790_000_000
let folder = ''
let engine: LogEngine
let service: LogService
const context = { peerId: 'peer', signal: new AbortController().signal }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'naru-logs-'))
  engine = new LogEngine()
  service = createLogService({
    stateFolder: folder,
    workerPath: '',
    port: roomInThread,
    connection: () => engine.connection(),
    events: (_, id, signal) => engine.events(id, signal),
    settings: () => ({ logCapBytes: 64 * 1024 * 1024 }),
  })
})
afterEach(async () => {
  await service.shutdown()
  rmSync(folder, { recursive: true, force: true })
})

/** Prints numbered lines; several share a stamp, the streams alternate irregularly. */
function produce(container: LogContainer, from: number, count: number): void {
  for (let line = from; line < from + count; line++) {
    const step = Math.floor(line / 3)
    container.print({
      stream: line % 7 < 2 ? 'stderr' : 'stdout',
      seconds: SECONDS + Math.floor(step / 100),
      nanos: (step % 100) * 10_000_000,
      text: `line ${line}\n`,
    })
  }
}

const open = async (ids: string[], tail = 1000) =>
  (await service.open({ engineId: 'e', containerIds: ids, tail }, context)).viewId

async function texts(viewId: string, from = 0): Promise<string[]> {
  const all: string[] = []
  for (;;) {
    const shown = await service.window({ viewId, from: from + all.length, count: 2000 }, context)
    if (shown.flags.length === 0) return all
    const bytes = Buffer.from(shown.text)
    for (const [index, end] of shown.ends.entries()) {
      all.push(bytes.subarray(index ? shown.ends[index - 1] : 0, end).toString())
    }
  }
}

async function until(viewId: string, wanted: (state: LogViewState) => boolean): Promise<LogViewState> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), 8000)
  let last: LogViewState | undefined
  try {
    for await (const state of service.watch({ viewId }, { ...context, signal: stop.signal })) {
      last = state
      if (wanted(state)) return state
    }
  } finally {
    clearTimeout(timer)
  }
  throw new Error(`never came: ${JSON.stringify(last)}`)
}

const numbers = (lines: readonly string[]) => lines.map((line) => Number(line.split(' ')[1]))
const range = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)

describe('a container that joins', () => {
  it('is read from its first line on, merged, told apart, filtered by, and followed', async () => {
    const [first, second] = [engine.add('one'), engine.add('two')]
    produce(first, 0, 100)
    const viewId = await open(['one'], 50)
    await until(viewId, (now) => now.status === 'following' && now.endLine === 50)
    for (let line = 0; line < 30; line++) second.print({ stream: 'stdout', seconds: SECONDS + 100, nanos: line, text: `joined ${line}\n` })
    await service.join({ viewId, containerIds: ['two'] }, context)
    const state = await until(viewId, (now) => now.status === 'following' && now.endLine === 80)
    expect(state.moreBefore).toBe(true)
    produce(first, 100, 10)
    second.print({ stream: 'stdout', seconds: SECONDS + 101, nanos: 0, text: 'joined 30\n' })
    await until(viewId, (now) => now.endLine === 91)
    const shown = await service.window({ viewId, from: 0, count: 200 }, context)
    expect([...(shown.sources ?? [])].filter((source) => source === 1)).toHaveLength(31)
    const filter = { include: [], exclude: [], levels: [], stream: 'all' as const, sources: [1], context: 0, fromLine: 0, since: null, until: null }
    const { filterId } = await service.filter({ viewId, filter }, context)
    const filtered = await until(viewId, (now) => now.filter?.id === filterId && now.filter.scanned === 1)
    expect(filtered.filter).toMatchObject({ passed: 31 })
    await expect(service.join({ viewId, containerIds: Array.from({ length: 199 }, (_, n) => `c${n}`) }, context)).rejects.toMatchObject({ code: 'invalid-request' })
  })
})

describe('the histogram', () => {
  const sum = ({ counts }: LogHistogram) => counts.reduce((total, count) => total + count, 0)
  const ask = { filter: null, since: null, until: null, bars: 100 }

  it('grows with the log; the newest reader has it', async () => {
    const container = engine.add('one')
    produce(container, 0, 300)
    const viewId = await open(['one'])
    const first = service.histogram({ viewId, ...ask }, context)
    let seen = 0
    for await (const item of first) {
      seen = sum(item)
      if (seen === 300) break
    }
    expect(seen).toBe(300)
    const old = service.histogram({ viewId, ...ask }, context)[Symbol.asyncIterator]()
    expect((await old.next()).done).toBe(false)
    const next = service.histogram({ viewId, ...ask }, context)[Symbol.asyncIterator]()
    expect((await next.next()).done).toBe(false)
    produce(container, 300, 20)
    let last: LogHistogram | undefined
    while (!last || sum(last) < 320) last = (await next.next()).value as LogHistogram
    expect(sum(last)).toBe(320)
    for (let ended = false; !ended; ) ended = (await old.next()).done === true
    await next.return?.(undefined)
  })

  it('a place is a row of the filter, its line, or the last when all are before', async () => {
    produce(engine.add('one'), 0, 300)
    const viewId = await open(['one'])
    await until(viewId, (now) => now.endLine === 300)
    const filter = { include: [{ query: '0', regex: false, caseSensitive: false }], exclude: [], levels: [], stream: 'all' as const, sources: [], context: 0, fromLine: 0, since: null, until: null }
    const { filterId } = await service.filter({ viewId, filter }, context)
    await until(viewId, (now) => now.filter?.id === filterId && now.filter.scanned === 1)
    expect(await service.place({ viewId, filterId, at: { line: 15 } }, context)).toMatchObject({ row: 2, line: 15 })
    expect(await service.place({ viewId, filterId, at: { time: 4e12 } }, context)).toMatchObject({ line: 299 })
    expect(await service.place({ viewId, at: { time: 0 } }, context)).toEqual({ row: 0, folded: false, line: 0, firstTime: SECONDS * 1000 })
  })
})

describe('following', () => {
  it('begins at the tail and goes on', async () => {
    const container = engine.add('one')
    produce(container, 0, 500)
    const viewId = await open(['one'], 100)
    const state = await until(viewId, (now) => now.status === 'following' && now.endLine === 100)
    expect(state).toMatchObject({ firstLine: 0, droppedLines: 0, moreBefore: true })
    produce(container, 500, 50)
    await until(viewId, (now) => now.endLine === 150)
    expect(numbers(await texts(viewId))).toEqual(range(150, 400))
  })

  it('begins at a time when asked to, and says that more may be before', async () => {
    const container = engine.add('one')
    produce(container, 0, 3_000)
    const since = (SECONDS + 7) * 1000 + 300
    const { viewId } = await service.open({ engineId: 'e', containerIds: ['one'], tail: 0, since }, context)
    const state = await until(viewId, (now) => now.status === 'following' && now.endLine > 0)
    expect(state.moreBefore).toBe(true)
    const { line, firstTime } = await service.place({ viewId, at: { time: since } }, context)
    expect(firstTime).toBeLessThanOrEqual(since)
    expect((await texts(viewId, line))[0]).toBe('line 2190')
    expect(numbers(await texts(viewId)).at(-1)).toBe(2_999)
  })

  it('knows that nothing is before a short log', async () => {
    produce(engine.add('one'), 0, 10)
    expect((await until(await open(['one']), (now) => now.status === 'following')).moreBefore).toBe(false)
  })

  it('survives restarts of the container', async () => {
    const container = engine.add('one')
    let made = 0
    const viewId = await open(['one'], 100)
    for (let life = 0; life < 5; life++) {
      produce(container, made, 37)
      made += 37
      container.stop()
      await until(viewId, (now) => now.status === 'ended' && now.endLine === made)
      container.start()
    }
    produce(container, made, 5)
    await until(viewId, (now) => now.endLine === made + 5)
    expect(numbers(await texts(viewId))).toEqual(range(made + 5))
  })

  it.each(['docker', 'podman'] as const)('neither loses nor repeats a line when the engine dies again and again (%s)', async (style) => {
    const container = engine.add('one')
    container.style = style
    const viewId = await open(['one'], 100_000)
    let made = 0
    for (let round = 0; round < 12; round++) {
      produce(container, made, 211)
      made += 211
      if (round % 3 === 0) await until(viewId, (now) => now.endLine > made - 300)
      engine.kill()
      produce(container, made, 50)
      made += 50
      engine.revive()
    }
    await until(viewId, (now) => now.endLine >= made)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const seen = numbers(await texts(viewId))
    if (style === 'docker') expect(seen).toEqual(range(made))
    else expect([...seen].sort((one, other) => one - other)).toEqual(range(made))
  })

  it('says that it reconnects, and why', async () => {
    const container = engine.add('one')
    produce(container, 0, 3)
    const viewId = await open(['one'])
    await until(viewId, (now) => now.status === 'following')
    engine.kill()
    const state = await until(viewId, (now) => now.status === 'reconnecting')
    expect(state.error?.code).toBe('engine.unreachable')
    engine.revive()
    expect((await until(viewId, (now) => now.status === 'following')).error).toBeUndefined()
  })

  it('keeps the last words without newline of an ended container', async () => {
    const container = engine.add('one')
    container.print({ stream: 'stdout', seconds: SECONDS, nanos: 1, text: 'whole\n' })
    container.print({ stream: 'stdout', seconds: SECONDS, nanos: 2, text: 'last words' })
    const viewId = await open(['one'])
    await until(viewId, (now) => now.status === 'following')
    container.stop()
    await until(viewId, (now) => now.status === 'ended' && now.endLine === 2)
    container.print({ stream: 'stdout', seconds: SECONDS, nanos: 3, text: 'new life\n' })
    container.start()
    await until(viewId, (now) => now.endLine === 3)
    expect(await texts(viewId)).toEqual(['whole', 'last words', 'new life'])
  })

  it('waits for an ended container without asking again and again', async () => {
    const container = engine.add('one')
    container.running = false
    const viewId = await open(['one'])
    await until(viewId, (now) => now.status === 'ended')
    const { requests } = engine
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(engine.requests).toBe(requests)
  })
})

describe('what cannot be followed', () => {
  it('names a driver that cannot be read', async () => {
    engine.add('one').driver = 'none'
    const state = await until(await open(['one']), (now) => now.status === 'failed')
    expect(state.error).toMatchObject({ code: 'unsupported', hint: 'log-driver', params: { driver: 'none' } })
  })

  it('tells a container that never was from one that went', async () => {
    expect((await until(await open(['nobody']), (now) => now.status === 'failed')).error?.code).toBe('not-found')
    const container = engine.add('one')
    produce(container, 0, 3)
    const viewId = await open(['one'])
    await until(viewId, (now) => now.status === 'following')
    container.gone = true
    container.stop()
    expect((await until(viewId, (now) => now.status === 'ended')).endLine).toBe(3)
  })
})

describe('views', () => {
  it('merges containers by time and tells them apart', async () => {
    const [one, two] = [engine.add('one'), engine.add('two')]
    for (let line = 0; line < 400; line++) {
      const which = line % 3 === 0 ? one : two
      which.print({ stream: 'stdout', seconds: SECONDS + line, nanos: 0, text: `line ${line}\n` })
    }
    const viewId = await open(['one', 'two'])
    await until(viewId, (now) => now.endLine === 400)
    expect(numbers(await texts(viewId))).toEqual(range(400))
    const shown = await service.window({ viewId, from: 0, count: 6 }, context)
    expect([...(shown.sources ?? [])]).toEqual([0, 1, 1, 0, 1, 1])
  })

  it('searches and exports', async () => {
    produce(engine.add('one'), 0, 300)
    const viewId = await open(['one'])
    await until(viewId, (now) => now.endLine === 300)
    const found: number[] = []
    for await (const item of service.search({ viewId, query: 'LINE 29', regex: false, caseSensitive: false }, context)) {
      found.push(...item.lines)
    }
    expect(found).toEqual([29, ...range(10, 290)])
    const parts: Uint8Array[] = []
    for await (const part of service.export({ viewId, timestamps: false, stripAnsi: false }, context)) parts.push(part)
    expect(Buffer.concat(parts).toString()).toBe(range(300).map((line) => `line ${line}\n`).join(''))
    const bad = service.search({ viewId, query: '[', regex: true, caseSensitive: false }, context)
    await expect(bad[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'invalid-request' })
  })

  it('belong to the peer that opened them, and go with it', async () => {
    produce(engine.add('one'), 0, 3)
    const viewId = await open(['one'])
    const stranger = { ...context, peerId: 'other' }
    await expect(service.window({ viewId, from: 0, count: 1 }, stranger)).rejects.toMatchObject({ code: 'not-found' })
    await service.closePeer('peer')
    await expect(service.window({ viewId, from: 0, count: 1 }, context)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('end their watches when closed', async () => {
    produce(engine.add('one'), 0, 3)
    const viewId = await open(['one'])
    const watch = service.watch({ viewId }, context)[Symbol.asyncIterator]()
    await watch.next()
    const ended = vi.waitUntil(async () => (await watch.next()).done)
    await service.close({ viewId }, context)
    expect(await ended).toBe(true)
  })

  it('spill below the state folder and clean up', async () => {
    const container = engine.add('one')
    for (let line = 0; line < 60; line++) {
      container.print({ stream: 'stdout', seconds: SECONDS + line, nanos: 0, text: `${'z'.repeat(1024 * 1024)}\n` })
    }
    const viewId = await open(['one'])
    await until(viewId, (now) => now.endLine === 60)
    expect(existsSync(join(folder, 'tmp', 'logs'))).toBe(true)
    const before = (await service.window({ viewId, from: 0, count: 1 }, context)).text.length
    expect(before).toBe(1024 * 1024)
  })

  it('keep nothing open for somebody who gave up asking: nobody could ever close it', async () => {
    engine.add('one')
    const abort = new AbortController()
    const opening = service.open({ engineId: 'e', containerIds: ['one'], tail: 10 }, { ...context, signal: abort.signal })
    abort.abort()
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' })
    for (let n = 0; n < 64; n++) await open(['one'])
  })
})
