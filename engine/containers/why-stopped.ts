/** Why a container does not run, out of what the engine, its events and the log's end tell. Pure. */
import type { ContainerRow, LastLine, StopCause, StopFinding, StopReport, StopStep } from '../contract/models.ts'
import type { RawContainerInspect } from '../docker/api-types.ts'
import { containerState, momentOf } from '../state/normalise.ts'
import { signalOfExit } from './signals.ts'
import { chainOf } from './why/chain.ts'
import type { Chain } from './why/chain.ts'
import { dependencies } from './why/dependencies.ts'
import { readExecLines, readLines, readScriptEnd, speaksOfUsage, tellingLine } from './why/lines.ts'
import { machineName } from './why/program.ts'
import type { ProgramHead } from './why/program.ts'
import { readStartError } from './why/start-error.ts'

/** What Naru itself did to it: engines do not tell all of it afterwards. */
export interface OwnAct {
  readonly verb: 'start' | 'stop' | 'kill' | 'restart'
  readonly at: number
  /** The engine's words when it refused. */
  readonly refusal?: string
}

export interface StopFacts {
  readonly inspect: RawContainerInspect
  /** Its events as far as they are known, oldest first. */
  readonly events: readonly StopStep[]
  /** Of its last run, oldest first. */
  readonly lines: readonly LastLine[]
  /** Oldest first. */
  readonly acts?: readonly OwnAct[]
  /** The file that could not be executed, when it was looked at. */
  readonly program?: ProgramHead
  /** All containers of the engine: what this one depends on may be among them. */
  readonly neighbours?: readonly ContainerRow[]
}

const CALM: ReadonlySet<StopCause> = new Set(['running', 'finished', 'not-started', 'stopped', 'interrupted'])
/** Exit codes that say what ended it. */
const BY_CODE: Readonly<Record<number, StopCause>> = {
  129: 'hangup', 130: 'interrupted', 131: 'quit', 132: 'illegal-instruction', 134: 'aborted', 135: 'bus-error', 136: 'arithmetic', 139: 'segfault', 141: 'broken-pipe', 143: 'stopped',
}

const finding = (cause: StopCause, subject = ''): StopFinding => ({ cause, subject })

export function whyStopped(facts: StopFacts): StopReport {
  const { inspect, lines } = facts
  const { State, HostConfig } = inspect
  const acts = facts.acts ?? []
  const chain = chainOf([...facts.events, ...acts.flatMap(failedStart)].sort((a, b) => a.at - b.at), inspect)
  const refusal = refusalOf(inspect, acts)
  const main = mainCause(facts, chain, refusal)
  const startedAt = momentOf(State.StartedAt)
  const finishedAt = momentOf(State.FinishedAt)
  const ended = ['exited', 'dead', 'restarting'].includes(containerState(State.Status))
  return {
    ...main,
    calm: CALM.has(main.cause),
    also: besides(facts, chain, main),
    ...((ended || (refusal !== '' && State.ExitCode > 0)) && { exitCode: State.ExitCode }),
    signal: ended ? signalOfExit(State.ExitCode) : '',
    error: refusal,
    memoryLimitBytes: HostConfig?.Memory ?? 0,
    restarts: inspect.RestartCount ?? 0,
    ...(ended && startedAt !== undefined && finishedAt !== undefined && finishedAt >= startedAt && { ranMs: finishedAt - startedAt }),
    chain: chain.steps,
    chainKnown: chain.known,
    lines,
  }
}

const failedStart = ({ refusal, at }: OwnAct): StopStep[] => (refusal ? [{ at, kind: 'start-failed' }] : [])

/** The engine's words about its last start, when that failed. It forgets some that Naru was told. */
function refusalOf({ State }: RawContainerInspect, acts: readonly OwnAct[]): string {
  const state = containerState(State.Status)
  if (state === 'running' || state === 'paused') return ''
  if (State.Error) return State.Error
  const last = acts.findLast(({ verb }) => verb === 'start' || verb === 'restart')
  return last?.refusal && last.at >= (momentOf(State.FinishedAt) ?? 0) ? last.refusal : ''
}

function mainCause(facts: StopFacts, chain: Chain, refusal: string): StopFinding {
  const { State } = facts.inspect
  switch (containerState(State.Status)) {
    case 'running':
    case 'paused':
    case 'removing':
      return State.Health?.Status === 'unhealthy' ? finding('unhealthy', healthWords(facts.inspect)) : finding('running')
    case 'created':
      return refusal ? looked(readStartError(refusal), facts) : finding('not-started')
    case 'dead':
      return finding('dead')
    case 'exited':
    case 'restarting':
      return refusal ? looked(readStartError(refusal), facts) : looked(exitCause(facts, chain), facts)
  }
}

