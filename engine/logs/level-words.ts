/** Words and numbers by which loggers name their levels. */
import type { LogLevel } from '../contract/models.ts'

const WORDS: Readonly<Record<Exclude<LogLevel, 'unknown'>, readonly string[]>> = {
  // java.util.logging has FINE…FINEST, Serilog VRB, .NET trce.
  trace: ['trace', 'trc', 'trce', 'finest', 'finer', 'silly'],
  debug: ['debug', 'dbg', 'dbug', 'fine', 'verbose', 'vrb', 'config'],
  // PostgreSQL calls it LOG, MySQL Note and System, syslog notice.
  info: ['info', 'inf', 'information', 'informational', 'notice', 'note', 'log', 'system', 'statement', 'detail', 'hint', 'success', 'http'],
  warn: ['warn', 'warning', 'wrn', 'deprecated', 'deprecation'],
  error: ['error', 'err', 'eror', 'severe', 'fail', 'failed', 'failure', 'exception'],
  fatal: ['fatal', 'ftl', 'crit', 'crt', 'critical', 'panic', 'pnc', 'alert', 'emerg', 'emergency'],
}

/** Level by word in small letters. */
export const WORD_LEVELS: ReadonlyMap<string, LogLevel> = new Map(
  Object.entries(WORDS).flatMap(([level, words]) => words.map((word) => [word, level as LogLevel] as const)),
)

/** Levels of pino and bunyan (https://getpino.io/#/docs/api?id=logger-level), and of Python's logging above 5. */
export const NUMBER_LEVELS: Readonly<Record<number, LogLevel>> = { 5: 'trace', 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }
