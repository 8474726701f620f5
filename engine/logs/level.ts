/**
 * Guesses how serious a log line is, from what common loggers print. Pure and bounded: at most the first 512 characters
 * of a plain line are looked at (JSON: 64 KiB), no pattern can run away. Used by the page for the rows it paints and by
 * filters in the log worker.
 */
import type { LogLevel } from '../contract/models.ts'
import { NUMBER_LEVELS, WORD_LEVELS } from './level-words.ts'

/** All levels, least serious first, `unknown` last. */
export const LOG_LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'unknown']

const HEAD = 512
const LESS_THAN = 0x3c
const DIGIT_0 = 0x30
const DIGIT_9 = 0x39
const JSON_MAX = 64 * 1024

/** Fields that carry the level, in the order they are believed (pino, zap, zerolog, slog, log4j, ECS, OpenTelemetry, MongoDB, GELF). */
const LEVEL_FIELDS = ['level', 'lvl', 'severity', 'log.level', 'loglevel', 'logLevel', 'levelname', '@level', '@l', 'SeverityText', 'severity_text', 'severityText', 'Level', 'LEVEL', 'LogLevel', 's'] as const

// eslint-style patterns stay linear: no nested quantifiers, every class bounded.
const ESCAPES = new RegExp(`${String.fromCharCode(0x1b)}\\[[0-9;:]{0,64}m`, 'g')
const LOGFMT = /(?:^|[\s,{"])(?:level|lvl|severity|loglevel|levelname|log\.level)["']?\s{0,2}[=:]\s{0,2}["']?([A-Za-z]{3,11}|[0-9]{1,2})\b/i
const KLOG = /^([IWEF])[01]\d[0-3]\d \d\d:\d\d:\d\d/
const SYSLOG = /^<(\d{1,3})>(?:\d{1,2} )?/
const BRACKETED = /[[(<]\s{0,3}([A-Za-z]{3,11})\s{0,3}[\])>]/g
const RUBY = /^([DIWEFA]), \[/
const SHORT = /(?:^|[\s[])(TRC|VRB|DBG|INF|WRN|ERR|FTL|CRT|PNC)(?=[\s\]:])/
/** A word at the beginning that ends with a colon: `error: …`, `npm WARN`, PostgreSQL's `LOG:  …` behind its time. */
const COLON = /(?:^|[\s|])([A-Za-z]{3,11})(?: \d{1,9})?:(?=\s|$)/
/** Capitals standing alone anywhere near the beginning, as layouts of log4j, logback, Python and zap have them. */
const CAPITALS = /(?:^|[\s|[\-\t:])(TRACE|FINEST|FINER|FINE|DEBUG|CONFIG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|CRITICAL|FATAL|PANIC|ALERT|EMERGENCY|EMERG)(?=$|[\s|\]\-:,(])/
const WORDS = [SHORT, CAPITALS]
const WORDS_AND_COLON = [SHORT, CAPITALS, COLON]
const REDIS = /^\d{1,9}:[A-Z] \d\d [A-Z][a-z]{2} \d{4} [\d:.]{8,15} ([.\-*#]) /
const ACCESS = /"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE|PROPFIND)\s[^"]{1,400}"\s(\d)\d\d(?=\s|$)/
const FAILURES: readonly (readonly [RegExp, LogLevel])[] = [
  [/^(?:panic:|fatal error:|Fatal Python error|FATAL EXCEPTION|Kernel panic)/, 'fatal'],
  [/^(?:Traceback \(most recent call last\):|Exception in thread |Uncaught |Unhandled |(?:[A-Za-z_$][\w$]{0,60}[.:]{1,2}){0,12}[A-Z]\w{0,60}(?:Error|Exception)(?::|$)|npm ERR!|=ERROR REPORT=)/, 'error'],
  [/^(?:npm WARN|\(node:\d{1,9}\) (?:Warning|\[?DEP)|\(node:\d{1,9}\) \w{1,60}Warning:|=WARNING REPORT=)/, 'warn'],
]
const REDIS_LEVELS: Readonly<Record<string, LogLevel>> = { '.': 'debug', '-': 'debug', '*': 'info', '#': 'warn' }
const KLOG_LEVELS: Readonly<Record<string, LogLevel>> = { I: 'info', W: 'warn', E: 'error', F: 'fatal' }
const RUBY_LEVELS: Readonly<Record<string, LogLevel>> = { D: 'debug', I: 'info', W: 'warn', E: 'error', F: 'fatal', A: 'unknown' }

/** The level a word or number of a logger stands for; null when it is none. */
export function levelOf(value: unknown): LogLevel | null {
  if (typeof value === 'number') return NUMBER_LEVELS[value] ?? null
  if (typeof value !== 'string') return null
  const word = value.trim()
  return WORD_LEVELS.get(word.toLowerCase()) ?? (/^\d{1,2}$/.test(word) ? (NUMBER_LEVELS[Number(word)] ?? null) : null)
}

/** The level of one line (without its newline); colours and other styles in it do not matter. */
export function detectLevel(line: string): LogLevel {
  const plain = line.length > JSON_MAX ? line.slice(0, HEAD) : line
  const text = plain.includes('[') ? plain.replace(ESCAPES, '').trimStart() : plain.trimStart()
  if (text === '') return 'unknown'
  return (text.startsWith('{') ? fromJson(text) : null) ?? fromPlain(text.length > HEAD ? text.slice(0, HEAD) : text)
}

/** The object a line of JSON is; null when it is none. At most 64 KiB are read. */
export function parseJsonLine(line: string): Readonly<Record<string, unknown>> | null {
  const text = line.trim()
  if (!text.startsWith('{') || !text.endsWith('}') || text.length > JSON_MAX) return null
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return null
  }
}

function fromJson(text: string): LogLevel | null {
  const fields = parseJsonLine(text)
  if (!fields) return null
  const { log } = fields
  const nested = typeof log === 'object' && log !== null ? levelOf((log as { level?: unknown }).level) : null
  if (nested) return nested
  for (const name of LEVEL_FIELDS) {
    const level = name in fields ? (name === 's' ? mongoLevel(fields) : levelOf(fields[name])) : null
    if (level) return level
  }
  return typeof fields['PRIORITY'] === 'string' ? fromSyslog(Number(fields['PRIORITY'])) : 'unknown'
}

/** MongoDB writes one letter (I, W, E, F, D1…D5) into `s` beside `t`, `c` and `msg`. */
function mongoLevel(fields: Readonly<Record<string, unknown>>): LogLevel | null {
  const { s, c, msg } = fields
  if (typeof s !== 'string' || typeof c !== 'string' || typeof msg !== 'string') return null
  return KLOG_LEVELS[s] ?? (s.startsWith('D') ? 'debug' : null)
}

/** RFC 5424: severity is the priority modulo 8. */
function fromSyslog(priority: number): LogLevel {
  const severity = priority % 8
  if (severity <= 2) return 'fatal'
  return severity === 3 ? 'error' : severity === 4 ? 'warn' : severity <= 6 ? 'info' : severity === 7 ? 'debug' : 'unknown'
}

function fromPlain(text: string): LogLevel {
  return fromPrefix(text) ?? fromField(text) ?? fromWord(text) ?? fromAccess(text) ?? 'unknown'
}

/** What begins a line tells which layouts it can have: most lines are asked for none of them. */
function fromPrefix(text: string): LogLevel | null {
  const first = text.charCodeAt(0)
  if (first === LESS_THAN) {
    const syslog = SYSLOG.exec(text)?.[1]
    return syslog && Number(syslog) < 192 ? fromSyslog(Number(syslog)) : null
  }
  if (first >= DIGIT_0 && first <= DIGIT_9) {
    const redis = REDIS.exec(text)?.[1]
    return redis ? (REDIS_LEVELS[redis] ?? null) : null
  }
  const klog = KLOG.exec(text)?.[1]
  if (klog) return KLOG_LEVELS[klog] ?? null
  const ruby = RUBY.exec(text)?.[1]
  if (ruby) return RUBY_LEVELS[ruby] ?? null
  for (const [pattern, level] of FAILURES) if (pattern.test(text)) return level
  return null
}

const fromField = (text: string): LogLevel | null => (text.includes('=') || text.includes(':') ? levelOf(LOGFMT.exec(text)?.[1]) : null)

/** The word that stands first wins: what follows the level is the message, which may name others. */
function fromWord(text: string): LogLevel | null {
  let first = Infinity
  let found: LogLevel | null = null
  const take = (at: number, word: string | undefined): void => {
    const level = levelOf(word)
    if (level && at < first) [first, found] = [at, level]
  }
  for (const pattern of text.includes(':') ? WORDS_AND_COLON : WORDS) {
    const match = pattern.exec(text)
    if (match) take(match.index, match[1])
  }
  if (!text.includes('[') && !text.includes('(') && !text.includes('<')) return found
  BRACKETED.lastIndex = 0
  for (let match = BRACKETED.exec(text); match && match.index < first; match = BRACKETED.exec(text)) take(match.index, match[1])
  return found
}

function fromAccess(text: string): LogLevel | null {
  const status = text.includes('"') ? ACCESS.exec(text)?.[1] : undefined
  if (!status) return null
  return status === '5' ? 'error' : status === '4' ? 'warn' : 'info'
}

const CONTINUATION = /^(?:\s+\S|Caused by: |\.{3} \d+ more|goroutine \d+ \[|created by |\s*at [\w$.<>]+\(|\)$|\}$|\]$)/

/** True when a line goes on with what the line before it began: a stack trace, an indented part. */
export function isContinuation(line: string): boolean {
  return CONTINUATION.test(line.length > HEAD ? line.slice(0, HEAD) : line)
}
