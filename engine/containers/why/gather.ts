/** Asks an engine for what explains the end of a container. What cannot be had is left out: half an answer is one. */
import { setTimeout as wait } from 'node:timers/promises'
import { fileBytes, windowOf } from '../../container-files/bytes.ts'
import { bytesOf, statPath } from '../../container-files/stat.ts'
import { pathText } from '../../contract/file-path.ts'
import { LOG_STDERR } from '../../contract/models.ts'
import type { ContainerRow, LastLine, StopReport, StopStep } from '../../contract/models.ts'
import type { RawContainerInspect } from '../../docker/api-types.ts'
import type { EngineClient } from '../../docker/engine-client.ts'
import { LogDemux } from '../../logs/demux.ts'
import { stripAnsi } from '../../logs/ansi.ts'
import { containerState, momentOf } from '../../state/normalise.ts'
import { containerDetail } from '../inspect.ts'
import { whyStopped } from '../why-stopped.ts'
import type { OwnAct } from '../why-stopped.ts'
import { mergeSteps, stepOf } from './chain.ts'
import { programHead } from './program.ts'
import type { ProgramHead } from './program.ts'

/** Lines of the log looked at, and characters of each. */
export const LAST_LINES = 30
const LINE_CHARS = 1_000
/** Milliseconds each question may take; the answer is better without it than late. */
const PATIENCE_MS = 5_000
const AGAIN_MS = 300
/** Of a file that could not be executed: its magic number, or its first line. */
const HEAD_BYTES = 4_096
/** A start that was noted this much too late counts. */
const START_TAKES_MS = 3_000

type Client = Pick<EngineClient, 'inspectContainer' | 'pastEvents' | 'statPath' | 'readArchive' | 'logs'>

export interface WhyDeps {
  /** What Naru saw of it: engines forget. */
  readonly seen: readonly StopStep[]
  readonly acts: readonly OwnAct[]
  readonly neighbours: readonly ContainerRow[]
}

/** @throws NaruError `not-found`, and when the engine cannot be asked at all */
export async function gatherWhy(client: Client, id: string, deps: WhyDeps, signal: AbortSignal): Promise<StopReport> {
  const inspect = await client.inspectContainer(id, { signal })
  const soon = (): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
  const told = await client.pastEvents(inspect.Id, momentOf(inspect.Created) ?? 0, { signal: soon() }).catch(() => [])
  const events = mergeSteps(deps.seen, told.flatMap((raw) => stepOf(raw) ?? []))
  const lines = await lastLines(client, inspect, events, soon()).catch((): LastLine[] => [])
  signal.throwIfAborted()
  const facts = { inspect, events, lines, acts: deps.acts, neighbours: deps.neighbours }
  const report = whyStopped(facts)
  if (report.cause !== 'exec-format' && report.cause !== 'interpreter-missing') return report
  const program = await programOf(client, inspect, report.subject, soon())
  return program ? whyStopped({ ...facts, program }) : report
}

/** The file that could not be executed: named by the runtime, else the command. */
async function programOf(client: Client, inspect: RawContainerInspect, named: string, signal: AbortSignal): Promise<ProgramHead | undefined> {
  const path = named.startsWith('/') ? named : (inspect.Path ?? '')
  if (!path.startsWith('/')) return undefined
  const look = async (): Promise<Uint8Array | null> => {
    const { path: at, type } = await statPath(client, inspect.Id, pathText(Buffer.from(path)), signal)
    return type === 'file' ? windowOf(fileBytes(client.readArchive(inspect.Id, bytesOf(at), { signal }), at), 0, HEAD_BYTES) : null
  }
  // Podman may still be taking the ended container's files down.
  const bytes = await look().catch(() => wait(AGAIN_MS, undefined, { signal }).then(look)).catch(() => null)
  return bytes ? programHead(bytes) : undefined
}

/** Of its last run, oldest first. */
async function lastLines(client: Client, inspect: RawContainerInspect, events: readonly StopStep[], signal: AbortSignal): Promise<LastLine[]> {
  const { logsReadable, tty } = containerDetail(inspect)
  const startedAt = momentOf(inspect.State.StartedAt)
  if (!logsReadable || startedAt === undefined || containerState(inspect.State.Status) === 'created') return []
  const since = (logBegin(startedAt, events) / 1_000).toFixed(3)
  const query = { follow: false, timestamps: true, since, signal }
  const lines = await readLast(client.logs(inspect.Id, { ...query, tail: LAST_LINES }), tty)
  // Podman counts the parts of a line that was written bit by bit, and then leaves some out.
  if (lines.length === LAST_LINES || lines.every(({ text }) => text !== '')) return lines
  return readLast(client.logs(inspect.Id, query), tty)
}

/** Bytes read at most of a log that is short as far as is known. */
const MOST_BYTES = 1024 * 1024

async function readLast(log: AsyncIterable<Uint8Array>, tty: boolean): Promise<LastLine[]> {
  const lines: LastLine[] = []
  const decoder = new TextDecoder()
  const take = (bytes: Uint8Array, from: number, to: number, _seconds: number, _nanos: number, flags: number): void => {
    const text = stripAnsi(decoder.decode(bytes.subarray(from, Math.min(to, from + LINE_CHARS * 4)))).replace(/\r$/, '')
    lines.push({ text: text.slice(0, LINE_CHARS), stderr: (flags & LOG_STDERR) !== 0 })
  }
  const demux = new LogDemux({ tty, timestamps: true }, { line: take })
  let read = 0
  for await (const bytes of log) {
    demux.write(bytes)
    read += bytes.length
    if (read > MOST_BYTES) break
  }
  demux.end(true)
  return lines.slice(-LAST_LINES)
}

/**
 * Where the log of the last run begins, ms. Engines note a start when it is done: what the process says meanwhile stands
 * before it in time. The end of the run before is a border.
 */
export function logBegin(startedAt: number, events: readonly StopStep[]): number {
  const before = events.findLast(({ kind, at }) => kind === 'die' && at < startedAt)
  return Math.max(startedAt - START_TAKES_MS, before ? before.at + 1 : 0)
}
