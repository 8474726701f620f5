/** Why a container does not run, as far as the engine, its events and the last lines of its log tell. */

/** Reasons; the page holds a sentence and a next step for each. */
export const STOP_CAUSES = [
  // It runs, or nothing is wrong.
  'running', 'finished', 'not-started', 'stopped', 'interrupted',
  // The engine could not start it.
  'command-not-found', 'command-not-executable', 'command-is-folder', 'no-command', 'workdir', 'user-not-found', 'group-not-found',
  'mount-source-missing', 'mount-kind', 'volume-driver-missing', 'port-in-use', 'port-privileged', 'address-not-here', 'address-taken',
  'network-missing', 'partner-missing', 'partner-not-running', 'device-missing', 'gpu-missing', 'runtime-unknown', 'sysctl',
  'limit-refused', 'memory-too-small', 'not-permitted', 'engine-refused',
  // The first process could not be what it should.
  'wrong-processor', 'exec-format', 'interpreter-missing', 'windows-lines', 'script-command-missing', 'script-command-denied',
  // It was ended.
  'oom', 'oom-inside', 'killed', 'killed-after-grace', 'killed-unknown', 'quit', 'hangup', 'engine-ended', 'dead',
  // It fell over.
  'segfault', 'illegal-instruction', 'bus-error', 'arithmetic', 'aborted', 'broken-pipe', 'signal', 'usage', 'program-error',
  // What its last lines speak of.
  'variable-missing', 'permission-denied', 'read-only', 'no-space', 'process-limit', 'open-files', 'name-unknown', 'connection-refused',
  'listen-address-in-use', 'file-missing', 'library-missing', 'module-missing', 'program-memory',
  // Besides.
  'unhealthy', 'restart-loop', 'restarts-used-up', 'dependency-stopped', 'dependency-unhealthy', 'dependency-elsewhere',
] as const
export type StopCause = (typeof STOP_CAUSES)[number]

export interface StopFinding {
  readonly cause: StopCause
  /** What it is about: a command, path, port, host, user, line of the log… Empty when nothing names it. */
  readonly subject: string
}

/** What the engine did with it, or to it. */
export type StopStepKind =
  | 'create' | 'start' | 'stop' | 'kill' | 'oom' | 'die' | 'restart' | 'pause' | 'unpause' | 'healthy' | 'unhealthy' | 'start-failed'

export interface StopStep {
  readonly at: number
  readonly kind: StopStepKind
  /** Of a `kill`: `SIGTERM`; absent when the engine does not tell. */
  readonly signal?: string
  /** Of a `die`. */
  readonly exitCode?: number
}

export interface LastLine {
  readonly text: string
  readonly stderr: boolean
}

export interface StopReport extends StopFinding {
  /** Nothing is wrong. */
  readonly calm: boolean
  /** What else is true, the more telling first. */
  readonly also: readonly StopFinding[]
  /** Absent when it never ran, or runs. */
  readonly exitCode?: number
  /** Signal that the exit code stands for, such as `SIGKILL`; empty for none. */
  readonly signal: string
  /** The engine's own words about a start that failed; empty when none. */
  readonly error: string
  /** Bytes; 0 = not limited. */
  readonly memoryLimitBytes: number
  readonly restarts: number
  /** Milliseconds from the start to the end of its last run. */
  readonly ranMs?: number
  /** Oldest first; the last ones when there are very many. */
  readonly chain: readonly StopStep[]
  /** False when the engine no longer knows the events of the last run: the chain then is what inspect tells. */
  readonly chainKnown: boolean
  /** Last lines of its last run, oldest first. */
  readonly lines: readonly LastLine[]
}
