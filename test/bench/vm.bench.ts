/** The virtual machine in software emulation, against its own kernel alone, QEMU's network and the guest's own disk. */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { busyboxArchive, hasBusybox } from '../support/busybox-image.ts'
import { prepareVmImage, whyNoVm } from '../support/vm.ts'
import { median } from './support/figure.ts'
import type { BenchContext, BenchFigure, BenchResult } from './support/figure.ts'
import { kernelNote, openBenchVm } from './support/vm.ts'
import type { BenchVm, Started } from './support/vm.ts'
import { napFigures } from './support/vm-nap.ts'
import { openPipes, pipeScript } from './support/vm-pipes.ts'

/** What the field notes of the first trials found on a quiet machine of two cores: the figures to beat. */
const NOTED = { first: 9.8, later: 10.6, residentMiB: 475, toGuest: 50, fromGuest: 20, run: 5.9, sharedWrite: 1.1, sharedRead: 1.29 }
const IMAGE = 'bb:1'
const FILES = 500

interface Spread {
  readonly figure: number
  readonly spread: readonly [number, number]
}

const spreadOf = (values: readonly number[]): Spread => ({ figure: median(values), spread: [Math.min(...values), Math.max(...values)] })

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Rounds of: a first start, a later one, the kernel alone. The last machine is left running. */
async function starts(vm: BenchVm, rounds: number): Promise<{ readonly figures: BenchFigure[]; readonly last: Started }> {
  const [first, later, bare]: [Started[], Started[], number[]] = [[], [], []]
  for (let round = 0; round < rounds; round++) {
    await later.at(-1)?.handle.stop({ graceMs: 60_000 })
    bare.push(await vm.bareKernel())
    await vm.forget()
    first.push(await vm.start())
    await first.at(-1)?.handle.stop({ graceMs: 60_000 })
    later.push(await vm.start())
  }
  const last = later.at(-1)
  if (!last) throw new Error('no start')
  const kernel = { what: 'its kernel alone to userspace', ...spreadOf(bare) }
  const of = (all: readonly Started[], what: 'seconds' | 'cpuSeconds' | 'residentMiB'): Spread => spreadOf(all.map((each) => each[what]))
  return {
    last,
    figures: [
      { name: 'virtual machine: first start to `_ping`', unit: 's', noted: NOTED.first, yardstick: kernel, ...of(first, 'seconds') },
      { name: '… later start to `_ping`', unit: 's', noted: NOTED.later, yardstick: kernel, ...of(later, 'seconds') },
      { name: '… processor time of a later start', unit: 's', ...of(later, 'cpuSeconds') },
      { name: '… QEMU’s memory (RSS) then', unit: 'MiB', noted: NOTED.residentMiB, ...of(later, 'residentMiB') },
    ],
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

/** The loop runs in the container's shell: no program is started for a file. Prints seconds. */
const filesScript = (folder: string): string => `
now() { read up rest </proc/uptime; echo $up; }
w=$(now); i=0; while [ $i -lt ${FILES} ]; do echo "content of file $i" >${folder}/f$i; i=$((i+1)); done
r=$(now); i=0; while [ $i -lt ${FILES} ]; do read line <${folder}/f$i; i=$((i+1)); done
echo $w $r $(now); cd ${folder}; busybox rm -f f*`

async function containers({ home, shared }: BenchVm, rounds: number): Promise<BenchFigure[]> {
  const archive = join(home.folder, 'bb.tar')
  await writeFile(archive, await busyboxArchive(IMAGE))
  await home.docker(['load', '-i', archive])
  const run: number[] = []
  for (let round = -1; round < rounds; round++) {
    const took = await timed(() => home.docker(['run', '--rm', IMAGE, 'true']))
    if (round >= 0) run.push(took)
  }
  await home.docker(['run', '-d', '--name', 'files', '-v', `${shared}:/shared`, '-v', 'own:/own', IMAGE, 'sleep', '36000'])
  const at = { shared: { write: [] as number[], read: [] as number[] }, own: { write: [] as number[], read: [] as number[] } }
  for (let round = 0; round < rounds; round++) {
    for (const place of ['own', 'shared'] as const) {
      const [w = Number.NaN, r = Number.NaN, end = Number.NaN] = (await home.docker(['exec', 'files', 'sh', '-c', filesScript(`/${place}`)])).split(' ').map(Number)
      at[place].write.push(r - w)
      at[place].read.push(end - r)
    }
  }
  const own = (what: 'write' | 'read') => ({ what: 'guest’s own disk', ...spreadOf(at.own[what]) })
  return [
    { name: '… `docker run --rm` of BusyBox', unit: 's', noted: NOTED.run, ...spreadOf(run) },
    { name: `… ${FILES} small files written to a shared folder`, unit: 's', noted: NOTED.sharedWrite, yardstick: own('write'), ...spreadOf(at.shared.write) },
    { name: '… read', unit: 's', noted: NOTED.sharedRead, yardstick: own('read'), ...spreadOf(at.shared.read) },
  ]
}

/** With containers in it, one of them a web server: the machine is told to nap all the same. */
async function naps(vm: BenchVm, rounds: number, seconds: number): Promise<BenchFigure[]> {
  const port = await freePort()
  await vm.home.docker(['run', '-d', '--name', 'web', '-p', `127.0.0.1:${port}:80`, IMAGE, 'sh', '-c', 'echo page >/index.html; exec httpd -f -p 80 -h /'])
  try {
    return await napFigures(vm, { port, rounds, seconds })
  } finally {
    await vm.home.docker(['rm', '-f', 'web'])
  }
}

/** Mux and QEMU's network in turns. */
async function throughput({ home }: BenchVm, last: Started, rounds: number, mib: number): Promise<BenchFigure[]> {
  await home.docker(['run', '-d', '--name', 'pipes', '--network', 'host', IMAGE, 'sh', '-c', pipeScript(mib)])
  last.handle.release()
  await last.handle.ended
  const pipes = await openPipes(home.paths, { sink: await freePort(), source: await freePort() })
  const into = { mux: [] as number[], network: [] as number[] }
  const out = { mux: [] as number[], network: [] as number[] }
  try {
    for (let round = 0; round < rounds; round++) {
      for (const way of ['mux', 'network'] as const) {
        into[way].push(await pipes.toGuest(way, mib))
        out[way].push(await pipes.fromGuest(way, mib))
      }
    }
  } finally {
    pipes.close()
  }
  const what = 'QEMU’s network'
  return [
    { name: '… mux, into the guest', unit: 'MiB/s', noted: NOTED.toGuest, yardstick: { what, ...spreadOf(into.network) }, ...spreadOf(into.mux) },
    { name: '… mux, out of the guest', unit: 'MiB/s', noted: NOTED.fromGuest, yardstick: { what, ...spreadOf(out.network) }, ...spreadOf(out.mux) },
  ]
}

export async function bench({ quick }: BenchContext): Promise<BenchResult> {
  const why = whyNoVm() ?? (hasBusybox ? null : 'no static busybox')
  if (why) return { figures: [], notes: [`virtual machine: ${why}`] }
  await prepareVmImage()
  const rounds = quick ? 1 : 5
  const vm = await openBenchVm()
  try {
    const { figures, last } = await starts(vm, rounds)
    figures.push(...(await containers(vm, rounds)))
    figures.push(...(await naps(vm, quick ? 2 : 10, quick ? 5 : 30)))
    figures.push(...(await throughput(vm, last, rounds, quick ? 16 : 100)))
    return { figures, notes: [kernelNote()] }
  } finally {
    await vm.close()
  }
}
