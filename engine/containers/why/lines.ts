/** What the last lines of a program's log speak of. Words of C libraries, shells and the common languages. Pure. */
import type { LastLine, StopCause, StopFinding } from '../../contract/models.ts'

/** The first group that took part is the subject. */
type Rule = readonly [cause: StopCause, words: RegExp]

/** What the runtime says when the first process could not become the command. Source: runc, `exec PATH: …`. */
const EXEC_RULES: readonly Rule[] = [
  ['exec-format', /^exec (?:user process caused: |"?(\/[^":]+|[\w.-]+)"?: )exec format error|standard_init_linux.*exec format error/],
  ['interpreter-missing', /^exec "?(\/[^":]+|[\w.-]+)"?: no such file or directory|standard_init_linux.*no such file or directory/],
]

const RULES: readonly Rule[] = [
  ['program-memory', /(JavaScript heap out of memory|java\.lang\.OutOfMemoryError|OutOfMemoryException|^MemoryError|fatal error: runtime: out of memory|std::bad_alloc|Cannot allocate memory|ENOMEM)/],
  ['process-limit', /(?:fork|pthread_create|create.*thread)[^:]*: (?:retry: )?Resource temporarily unavailable|EAGAIN.*(?:fork|spawn|thread)|unable to create (?:new )?(?:native )?thread/i],
  ['open-files', /too many open files|EMFILE/i],
  ['no-space', /(\/[^\s:'"]+)?['"]?:? ?(?:no space left on device|disk quota exceeded)|ENOSPC/i],
  ['read-only', /(\/[^\s:'"]+)?['"]?:? ?read-only file system|EROFS.*'([^']+)'|EROFS/i],
  // Shells: ${X:?words}, set -u. Programs say "environment variable X is not set", "X must be set", "Missing required …: X".
  ['variable-missing', /^(?:\S*sh|\S+: line \d+): (?:line \d+: )?(\w+): (?:must be set|parameter (?:null or )?not set|unbound variable|is required|required)/],
  ['variable-missing', /(?:environment variable|env(?:ironment)? var)s? [`'"]?([A-Z][A-Z0-9_]{2,})[`'"]? (?:is |was )?(?:not |un)(?:set|defined|found)|missing (?:required )?(?:environment variable|env(?:ironment)? var)s?:? [`'"]?([A-Z][A-Z0-9_]{2,})|\b([A-Z][A-Z0-9]*_[A-Z0-9_]+)\b[`'"]? (?:environment variable )?(?:is not set|must be (?:set|specified|provided)|is required|is missing|not (?:set|defined|provided))/i],
  ['listen-address-in-use', /EADDRINUSE.*:(\d+)|(?:bind|listen)[^0-9:]*\S*?:(\d+)\b.*address (?:already )?in use|address already in use/i],
  ['name-unknown', /(?:ENOTFOUND|EAI_AGAIN) ([\w.-]+)|lookup ([\w.-]+)(?: on \S+)?: (?:no such host|.*misbehaving|.*timeout)|could not (?:resolve host(?:name)?|translate host name)[: ]+"?([\w.-]+)|bad address '?([\w.-]+)'?|(?:can't|unable to) resolve (?:host )?'?([\w.-]+)|UnknownHostException: ([\w.-]+)|([\w.-]+): (?:name or service not known|temporary failure in name resolution|nodename nor servname)|(?:name or service not known|temporary failure in name resolution|no address associated with hostname)/i],
  ['connection-refused', /ECONNREFUSED ([\w.:-]+)|(?:dial tcp|connect(?:ing|ion)? to(?: server at| remote host)?|can't connect to(?: remote host)?)[ "(]*([\w.[\]-]+(?::\d+)?)[ :")].*refused|connection refused/i],
  ['library-missing', /error while loading shared libraries: ([^:]+)|version `(GLIBC\S*?)' not found|Error loading shared library ([^:]+)|(lib\S+\.so\S*): cannot open shared object/],
  ['module-missing', /Cannot find module '([^']+)'|No module named '?([\w.]+)|ClassNotFoundException: (\S+)|Could not find or load main class (\S+)|cannot load such file -- (\S+)/],
  ['permission-denied', /(\/[^\s:'"]+)?['"]?:? ?permission denied|EACCES.*'([^']+)'|EACCES|PermissionError/i],
  ['file-missing', /ENOENT.*'([^']+)'|No such file or directory: '([^']+)'|(?:open|stat|cat|read) '?(\/[^\s:']+)'?: no such file|(\/[^\s:'"]+)['"]?: no such file or directory|no such file or directory/i],
]

const SCRIPT_MISSING = /(?:^|: )([^\s:]+): (?:command )?not found|exec: "([^"]+)": executable file not found/
const SCRIPT_DENIED = /(?:^|: )([^\s:]+): permission denied/i
const USAGE = /\busage:|unknown (?:option|flag|command|argument)|unrecognized (?:option|argument|command)|invalid (?:option|argument|flag)|flag provided but not defined/i

/** Newest first: what stands nearest to the end tells most. */
function findIn(lines: readonly LastLine[], rules: readonly Rule[]): StopFinding | undefined {
  for (const { text } of lines.toReversed()) {
    for (const [cause, words] of rules) {
      const found = words.exec(text)
      if (found) return { cause, subject: found.slice(1).find((group) => group !== undefined && group !== '') ?? '' }
    }
  }
  return undefined
}

/** The first process never became the command. */
export const readExecLines = (lines: readonly LastLine[]): StopFinding | undefined => findIn(lines.slice(-3), EXEC_RULES)

/** What an error in the last lines is about; undefined when none is known. */
export const readLines = (lines: readonly LastLine[]): StopFinding | undefined => findIn(lines, RULES)

/** A script's last call of something that is not there (code 127) or may not be executed (code 126). */
export function readScriptEnd(exitCode: number, lines: readonly LastLine[]): StopFinding {
  const missing = exitCode === 127
  const [rule, cause] = missing ? ([SCRIPT_MISSING, 'script-command-missing'] as const) : ([SCRIPT_DENIED, 'script-command-denied'] as const)
  return findIn(lines.slice(-5), [[cause, rule]]) ?? { cause, subject: '' }
}

export const speaksOfUsage = (lines: readonly LastLine[]): boolean => lines.slice(-8).some(({ text }) => USAGE.test(text))

/** An error's own line: the last that names one, else the last line of stderr, else the last. */
export function tellingLine(lines: readonly LastLine[]): string {
  const full = lines.filter(({ text }) => text.trim() !== '')
  const last = (fits: (line: LastLine) => boolean): LastLine | undefined => full.findLast(fits)
  const found = last(({ text }) => /^(?:\S*(?:Error|Exception|panic|fatal)\S*\b|Caused by)[:(!]/i.test(text.trim())) ?? last(({ stderr }) => stderr) ?? full.at(-1)
  return (found?.text.trim() ?? '').slice(0, 300)
}
