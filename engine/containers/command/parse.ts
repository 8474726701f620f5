/** From a pasted command line to a RunSpec, or to everything that is wrong with it. Pure. */
import { NaruError } from '../../contract/errors.ts'
import type { NetworkSpec, RunSpec } from '../../contract/models.ts'
import { findConflicts } from '../rules.ts'
import { findFlag, findShortFlag } from '../run-flags.ts'
import type { Flag } from '../run-flags.ts'
import type { Draft } from '../flags/kinds.ts'
import { PODMAN_FLAGS } from '../flags/refused.ts'
import { readHead } from './head.ts'
import type { Verb } from './head.ts'
import { placeIn } from './problem.ts'
import type { CommandProblem, Word } from './problem.ts'
import { readWords } from './shell.ts'

/** What a line asks for. */
export interface ReadCommand {
  readonly spec: RunSpec
  readonly verb: Verb
}
export interface Unreadable {
  /** In the order of the text; never empty. */
  readonly errors: readonly CommandProblem[]
}

interface Place {
  readonly at: number
  readonly length: number
}

interface Reader {
  readonly words: readonly Word[]
  readonly verb: Verb
  readonly draft: Draft
  readonly problems: CommandProblem[]
  /** Where each flag was last given. */
  readonly given: Map<string, Place>
  next: number
}

/** The command a text asks for, and whether it is to be run or only created. */
export function readRunCommand(text: string): ReadCommand | Unreadable {
  const { words, problems: shell } = readWords(text)
  const head = readHead(words)
  const problems = [...shell, ...head.problems]
  if (!head.verb) return { errors: inOrder(problems, text) }
  const draft: Draft = {
    spec: { image: '', ports: [], env: [], volumes: [], restart: { name: 'no' }, autoRemove: false, pull: 'missing' },
    first: {},
    environment: head.environment,
  }
  const reader: Reader = { words, verb: head.verb, draft, problems, given: new Map(), next: head.next }
  while (readFlag(reader));
  const [image, ...command] = words.slice(reader.next)
  if (image && image.text !== '') draft.spec.image = image.text
  else if (image) problems.push({ ...placeIn(image), hint: 'run.image', message: 'the image has no name' })
  else if (problems.length === 0) {
    const last = words.at(-1)
    problems.push({ ...(last ? placeIn(last) : { at: 0, length: 1 }), hint: 'run.image', message: 'the name of the image is missing' })
  }
  if (command.length > 0) draft.spec.command = command.map((word) => word.text)
  finish(reader)
  return problems.length > 0 ? { errors: inOrder(problems, text) } : { spec: draft.spec, verb: head.verb }
}

function inOrder(problems: readonly CommandProblem[], text: string): CommandProblem[] {
  if (problems.length === 0) return [{ at: 0, length: text.length, hint: 'run.empty', message: 'there is no command' }]
  return [...problems].sort((a, b) => a.at - b.at)
}

/** Reads one flag; false at the image or the end. */
function readFlag(reader: Reader): boolean {
  const word = reader.words[reader.next]
  if (!word || !word.text.startsWith('-') || word.text === '-') return false
  reader.next++
  if (word.text === '--') return false
  if (word.text.startsWith('--')) readLong(reader, word)
  else readShort(reader, word)
  return true
}

function readLong(reader: Reader, word: Word): void {
  const equals = word.text.indexOf('=')
  const name = word.text.slice(2, equals < 0 ? undefined : equals)
  const flag = findFlag(name)
  const place = placeIn(word, 0, equals < 0 ? undefined : equals)
  if (!flag) return unknown(reader, `--${name}`, name, place)
  if (equals >= 0) take(reader, flag, `--${name}`, place, word.text.slice(equals + 1), placeIn(word, equals + 1))
  else if (!flag.takesValue) take(reader, flag, `--${name}`, place, 'true', place)
  else takeNext(reader, flag, `--${name}`, place)
}

