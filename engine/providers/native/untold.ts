/**
 * Containers whose end dockerd was not told of: they ended, or their shim did, while there was no containerd to say so.
 * dockerd then calls them running until it starts anew. A signal that does nothing makes it look: it finds no process, and
 * takes the end as if it had been told, after the container's time to stop. But a signal by the API calls the restart off, too
 * (Moby, daemon/kill.go), so what is meant to run always is started here.
 */
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitUntil } from '../../system/clock.ts'
import { argumentsOf, listProcesses, readProcess } from '../../system/processes.ts'
import { findShims } from './find.ts'
import type { NativePaths } from './paths.ts'

const ANSWER_MS = 5_000
/** Longest list that is read, bytes: some ten thousand containers. */
const MOST_BYTES = 64 * 1024 * 1024
/** A container that has just been started, or just ended, is neither by then, milliseconds. */
const SETTLED_MS = 1_500
/** What dockerd takes beyond the container's own time to stop until it calls an end an end, and how often it is asked, milliseconds. */
const TAKEN_MS = 10_000
const ASK_EVERY_MS = 250
/** Where an image or a run names no time to stop, seconds (Moby's default). */
const STOP_SECONDS = 10

interface Answer {
  readonly status: number
  readonly body: string
}

/** Rejects when the engine does not answer within {@link ANSWER_MS}. */
export function ask(socketPath: string, method: 'GET' | 'POST', path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, method, agent: false, signal: AbortSignal.timeout(ANSWER_MS) })
    call.once('error', reject)
    call.once('response', (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => {
        body += piece
        if (body.length > MOST_BYTES) call.destroy(new Error('the list is too long'))
      })
      response.once('error', reject)
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    call.end()
  })
}

/** Ids of the containers that dockerd calls running. */
export async function runningIds({ socket }: NativePaths): Promise<readonly string[]> {
  const { status, body } = await ask(socket, 'GET', '/containers/json')
  if (status !== 200) throw new Error(`the engine answered ${status}`)
  const listed: unknown = JSON.parse(body)
  return Array.isArray(listed) ? listed.flatMap((one: { readonly Id?: unknown } | null) => (typeof one?.Id === 'string' ? [one.Id] : [])) : []
}

/** Id of the container that a shim's arguments name; empty for none. */
export const idIn = (args: readonly string[]): string => args[args.indexOf('-id') + 1] ?? ''

/** Ids of the containers that have a shim with a process below it: a shim outlives what it kept until somebody asks for it. */
async function keptIds(paths: NativePaths): Promise<ReadonlySet<string>> {
  const [shims, processes] = await Promise.all([findShims(paths), listProcesses().then((pids) => Promise.all(pids.map(readProcess)))])
  const parents = new Set(processes.flatMap((info) => (info && info.state !== 'Z' ? [info.parent] : [])))
  const all = await Promise.all(shims.filter(({ pid }) => parents.has(pid)).map(({ pid }) => argumentsOf(pid)))
  return new Set(all.map(idIn))
}

const bareIds = async (paths: NativePaths): Promise<readonly string[]> => {
  const running = await runningIds(paths)
  const kept = await keptIds(paths)
  return running.filter((id) => !kept.has(id))
}

interface Inspected {
  readonly State: { readonly Running: boolean; readonly Pid: number }
  readonly Config: { readonly StopTimeout?: number }
  readonly HostConfig: { readonly RestartPolicy: { readonly Name: string } }
}

async function inspect({ socket }: NativePaths, id: string): Promise<Inspected> {
  const { status, body } = await ask(socket, 'GET', `/containers/${id}/json`)
  if (status !== 200) throw new Error(`the engine answered ${status}`)
  return JSON.parse(body) as Inspected
}

/**
 * Makes dockerd look, and starts the container once it has; one that is meant to stay ended is left so. One that runs again by
 * dockerd's own doing is not waited for: its next end is somebody's wish.
 */
async function tell(paths: NativePaths, id: string, signal: AbortSignal): Promise<void> {
  const { Config, HostConfig, State } = await inspect(paths, id)
  await ask(paths.socket, 'POST', `/containers/${id}/kill?signal=CONT`)
  if (HostConfig.RestartPolicy.Name !== 'always' && HostConfig.RestartPolicy.Name !== 'unless-stopped') return
  let now = State
  const taken = async (): Promise<boolean> => {
    now = (await inspect(paths, id)).State
    return !now.Running || now.Pid !== State.Pid
  }
  const withinMs = (Config.StopTimeout ?? STOP_SECONDS) * 1_000 + TAKEN_MS
  await waitUntil(taken, { withinMs, everyMs: ASK_EVERY_MS, signal })
  if (!now.Running) await ask(paths.socket, 'POST', `/containers/${id}/start`)
}

/**
 * For an engine at work: makes it look at containers that it calls running and that no shim keeps; those that are meant to run
 * always run again some ten seconds later. Gives how many it was. Rejects when the engine does not answer.
 */
export function createUntoldSweep(paths: NativePaths, log: (line: string) => void): (signal: AbortSignal) => Promise<number> {
  // Asked at every look: one that was started and went between two looks was never seen with a shim.
  const underWay = new Set<string>()
  return async (signal) => {
    const suspects = await bareIds(paths)
    if (suspects.length === 0) return 0
    await sleep(SETTLED_MS, undefined, { signal })
    const again = new Set(await bareIds(paths))
    const untold = suspects.filter((id) => again.has(id) && !underWay.has(id))
    // Not waited for: containerd must not lack its keeper meanwhile.
    for (const id of untold) {
      underWay.add(id)
      void tell(paths, id, signal)
        .catch((error: unknown) => log(`a container whose end dockerd was not told of: ${String(error)}`))
        .finally(() => underWay.delete(id))
    }
    return untold.length
  }
}
