/**
 * Which lines go on with the one before: stack traces of common languages, and what is indented below a line. Pure; one
 * `TraceState` for each container and stream. At most the first 512 characters of a line are looked at.
 */

/** Lines of one group behind its first; what comes after stands by itself again. */
export const GROUP_MAX = 1_000
/** A trace is printed at once: a line that comes later than this after the one before begins anew, ms. */
export const GROUP_PAUSE_MS = 2_000

/** What the newest line is: `none` = nothing to go on with, `plain` = the first of a group, `trace` = a later one. */
export const TRACE_STATES = ['none', 'plain', 'trace', 'go', 'python', 'python-end', 'rust', 'rust-message'] as const
export type TraceState = (typeof TRACE_STATES)[number]

export interface TraceStep {
  /** The line goes on with the one before. */
  readonly joins: boolean
  readonly state: TraceState
}

// Linear patterns: every class bounded or anchored, nothing nested.
const INDENTED = /^[ \t]+\S/
/** Java's `Caused by`, .NET's ends of inner traces, PHP's frames, Ruby's and unindented JavaScript's, closing brackets. */
const JOINS =
  /^(?:Caused by: |Suppressed: |\.{3} \d{1,6} (?:more|common frames)|at [\w$.<>/[\]]{1,300}[ (]|--- End of |#\d{1,5} (?:\{main\}|\[internal function\]|.{1,300}\(\d{1,7}\): )|Stack trace:$|from \S{1,300}:\d{1,7}(?::in |$)|\S{1,300}\.rb:\d{1,7}:in [`'].{1,200}'$|[)}\]]{1,5}[,;]?$)/
const EXCEPTION = /^(?:Exception in thread |(?:[A-Za-z_$][\w$]{0,60}[.:]{1,2}){0,12}(?:[A-Z]\w{0,60})?(?:Error|Exception)(?::|$))/
const GO_BEGINS = /^(?:panic: |fatal error: )/
const GOROUTINE = /^goroutine \d{1,12} (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[/
const GO_JOINS = /^(?:\[signal |created by |exit status \d|\.{3}(?:additional|\d)|runtime\.|main\.|[\w./\-%*()[\]]{1,200}\([^()]{0,300}\)$)/
const TRACEBACK = /^Traceback \(most recent call last\):/
const PYTHON_ENDS = /^[A-Za-z_][\w.]{0,200}(?:: |:?$)/
const PYTHON_AGAIN = /^(?:During handling of the above exception|The above exception was the direct cause)/
const RUST_BEGINS = /^thread '.{0,100}' (?:\(\d+\) )?panicked at /
const RUST_MESSAGE_FOLLOWS = /:\d{1,7}:\d{1,7}:$/
const RUST_JOINS = /^(?:note: |stack backtrace:)/

const AFTER: Readonly<Partial<Record<TraceState, TraceState>>> = { plain: 'trace', 'rust-message': 'rust' }
const joins = (state: TraceState): TraceStep => ({ joins: true, state: AFTER[state] ?? state })
const begins = (state: TraceState): TraceStep => ({ joins: false, state })

/**
 * What a line without colours does after lines that left `state`. `isSerious`: whether the line the group would be of
 * tells of an error: an exception printed without indentation then is of it. Asked rarely.
 */
export function stepTrace(line: string, state: TraceState, isSerious: () => boolean): TraceStep {
  const text = line.length > 512 ? line.slice(0, 512) : line
  if (text.trim() === '') return state === 'none' || state === 'plain' || state === 'trace' ? begins('none') : joins(state)
  // What is indented below nothing (a banner, a table) stays what it is.
  if (INDENTED.test(text)) return state === 'none' ? begins('none') : joins(state)
  return inTrace(text, state) ?? ordinary(text, state, isSerious)
}

/** Lines only a trace of that language has. */
function inTrace(text: string, state: TraceState): TraceStep | null {
  switch (state) {
    case 'go':
      return GOROUTINE.test(text) || GO_JOINS.test(text) ? joins('go') : null
    case 'python':
      return PYTHON_ENDS.test(text) ? joins('python-end') : null
    case 'python-end':
      return TRACEBACK.test(text) ? joins('python') : PYTHON_AGAIN.test(text) ? joins('python-end') : null
    case 'rust-message':
      return joins('rust')
    case 'rust':
      return RUST_JOINS.test(text) ? joins('rust') : null
    default:
      return null
  }
}

function ordinary(text: string, state: TraceState, isSerious: () => boolean): TraceStep {
  if (state !== 'none' && JOINS.test(text)) return joins(state)
  if (GO_BEGINS.test(text) || GOROUTINE.test(text)) return begins('go')
  if (RUST_BEGINS.test(text)) return begins(RUST_MESSAGE_FOLLOWS.test(text) ? 'rust-message' : 'rust')
  const follows = state === 'plain'
  if (TRACEBACK.test(text)) return follows && isSerious() ? joins('python') : begins('python')
  if (EXCEPTION.test(text)) return follows && isSerious() ? joins('plain') : begins('plain')
  return begins('plain')
}

const ESC = 0x1b
const BRACKET = 0x5b
/** Last bytes of an escape sequence. */
const FINAL_FIRST = 0x40
const FINAL_LAST = 0x7e
const SPACE = 0x20
const TAB = 0x09
const RETURN = 0x0d
const COLON = 0x3a
const ASCII = 0x7f
/** First bytes of what `ordinary` knows: a line that begins otherwise needs no second look. */
const SPECIAL = new Set([...'.)}]-#\u001b'].map((char) => char.charCodeAt(0)))
/** …and first words, up to a space. */
const FIRST_WORDS = new Set(['Caused', 'Suppressed:', 'at', 'Stack', 'from', 'goroutine', 'panic:', 'fatal', 'thread', 'Traceback', 'Exception'])
const FIRST_LETTERS = new Set([...FIRST_WORDS].map((word) => word.charCodeAt(0)))
const LONGEST_WORD = 300

/** False when a line that follows an ordinary one surely stands by itself: looks at bytes of its first word alone. */
export function mayJoin(bytes: Uint8Array, begin: number, to: number): boolean {
  const from = bytes[begin] === ESC ? behindStyles(bytes, begin, to) : begin
  if (from >= to) return true
  const first = bytes[from] as number
  if (first === SPACE || first === TAB || first === RETURN || SPECIAL.has(first)) return true
  const limit = Math.min(to, from + LONGEST_WORD)
  let at = from + 1
  for (; at < limit; at++) {
    const byte = bytes[at] as number
    if (byte === SPACE) break
    // `…Error:`, `…Exception:`, `x.rb:`.
    if (byte === COLON && isTell(bytes[at - 1] as number)) return true
    if (byte > ASCII) return false
  }
  // An exception without a message, or a closing bracket before a comma.
  if (at === to && isTell(bytes[at - 1] as number)) return true
  return FIRST_LETTERS.has(first) && at - from < 12 && FIRST_WORDS.has(String.fromCharCode(...bytes.subarray(from, at)))
}

/** True when a line begins with spaces and has more than them. */
export function isIndented(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from
  while (at < to && (bytes[at] === SPACE || bytes[at] === TAB)) at++
  return at > from && at < to && bytes[at] !== RETURN
}

/** Where the text begins behind the colours a line begins with. */
function behindStyles(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  while (at + 1 < to && bytes[at] === ESC && bytes[at + 1] === BRACKET) {
    at += 2
    while (at < to && ((bytes[at] as number) < FINAL_FIRST || (bytes[at] as number) > FINAL_LAST)) at++
    at++
  }
  return at
}

/** Last letters of `Error`, `Exception`, `.rb`. */
const isTell = (byte: number): boolean => byte === 0x72 || byte === 0x6e || byte === 0x62
