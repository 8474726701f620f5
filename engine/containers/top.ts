/** What runs in a container: `docker top` with columns that mean something. */
import { NaruError } from '../contract/errors.ts'
import type { ContainerProcesses, ProcessColumn } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import type { RawTop } from '../docker/inside.ts'

/** Rows told at most. */
const MOST_ROWS = 2_000
/**
 * What is asked for, best first. Docker hands it to the `ps` of its machine, Podman reads names of its own (host's pid and
 * user, as Docker tells them). Empty: what the engine asks for by itself.
 */
const ASKED: readonly (readonly string[])[] = [['-eo', 'pid,user,pcpu,rss,time,args'], ['hpid,huser,pcpu,rss,time,args'], []]
/** What asking otherwise cannot help. */
const FINAL: ReadonlySet<string> = new Set(['not-found', 'conflict', 'cancelled', 'timeout', 'engine.unreachable'])

const KINDS: ReadonlyMap<string, ProcessColumn> = new Map(Object.entries({
  PID: 'pid',
  HPID: 'pid',
  PPID: 'parent',
  USER: 'user',
  UID: 'user',
  HUSER: 'user',
  '%CPU': 'cpu',
  RSS: 'memory',
  TIME: 'time',
  STIME: 'started',
  STARTED: 'started',
  TTY: 'terminal',
  TT: 'terminal',
  COMMAND: 'command',
  CMD: 'command',
  ARGS: 'command',
}))

/**
 * The processes of a running container.
 * @throws NaruError `conflict` when it does not run, `not-found`
 */
export async function readProcesses(client: Pick<EngineClient, 'topContainer'>, id: string, signal: AbortSignal): Promise<ContainerProcesses> {
  let last: unknown = new NaruError('conflict', 'the engine tells no processes: the container is not running', { params: { name: id } })
  for (const psArgs of ASKED) {
    try {
      const answer = processesOf(await client.topContainer(id, psArgs.join(' ') || undefined, { signal }), psArgs)
      if (answer.columns.length > 0) return answer
    } catch (error) {
      if (signal.aborted || !(error instanceof NaruError) || FINAL.has(error.code)) throw error
      last = error
    }
  }
  throw last
}

/** Rows with as many texts as there are titles, whatever the engine made of the lines of its `ps`. */
export function processesOf({ Titles, Processes }: RawTop, psArgs: readonly string[]): ContainerProcesses {
  // Podman may hand on the whole head, and every line, as one text.
  const titles = (Titles ?? []).flatMap(words)
  const all = Processes ?? []
  return {
    columns: titles.map((title) => ({ title, kind: KINDS.get(title.toUpperCase()) ?? 'other' })),
    rows: all.slice(0, MOST_ROWS).map((row) => cells(row, titles.length)),
    total: all.length,
    psArgs,
  }
}

/** The last column, the command, holds spaces of its own. */
function cells(row: readonly string[], count: number): string[] {
  if (row.length === count) return row.map((cell) => cell.trim())
  const line = row.join(' ').trim()
  const found: string[] = []
  let rest = line
  while (found.length < count - 1) {
    const [, word = '', more = ''] = /^(\S*)\s*(.*)$/s.exec(rest) ?? []
    found.push(word)
    rest = more
  }
  return count === 0 ? [] : [...found, rest]
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean)
}
