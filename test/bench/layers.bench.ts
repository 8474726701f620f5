/** Analysis of a large image on a real daemon against `docker save` into nothing, and the memory it takes. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pack } from 'tar-stream'
import { LayerService } from '../../engine/layers/service.ts'
import { imageIdOf } from '../../engine/state/normalise.ts'
import { CACHE } from '../e2e/support/environment.ts'
import { buildLayerWorker } from '../support/worker.ts'
import { startBenchEngine, whyNoDockerd } from './support/engine.ts'
import type { BenchEngine } from './support/engine.ts'
import { inTurns } from './support/figure.ts'
import type { BenchContext, BenchResult } from './support/figure.ts'

const MIB = 1024 * 1024
const SMALL = 16 * 1024

/** Half the bytes in files of 1 MiB, half in files of 16 KiB, none of them alike. */
async function* fileSystem(bytes: number): AsyncGenerator<Uint8Array> {
  const tar = pack()
  const noise = randomBytes(2 * MIB)
  const write = async (): Promise<void> => {
    for (let at = 0; at < bytes; at += 2 * MIB) {
      const folder = `usr/share/part-${Math.floor(at / (128 * MIB))}`
      const put = (name: string, content: Buffer) => new Promise<void>((resolve, reject) => tar.entry({ name: `${folder}/${name}` }, content, (error) => (error ? reject(error) : resolve())))
      const shift = (at / MIB) % MIB
      await put(`big-${at}`, noise.subarray(shift, shift + MIB))
      for (let small = 0; small < MIB; small += SMALL) await put(`small-${at}-${small}`, noise.subarray(shift + small + 7, shift + small + 7 + SMALL))
    }
    tar.finalize()
  }
  const writing = write()
  yield* tar as AsyncIterable<Uint8Array>
  await writing
}

/** Makes an image of one layer, as `docker import -` does; gives its id. */
async function importImage(engine: BenchEngine, name: string, bytes: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    const sent = request({ socketPath: engine.socketPath, method: 'POST', path: `/images/create?fromSrc=-&repo=${name}&tag=1` }, (response) => {
      response.resume().once('end', resolve)
    })
    sent.once('error', reject)
    pipeline(Readable.from(fileSystem(bytes)), sent).catch(reject)
  })
  return imageIdOf((await engine.client.inspectImage(`${name}:1`)).Id)
}

/** Bytes per second of `docker save` with its output thrown away; `bytes` of the archive. */
function dockerSave(engine: BenchEngine, id: string, bytes: number): Promise<number> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(join(CACHE, 'engine/bin/docker'), ['-H', `unix://${engine.socketPath}`, 'save', id], { stdio: ['ignore', 'ignore', 'inherit'] })
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve((bytes / (performance.now() - began)) * 1000) : reject(new Error(`docker save ended with ${code}`))))
  })
}

export async function bench({ quick }: BenchContext): Promise<BenchResult> {
  if (whyNoDockerd) return { figures: [], notes: [`layers: ${whyNoDockerd}`] }
  const large = quick ? 64 * MIB : 2048 * MIB
  const rounds = quick ? 1 : 3
  const engine = await startBenchEngine()
  const worker = await buildLayerWorker()
  const forever = new AbortController().signal
  /** Analyses once; bytes per second and growth of this process, worker included. */
  const analyse = async (imageId: string): Promise<{ speed: number; bytes: number; growth: number }> => {
    const service = new LayerService({ workerPath: worker.path, connection: () => ({ client: engine.client, signal: forever }) })
    globalThis.gc?.()
    const before = process.memoryUsage().rss
    let peak = before
    const of = { engineId: 'bench', imageId }
    const began = performance.now()
    const sample = () => (peak = Math.max(peak, process.memoryUsage().rss))
    await service.analyse(of, { signal: forever, report: sample })
    const took = performance.now() - began
    sample()
    const summary = await service.summary(of)
    await service.close()
    if (summary.state !== 'ready' || summary.totalBytes === 0) throw new Error('nothing was analysed')
    return { speed: (summary.exportBytes / took) * 1000, bytes: summary.exportBytes, growth: (peak - before) / 1e6 }
  }
  try {
    const small = await importImage(engine, 'naru-bench/small', large / 4)
    const big = await importImage(engine, 'naru-bench/big', large)
    // First, while nothing else has grown the process.
    const few = await analyse(small)
    const many = await analyse(big)
    const { ours, theirs } = await inTurns(rounds, async () => (await analyse(big)).speed / 1e6, async () => (await dockerSave(engine, big, many.bytes)) / 1e6)
    const size = `${(large / MIB / 1024).toFixed(large < 1024 * MIB ? 2 : 0)} GB`
    return {
      figures: [
        {
          name: `layers: analysis of an image of ${size}`,
          figure: ours,
          unit: 'MB/s',
          yardstick: { what: 'docker save', figure: theirs },
          budget: { of: 'ratio', least: 0.8 },
        },
        { name: `layers: growth at ${size}`, figure: many.growth, unit: 'MB', budget: { of: 'figure', most: 300 }, hard: true },
        { name: 'layers: growth at a quarter of it', figure: few.growth, unit: 'MB', budget: { of: 'figure', most: 300 }, hard: true },
      ],
    }
  } finally {
    for (const name of ['naru-bench/small:1', 'naru-bench/big:1']) {
      await engine.client.removeImage(name, { force: true, noPrune: false }).catch(() => undefined)
    }
    await worker.remove()
    await engine.close()
  }
}
