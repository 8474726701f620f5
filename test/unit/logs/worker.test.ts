import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LogMatches } from '../../../engine/contract/models.ts'
import { regexScanners } from '../../../engine/logs/regex-scanner.ts'
import { createLogService } from '../../../engine/logs/service.ts'
import type { LogService } from '../../../engine/logs/service.ts'
import { LogEngine } from '../../support/log-engine.ts'
import { buildLogWorker } from '../../support/worker.ts'
import type { BuiltWorker } from '../../support/worker.ts'

let worker: BuiltWorker
let folder = ''
let engine: LogEngine
let service: LogService
const context = { peerId: 'peer', signal: new AbortController().signal }

beforeAll(async () => {
  worker = await buildLogWorker()
})
afterAll(() => worker.remove())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'naru-logs-'))
  engine = new LogEngine()
  service = createLogService({
    stateFolder: folder,
    workerPath: worker.path,
    memoryBytes: 1024 * 1024,
    connection: () => engine.connection(),
    events: (_, id, signal) => engine.events(id, signal),
    settings: () => ({ logCapBytes: 1024 ** 3 }),
  })
})
afterEach(async () => {
  await service.shutdown()
  rmSync(folder, { recursive: true, force: true })
})

async function openWith(lines: number): Promise<string> {
  const container = engine.add('one')
  for (let line = 0; line < lines; line++) {
    container.entries.push({ stream: 'stdout', seconds: 1_790_000_000, nanos: line, text: `line ${line} ${'a'.repeat(60)}\n` })
  }
  const { viewId } = await service.open({ engineId: 'e', containerIds: ['one'], tail: 10_000_000 }, context)
  for await (const state of service.watch({ viewId }, context)) if (state.endLine === lines) break
  return viewId
}

async function search(viewId: string, query: string, signal = context.signal): Promise<LogMatches | undefined> {
  let last: LogMatches | undefined
  const arg = { viewId, query, regex: true, caseSensitive: true }
  for await (const item of service.search(arg, { ...context, signal })) last = item
  return last
}

describe('in a thread', () => {
  it('holds, spills, shows, searches, and leaves nothing behind', async () => {
    const viewId = await openWith(50_000)
    const shown = await service.window({ viewId, from: 25_000, count: 2 }, context)
    expect(Buffer.from(shown.text).toString()).toContain('line 25000 ')
    expect(readdirSync(join(folder, 'tmp', 'logs')).length).toBe(1)
    expect((await search(viewId, '^line 4\\d{4} '))?.total).toBe(10_000)
    await service.shutdown()
    expect(readdirSync(join(folder, 'tmp', 'logs'))).toEqual([])
  })

  it('ends a search whose reader goes away, and stays useful', async () => {
    const viewId = await openWith(20_000)
    const arg = { viewId, query: 'line', regex: false, caseSensitive: true }
    for await (const item of service.search(arg, context)) {
      expect(item.lines.length).toBeGreaterThan(0)
      break
    }
    const gone = new AbortController()
    gone.abort()
    expect(await search(viewId, 'x', gone.signal)).toBeUndefined()
    expect((await search(viewId, 'line 7 '))?.total).toBe(1)
  })

  it('survives the end of the worker: views fail, the next one works', async () => {
    const broken = createLogService({
      stateFolder: folder,
      workerPath: join(folder, 'no-such-worker.cjs'),
      connection: () => engine.connection(),
      events: (_, id, signal) => engine.events(id, signal),
      settings: () => ({ logCapBytes: 1024 ** 3 }),
    })
    await expect(broken.open({ engineId: 'e', containerIds: ['one'], tail: 1 }, context)).rejects.toMatchObject({
      code: 'internal',
    })
    await broken.shutdown()
    expect(existsSync(worker.path)).toBe(true)
  })
})

describe('patterns', () => {
  const chunk = (text: string) => ({ text: Buffer.from(`${text}\n`), ends: Uint32Array.of(text.length + 1) })
  const query = (pattern: string) => ({ query: pattern, regex: true, caseSensitive: true })

  it('are stopped when they run away', async () => {
    const scanner = regexScanners(worker.path, 500)(query('^(a+)+$'))
    await expect(scanner.scan(chunk('aaaa'))).resolves.toEqual([0])
    await expect(scanner.scan(chunk(`${'a'.repeat(60)}!`))).rejects.toMatchObject({ code: 'timeout', hint: 'pattern-slow' })
    await expect(scanner.scan(chunk('a'))).rejects.toMatchObject({ code: 'timeout' })
    scanner.close()
  })

  it('stop with their search', async () => {
    const scanner = regexScanners(worker.path)(query('^(a+)+$'))
    const scan = scanner.scan(chunk(`${'a'.repeat(60)}!`))
    scanner.close()
    await expect(scan).rejects.toMatchObject({ code: 'cancelled' })
  })
})