const healthWords = ({ State }: RawContainerInspect): string => (State.Health?.Log?.at(-1)?.Output ?? '').trim().split('\n').at(-1)?.slice(0, 300) ?? ''

/** What the file itself shows about "cannot be executed". */
function looked(found: StopFinding, { program }: StopFacts): StopFinding {
  if (!program || (found.cause !== 'exec-format' && found.cause !== 'interpreter-missing')) return found
  if (program.kind === 'elf' && found.cause === 'exec-format') return finding('wrong-processor', machineName(program.machine))
  if (program.kind !== 'script') return found
  return program.windowsLines ? finding('windows-lines', found.subject) : finding('interpreter-missing', program.interpreter)
}

function exitCause(facts: StopFacts, chain: Chain): StopFinding {
  const { inspect, lines } = facts
  const code = inspect.State.ExitCode
  const asked = wasAsked(facts, chain)
  if (code === 0) return finding(asked ? 'stopped' : 'finished')
  if (code === 137) return killedCause(facts, chain)
  if (ranOutOfMemory(inspect, chain)) return finding('oom-inside')
  const exec = readExecLines(lines)
  if (exec) return exec
  if (code === 126 || code === 127) return readScriptEnd(code, lines)
  const known = BY_CODE[code]
  if (known) return known === 'aborted' ? (memoryLines(lines) ?? finding(known)) : finding(known)
  if (signalOfExit(code)) return finding('signal', signalOfExit(code))
  // What dockerd writes for one that was gone when it came back.
  if (code === 255 && !chain.known && lines.length === 0) return finding('engine-ended')
  const said = readLines(lines)
  if (said) return said
  return speaksOfUsage(lines) ? finding('usage', tellingLine(lines)) : finding('program-error', tellingLine(lines))
}

const memoryLines = (lines: readonly LastLine[]): StopFinding | undefined => {
  const said = readLines(lines)
  return said?.cause === 'program-memory' ? said : undefined
}

const ranOutOfMemory = ({ State }: RawContainerInspect, { run }: Chain): boolean => State.OOMKilled === true || run.some(({ kind }) => kind === 'oom')

/** Somebody asked it to end: a signal that asks, or a stop that Naru knows of (Podman tells no signals). */
function wasAsked({ inspect, acts = [] }: StopFacts, { run }: Chain): boolean {
  const began = momentOf(inspect.State.StartedAt) ?? 0
  return run.some(({ kind }) => kind === 'kill' || kind === 'stop') || acts.some(({ verb, at }) => verb !== 'start' && at >= began)
}

/** SIGKILL: by the kernel for memory, after a grace that was not used, by somebody, or by nobody who left a trace. */
function killedCause({ inspect, acts = [] }: StopFacts, chain: Chain): StopFinding {
  const { run } = chain
  const kills = run.filter(({ kind }) => kind === 'kill')
  const hard = kills.findLast(({ signal }) => signal === 'SIGKILL' || signal === undefined)
  const soft = kills.find(({ signal }) => signal !== undefined && signal !== 'SIGKILL')
  if (hard && soft && hard.at >= soft.at) return finding('killed-after-grace', String(Math.round((hard.at - soft.at) / 1_000)))
  if (hard) return finding('killed')
  if (ranOutOfMemory(inspect, chain)) return finding('oom')
  const began = momentOf(inspect.State.StartedAt) ?? 0
  const stop = acts.findLast(({ verb, at }) => (verb === 'stop' || verb === 'restart') && at >= began)
  if (stop) return finding('killed-after-grace', String(Math.round(((momentOf(inspect.State.FinishedAt) ?? stop.at) - stop.at) / 1_000)))
  if (acts.some(({ verb, at }) => verb === 'kill' && at >= began)) return finding('killed')
  return finding('killed-unknown')
}

function besides(facts: StopFacts, chain: Chain, main: StopFinding): StopFinding[] {
  const { inspect } = facts
  const { State, HostConfig, RestartCount = 0 } = inspect
  const found: StopFinding[] = []
  const policy = HostConfig?.RestartPolicy
  if (State.Status === 'restarting') found.push(finding('restart-loop', String(RestartCount)))
  else if (policy?.Name === 'on-failure' && (policy.MaximumRetryCount ?? 0) > 0 && RestartCount >= (policy.MaximumRetryCount ?? 0) && State.Running !== true) {
    found.push(finding('restarts-used-up', String(RestartCount)))
  }
  if (main.cause !== 'oom' && main.cause !== 'oom-inside' && ranOutOfMemory(inspect, chain)) found.push(finding('oom-inside'))
  if (State.Running !== true && State.Health?.Status === 'unhealthy') found.push(finding('unhealthy', healthWords(inspect)))
  return CALM.has(main.cause) && main.cause !== 'not-started' ? found : [...found, ...dependencies(facts, main)]
}
