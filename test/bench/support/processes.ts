/** Processor time and memory of processes, as Linux counts them. */
import { readFile, readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** Ticks per second of the times in /proc; 100 on every Linux that Node runs on. */
const TICKS = 100

/** Processes whose command line has `text` in it, without this one. */
export async function processesWith(text: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => (await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')).includes(text)),
  )
  return pids.filter((pid, index) => found[index] && pid !== process.pid)
}

/** The page processes of the browser that uses this profile. */
export async function renderersOf(profile: string): Promise<readonly number[]> {
  const family = new Set(await processesWith(`--user-data-dir=${profile}`))
  const renderers = await processesWith('--type=renderer')
  const mine: number[] = []
  for (const pid of renderers) {
    // Below the browser stands a process that only forks.
    for (let at = pid; at > 1; at = await parentOf(at)) {
      if (family.has(at)) {
        mine.push(pid)
        break
      }
    }
  }
  return mine
}

async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
}

/** Seconds of processor time of those processes so far; one that is gone counts nothing. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  // The name in parentheses may hold anything; the fields begin behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS
}

/** Share of one core, in percent, that each group of processes uses during `seconds`. */
export async function cpuShares<Name extends string>(
  groups: Readonly<Record<Name, readonly number[]>>,
  seconds: number,
): Promise<Record<Name, number>> {
  const names = Object.keys(groups) as Name[]
  const read = async (name: Name) => (await Promise.all(groups[name].map(cpuSeconds))).reduce((one, other) => one + other, 0)
  const before = await Promise.all(names.map(read))
  const began = performance.now()
  await sleep(seconds * 1000)
  const took = (performance.now() - began) / 1000
  const after = await Promise.all(names.map(read))
  return Object.fromEntries(names.map((name, index) => [name, (((after[index] ?? 0) - (before[index] ?? 0)) / took) * 100])) as Record<Name, number>
}

/** Resident memory, MB. */
export async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1')
  return (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6
}