/** `-dit`, `-p80:80`, `-e=A=B`, `-itp 80:80`: as pflag reads letters. */
function readShort(reader: Reader, word: Word): void {
  for (let at = 1; at < word.text.length; at++) {
    const letter = word.text.charAt(at)
    const flag = findShortFlag(letter)
    const place = placeIn(word, at === 1 ? 0 : at, at + 1)
    if (!flag) return unknown(reader, `-${letter}`, letter, place)
    const rest = word.text.slice(at + 1)
    if (rest.length > 1 && rest.startsWith('=')) return take(reader, flag, `-${letter}`, place, rest.slice(1), placeIn(word, at + 2))
    if (!flag.takesValue) take(reader, flag, `-${letter}`, place, 'true', place)
    else if (rest !== '') return take(reader, flag, `-${letter}`, place, rest, placeIn(word, at + 1))
    else takeNext(reader, flag, `-${letter}`, place)
  }
}

function takeNext(reader: Reader, flag: Flag, written: string, place: Place): void {
  const value = reader.words[reader.next]
  if (!value) {
    reader.problems.push({ ...place, hint: 'run.flag.value', message: `${written} needs a value`, params: { flag: written } })
    return
  }
  reader.next++
  take(reader, flag, written, place, value.text, placeIn(value))
}

function take(reader: Reader, flag: Flag, written: string, place: Place, value: string, valuePlace: Place): void {
  const { problems, draft, given } = reader
  const params = { flag: written }
  if (flag.runOnly && reader.verb === 'create') {
    problems.push({ ...place, hint: 'run.flag.create', message: `docker create has no ${written}`, params })
  } else if ('reason' in flag) {
    problems.push({ ...place, hint: flag.hint, message: `${written} is not supported: ${flag.reason}`, params })
  } else {
    given.set(flag.name, place)
    try {
      flag.read(value, draft)
    } catch (error) {
      if (!(error instanceof NaruError)) throw error
      // What a shell would have filled in is told already; the value without it says nothing.
      if (problems.some(({ at, hint }) => hint === 'run.shell.expand' && at >= valuePlace.at && at < valuePlace.at + valuePlace.length)) return
      problems.push({ ...valuePlace, hint: error.hint ?? 'run.flag.bad', message: `${written}: ${error.message}`, params: { ...error.params, ...params } })
    }
  }
}

function unknown(reader: Reader, written: string, name: string, place: Place): void {
  const podman = PODMAN_FLAGS.includes(name)
  const message = podman ? `${written} is a flag of Podman; docker ${reader.verb} has none like it` : `docker ${reader.verb} has no flag ${written}`
  reader.problems.push({ ...place, hint: podman ? 'run.flag.podman' : 'run.flag.unknown', message, params: { flag: written } })
}

/** What only the whole line tells. */
function finish(reader: Reader): void {
  const { draft, given, problems, verb } = reader
  const { spec, first } = draft
  if (verb === 'run' && spec.detach === true) delete spec.detach
  else spec.detach = false
  const platform = draft.environment.get('DOCKER_DEFAULT_PLATFORM')
  if (platform && !spec.platform) spec.platform = platform
  joinFirst(reader, first)
  for (const { flag, hint, message, params } of findConflicts(spec)) {
    const place = given.get(flag) ?? given.get('network')
    problems.push({ at: place?.at ?? 0, length: place?.length ?? 1, hint, message, params })
  }
}

const FIRST_FLAGS = { aliases: 'network-alias', ip: 'ip', ip6: 'ip6', linkLocalIps: 'link-local-ip', macAddress: 'mac-address' } as const

/** `--ip` and its like belong to the first network; each may be said in one place only. */
function joinFirst({ draft: { spec }, given, problems }: Reader, first: Draft['first']): void {
  if (Object.keys(first).length === 0) return
  const [network = { name: 'default' } satisfies NetworkSpec, ...others] = spec.networks ?? []
  for (const [key, flag] of Object.entries(FIRST_FLAGS) as [keyof typeof FIRST_FLAGS, string][]) {
    const place = given.get(flag)
    if (network[key] === undefined || first[key] === undefined || !place) continue
    problems.push({ ...place, hint: 'run.conflict.first', message: `--${flag} is said already by --network`, params: { flag: `--${flag}` } })
  }
  spec.networks = [{ ...network, ...first }, ...others]
}
