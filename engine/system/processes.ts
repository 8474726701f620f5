/**
 * Processes of this machine, read from /proc. A number alone never identifies a process: numbers are used again, so
 * every lasting reference carries the start time as well, and where it matters the executable.
 */
import { readFile, readdir, readlink } from 'node:fs/promises'
import { systemClock, waitUntil } from './clock.ts'

/** A process that is still the same one when both numbers match. */
export interface ProcessRef {
  readonly pid: number
  /** Clock ticks after boot (field 22 of /proc/PID/stat). */
  readonly startTime: number
}

export interface ProcessInfo extends ProcessRef {
  /** One letter as in ps(1); `Z` and `X` are dead. */
  readonly state: string
  readonly parent: number
}

/** The fields of a /proc/PID/stat line; null when it is not one. The name may hold spaces and parentheses. */
export function parseStat(text: string): ProcessInfo | null {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  if (open < 0 || close < open) return null
  const pid = Number(text.slice(0, open).trim())
  const fields = text.slice(close + 2).trim().split(' ')
  const state = fields[0]
  const startTime = Number(fields[19])
  if (!Number.isInteger(pid) || !state || !Number.isFinite(startTime)) return null
  return { pid, startTime, state, parent: Number(fields[1]) }
}

/** What is known of a process, or null when there is none with this number. */
export async function readProcess(pid: number): Promise<ProcessInfo | null> {
  if (!Number.isInteger(pid) || pid <= 0) return null
  return parseStat(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''))
}

/**
 * True while exactly this process runs; a zombie does not. One that is being ended shows as a zombie as soon as its first
 * thread is gone: while others are not, it still holds its files and locks, and whoever took its place would meet them.
 */
export async function isAlive(ref: ProcessRef): Promise<boolean> {
  const info = await readProcess(ref.pid)
  if (info === null || info.startTime !== ref.startTime || info.state === 'X') return false
  return info.state !== 'Z' || hasThreads(ref.pid)
}

/** Whether a process has a thread beside its first that has not ended (proc(5), /proc/PID/task). */
async function hasThreads(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch((): string[] => [])
  return threads.some((thread) => thread !== String(pid))
}

/** True for a process that ended but was not collected by its parent. */
export async function isZombie(pid: number): Promise<boolean> {
  return (await readProcess(pid))?.state === 'Z'
}

/** Path of the executable; a removed file's name loses its " (deleted)". Null when unreadable. */
export async function executableOf(pid: number): Promise<string | null> {
  const path = await readlink(`/proc/${pid}/exe`).catch(() => null)
  return path?.replace(/ \(deleted\)$/, '') ?? null
}

/** Its arguments; empty for kernel threads and zombies. */
export async function argumentsOf(pid: number): Promise<readonly string[]> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return text === '' ? [] : text.replace(/\0$/, '').split('\0')
}

/** Numbers of all processes this user may see. */
export async function listProcesses(): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => [])
  return names.filter((name) => /^\d+$/.test(name)).map(Number)
}

/** Every live process whose arguments satisfy `match`. */
export async function findProcesses(match: (args: readonly string[]) => boolean): Promise<readonly ProcessInfo[]> {
  const found = await Promise.all(
    (await listProcesses()).map(async (pid) => (match(await argumentsOf(pid)) ? readProcess(pid) : null)),
  )
  return found.filter((info): info is ProcessInfo => info !== null && info.state !== 'Z' && info.state !== 'X')
}

/** Sends a signal to exactly this process; false when it no longer exists. Throws only when it is not allowed. */
export async function signalProcess(ref: ProcessRef, name: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(ref))) return false
  try {
    process.kill(ref.pid, name)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

export interface KillStep {
  readonly signal: NodeJS.Signals
  /** Milliseconds to wait for the end before the next step. */
  readonly waitMs: number
}

/**
 * Ends a process step by step. True when it ended, false when it outlived every step. Cancelling stops the waiting,
 * not the process's end.
 */
export async function endProcess(ref: ProcessRef, ladder: readonly KillStep[], signal?: AbortSignal): Promise<boolean> {
  for (const step of ladder) {
    if (!(await signalProcess(ref, step.signal))) return true
    const gone = await waitUntil(async () => !(await isAlive(ref)), {
      withinMs: step.waitMs,
      everyMs: 20,
      clock: systemClock,
      ...(signal && { signal }),
    })
    if (gone) return true
  }
  return !(await isAlive(ref))
}
