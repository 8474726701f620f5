/** The embedded engine's start against a bare dockerd of the same bundle, and the adoption of one that runs. */
import { makeNativeHome, prepareNative, whyNoNative } from '../support/native.ts'
import type { NativeHome } from '../support/native.ts'
import { request } from 'node:http'
import { startDockerd } from '../support/real-engine.ts'
import type { RealEngine } from '../support/real-engine.ts'
import { inTurns, repeat } from './support/figure.ts'
import type { BenchContext, BenchResult } from './support/figure.ts'

/** Rejects unless the engine answers. */
function ping(socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path: '/_ping', timeout: 5_000 }, (response) => {
      response.resume()
      if (response.statusCode === 200) resolve()
      else reject(new Error(`_ping: ${response.statusCode}`))
    })
    call.on('timeout', () => call.destroy(new Error('_ping: no answer')))
    call.on('error', reject)
    call.end()
  })
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** Milliseconds of one start over existing data; the engine is stopped again. */
async function startEmbedded(home: NativeHome): Promise<number> {
  let stop = async (): Promise<void> => undefined
  const took = await timed(async () => {
    const handle = await home.start()
    stop = () => handle.stop({ graceMs: 10_000 })
    await ping(home.paths.socket)
  })
  await stop()
  return took
}

async function startBare(engine: RealEngine): Promise<number> {
  const took = await timed(async () => {
    await engine.restart()
    await ping(engine.socketPath)
  })
  await engine.stop()
  return took
}

/** Milliseconds until a daemon that an earlier session left behind is in use again. */
async function adopt(home: NativeHome): Promise<number> {
  let release = (): void => undefined
  const took = await timed(async () => {
    const handle = await home.start()
    if (!handle.adopted) throw new Error('the daemon was not adopted')
    release = handle.release
    await ping(home.paths.socket)
  })
  release()
  return took
}

export async function bench({ quick }: BenchContext): Promise<BenchResult> {
  const why = whyNoNative()
  if (why) return { figures: [], notes: [`embedded engine: ${why}`] }
  const home = await makeNativeHome(await prepareNative('newest'))
  const bare = await startDockerd()
  try {
    await bare.stop()
    const rounds = quick ? 1 : 9
    const start = await inTurns(rounds, () => startEmbedded(home), () => startBare(bare))
    const first = await home.start()
    first.release()
    const adopted = await repeat(rounds, () => adopt(home))
    return {
      figures: [
        {
          name: 'embedded engine: start to _ping',
          figure: start.ours,
          unit: 'ms',
          yardstick: { what: 'bare dockerd', figure: start.theirs },
          budget: { of: 'ratio', most: 1.15 },
        },
        { name: 'embedded engine: adoption of a running one', figure: adopted, unit: 'ms' },
      ],
    }
  } finally {
    await bare.close()
    await home.destroy()
  }
}
