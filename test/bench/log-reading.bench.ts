/** Reading a long log of a real daemon against `docker logs`, alone and through everything up to the view. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import { createLogService } from '../../engine/logs/service.ts'
import type { LogService } from '../../engine/logs/service.ts'
import { CACHE } from '../e2e/support/environment.ts'
import { buildLogWorker } from '../support/worker.ts'
import { startBenchEngine, whyNoDockerd } from './support/engine.ts'
import type { BenchEngine } from './support/engine.ts'
import { inTurns } from './support/figure.ts'
import type { BenchContext, BenchResult } from './support/figure.ts'

const LIMIT_MS = 300_000
/** As long as the others, its time stamp included. */
const TEXT = 'the quick brown fox jumps over the lazy dog, again and again; the quick brown fox jumps'

/** Lines per second of `docker logs` with its output thrown away. */
function dockerLogs(engine: BenchEngine, id: string, lines: number): Promise<number> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(join(CACHE, 'engine/bin/docker'), ['-H', `unix://${engine.socketPath}`, 'logs', '--timestamps', id], { stdio: 'ignore' })
    child.once('error', reject)
    child.once('exit', (code) => {
      if (code === 0) resolve((lines / (performance.now() - began)) * 1000)
      else reject(new Error(`docker logs ended with ${code}`))
    })
  })
}

/** Lines per second of the client alone, its bytes thrown away. */
async function clientAlone(client: EngineClient, id: string, lines: number): Promise<number> {
  const began = performance.now()
  let bytes = 0
  for await (const piece of client.logs(id, { follow: false, timestamps: true, signal: AbortSignal.timeout(LIMIT_MS) })) bytes += piece.length
  if (bytes === 0) throw new Error('no log')
  return (lines / (performance.now() - began)) * 1000
}

/** Lines per second until the view holds them all: client, worker, frame machine, store. */
async function throughService(service: LogService, id: string, lines: number): Promise<number> {
  const context = { peerId: 'bench', signal: AbortSignal.timeout(LIMIT_MS) }
  const began = performance.now()
  const { viewId } = await service.open({ engineId: 'bench', containerIds: [id], tail: 10_000_000 }, context)
  for await (const state of service.watch({ viewId }, context)) {
    if (state.status === 'failed') throw new Error(state.error?.message)
    if (state.endLine >= lines) break
  }
  const took = performance.now() - began
  await service.close({ viewId }, context)
  return (lines / took) * 1000
}

/** A stopped container that printed that many lines. */
async function talker(engine: BenchEngine, lines: number): Promise<string> {
  const script = `i=0; while [ $i -lt 1000 ]; do echo "$i ${TEXT}"; i=$((i+1)); done > /lines; i=0; while [ $i -lt ${lines / 1000} ]; do cat /lines; i=$((i+1)); done`
  const id = await engine.create(script)
  await engine.client.startContainer(id)
  for (const end = Date.now() + LIMIT_MS; ; await sleep(200)) {
    const { State } = await engine.client.inspectContainer(id)
    if (State.Status === 'exited') return id
    if (Date.now() > end) throw new Error('the container did not end')
  }
}

export async function bench({ quick }: BenchContext): Promise<BenchResult> {
  if (whyNoDockerd) return { figures: [], notes: [`reading logs: ${whyNoDockerd}`] }
  const lines = quick ? 100_000 : 1_000_000
  const rounds = quick ? 1 : 5
  const engine = await startBenchEngine()
  const worker = await buildLogWorker()
  const folder = mkdtempSync(join(tmpdir(), 'naru-bench-logs-'))
  const forever = new AbortController().signal
  const service = createLogService({
    stateFolder: folder,
    workerPath: worker.path,
    connection: () => ({ client: engine.client, signal: forever }),
    events: (_, _id, signal) => engine.client.events({ signal }),
    settings: () => ({ logCapBytes: 1024 ** 3 }),
  })
  try {
    const id = await talker(engine, lines)
    const theirs = () => dockerLogs(engine, id, lines)
    const view = await inTurns(rounds, () => throughService(service, id, lines), theirs)
    const alone = await inTurns(rounds, () => clientAlone(engine.client, id, lines), theirs)
    return {
      figures: [
        {
          name: 'logs: reading into a view',
          figure: view.ours,
          unit: 'lines/s',
          yardstick: { what: 'docker logs', figure: view.theirs },
          budget: { of: 'ratio', least: 0.9 },
        },
        { name: 'logs: the client alone', figure: alone.ours, unit: 'lines/s', yardstick: { what: 'docker logs', figure: alone.theirs } },
      ],
    }
  } finally {
    await service.shutdown()
    await worker.remove()
    rmSync(folder, { recursive: true, force: true })
    await engine.close()
  }
}
