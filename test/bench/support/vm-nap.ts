/** What a napping machine takes, and how long whoever wakes it waits. */
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { findMachine } from '../../../engine/providers/vm/record.ts'
import { median } from './figure.ts'
import type { BenchFigure } from './figure.ts'
import { cpuSeconds } from './processes.ts'
import type { BenchVm } from './vm.ts'

const LIMIT_MS = 120_000
const REST_AFTER_MS = 500

type Where = { readonly socketPath: string; readonly path: string } | { readonly port: number; readonly path: string }

/** Milliseconds until the answer's head. */
function answered(where: Where): Promise<number> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', ...where, agent: false, signal: AbortSignal.timeout(LIMIT_MS) }, (response) => {
      response.resume()
      response.once('end', () => resolve(performance.now() - began))
    })
    call.once('error', reject)
    call.end()
  })
}

async function share(pid: number, seconds: number): Promise<number> {
  const before = await cpuSeconds(pid)
  await sleep(seconds * 1000)
  return (((await cpuSeconds(pid)) - before) / seconds) * 100
}

const spread = (values: readonly number[]): Pick<BenchFigure, 'figure' | 'spread'> => ({ figure: median(values), spread: [Math.min(...values), Math.max(...values)] })

export interface NapOptions {
  /** A published port of this machine that answers HTTP. */
  readonly port: number
  readonly rounds: number
  /** Seconds each share of a core is counted over. */
  readonly seconds: number
}

export async function napFigures({ home }: BenchVm, { port, rounds, seconds }: NapOptions): Promise<BenchFigure[]> {
  const running = home.running()
  const pid = (await findMachine(home.paths))?.process.pid
  if (!running || pid === undefined) throw new Error('no machine')
  const { nap } = running.idle
  const asleep = async (): Promise<void> => {
    const until = performance.now() + LIMIT_MS
    while (nap.phase !== 'napping') {
      if (performance.now() > until) throw new Error(`the machine does not nap: ${JSON.stringify(nap.facts)}`)
      await sleep(20)
    }
  }
  nap.setRules({ afterMs: 0, withContainers: false })
  const awake = await share(pid, seconds)
  nap.setRules({ afterMs: REST_AFTER_MS, withContainers: true })
  try {
    await asleep()
    const napping = await share(pid, seconds)
    const byCall: number[] = []
    const byPort: number[] = []
    const clock: number[] = []
    for (let round = 0; round < rounds; round++) {
      await asleep()
      byCall.push(await answered({ socketPath: home.paths.socket, path: '/_ping' }))
      const asked = Date.now()
      const told = Number(await running.link.ask('clock'))
      // The guest looked somewhere between question and answer.
      clock.push(Math.max(0, asked - told, told - Date.now()))
      await asleep()
      byPort.push(await answered({ port, path: '/' }))
    }
    const budget = { of: 'figure', most: 300 } as const
    return [
      { name: '… QEMU while it naps', unit: '% of a core', figure: napping, yardstick: { what: 'idle and awake', figure: awake }, budget: { of: 'figure', most: 0.5 } },
      { name: '… napping: `_ping` until its answer', unit: 'ms', budget, ...spread(byCall) },
      { name: '… napping: a published port until its page', unit: 'ms', budget, ...spread(byPort) },
      { name: '… its clock after a nap, off by at least', unit: 'ms', ...spread(clock) },
    ]
  } finally {
    nap.setRules({ afterMs: 0, withContainers: false })
  }
}
