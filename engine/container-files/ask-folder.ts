/**
 * A folder of a running container, asked of its own `find` and `stat`: one program, no shell, one folder. Names are bytes
 * and may hold newlines: what parts the records is a word nobody could know when a file was named.
 */
import { randomBytes } from 'node:crypto'
import { pathBytes, pathText } from '../contract/file-path.ts'
import { kindOfBits } from './entries.ts'
import type { PlainEntry } from './entries.ts'
import { isMissing, pathWord, runProgram } from './program.ts'
import type { Invocation, ProgramClient, Word } from './program.ts'

/** Names of one folder that are listed. */
export const MOST_NAMES = 500_000
/** Longest record: a path and a target of the most bytes, each up to three times. */
const MOST_RECORD = 64 * 1024
/** GNU's `stat` would quote the names of links. */
const ENV = ['QUOTING_STYLE=literal', 'LC_ALL=C']

const ascii = new TextDecoder('latin1')

/** Splits the output of `stat` into entries. */
export class RecordReader {
  readonly #mark: Buffer
  readonly #link: Buffer
  readonly #prefix: Buffer
  #rest: Buffer = Buffer.alloc(0)
  readonly entries: PlainEntry[] = []

  /** @param word what begins each record and, doubled, the second name of it; `folder` as the names begin */
  constructor(word: string, folder: Uint8Array) {
    this.#mark = Buffer.from(`${word} `)
    this.#link = Buffer.from(`${word}${word}`)
    this.#prefix = Buffer.concat([folder, Buffer.from('/./')])
  }

  /** False: something that is no such output. */
  write(chunk: Uint8Array): boolean {
    let rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk])
    for (;;) {
      const next = rest.indexOf(this.#mark, this.#mark.length)
      if (next < 0) break
      if (!this.#take(rest.subarray(0, next))) return false
      rest = rest.subarray(next)
    }
    this.#rest = Buffer.from(rest)
    return rest.length <= MOST_RECORD
  }

  /** The output is over. False when what is left is no record. */
  end(): boolean {
    return this.#rest.length === 0 || this.#take(this.#rest)
  }

  /** `WORD mode size mtime uid gid NAME WORDWORD NAME-and-target\n` */
  #take(record: Buffer): boolean {
    if (!record.subarray(0, this.#mark.length).equals(this.#mark)) return false
    const words: string[] = []
    let at = this.#mark.length
    for (let n = 0; n < 5; n++) {
      const space = record.indexOf(32, at)
      if (space < 0) return false
      words.push(ascii.decode(record.subarray(at, space)))
      at = space + 1
    }
    const second = record.indexOf(this.#link, at)
    if (second < 0) return false
    const full = record.subarray(at, second)
    const name = full.subarray(this.#prefix.length)
    if (!full.subarray(0, this.#prefix.length).equals(this.#prefix) || name.length === 0 || name.includes(47) || name.includes(0)) return false
    const [mode = '', size = '', mtime = '', uid = '', gid = ''] = words
    const bits = Number.parseInt(mode, 16)
    const numbers = [Number(size), Number(mtime), Number(uid), Number(gid)]
    if (!Number.isSafeInteger(bits) || !numbers.every(Number.isFinite)) return false
    const type = kindOfBits(bits)
    const target = type === 'symlink' ? targetIn(record.subarray(second + this.#link.length), full) : null
    this.entries.push({
      name: pathText(name),
      type,
      sizeBytes: type === 'file' ? Math.max(0, numbers[0] ?? 0) : 0,
      mode: bits & 0o7777,
      modifiedAt: (numbers[1] ?? 0) * 1000,
      uid: numbers[2] ?? 0,
      gid: numbers[3] ?? 0,
      ...(target && { linkTarget: pathText(target) }),
    })
    return true
  }
}

/** GNU: `name -> target\n`; BusyBox: `'name' -> 'target'\n`; null for what is neither. */
function targetIn(told: Buffer, name: Buffer): Buffer | null {
  const body = told.at(-1) === 10 ? told.subarray(0, -1) : told
  const plain = Buffer.concat([name, Buffer.from(' -> ')])
  if (body.subarray(0, plain.length).equals(plain)) return body.subarray(plain.length)
  const quoted = Buffer.concat([Buffer.from("'"), name, Buffer.from("' -> '")])
  return body.subarray(0, quoted.length).equals(quoted) && body.at(-1) === 39 ? body.subarray(quoted.length, -1) : null
}

/** `/.` at its end: a link to a folder is the folder, anything else fails. */
function listing(prefix: readonly string[], folder: Word, word: string): Invocation {
  const format = `${word} %f %s %Y %u %g %n${word}${word}%N`
  const find = (where: string): string[] => [...prefix, 'find', where, '-mindepth', '1', '-maxdepth', '1', '-exec', ...prefix, 'stat', '-c', format, '{}', '+']
  if (typeof folder === 'string') return { argv: find(`${folder}/.`), input: null }
  // `{}` is find's own; the folder comes in place of another word.
  return { argv: [...prefix, 'xargs', '-0', '-I', '@', ...find('@/.')], input: Buffer.concat([folder, Buffer.of(0)]) }
}

export interface AskedFolder {
  readonly entries: readonly PlainEntry[]
  readonly cut: boolean
}

/**
 * Tells how many names there are so far; at its end the folder, or null when the container cannot be asked (no programs)
 * or the folder cannot be listed: whoever needs to know why asks the engine.
 */
export async function* askFolder(
  client: ProgramClient,
  { id, path, env }: { readonly id: string; readonly path: string; readonly env: readonly string[] },
  signal: AbortSignal,
): AsyncGenerator<number, AskedFolder | null, undefined> {
  const bytes = pathBytes(path)
  if (!bytes) return null
  const folder = path === '/' ? new Uint8Array(0) : bytes
  for (const prefix of [[], ['busybox']]) {
    const word = randomBytes(12).toString('hex')
    const reader = new RecordReader(word, folder)
    const running = runProgram(client, id, listing(prefix, path === '/' ? '' : pathWord(path), word), signal, [...ENV, ...env])
    let sound = true
    let cut = false
    let end = await running.next()
    while (!end.done) {
      sound &&= reader.write(end.value)
      yield reader.entries.length
      cut = reader.entries.length >= MOST_NAMES
      if (cut) break
      end = await running.next()
    }
    if (!end.done) {
      await running.return({ exitCode: -1, said: '' })
      return { entries: reader.entries.slice(0, MOST_NAMES), cut }
    }
    if (isMissing(end.value)) continue
    sound &&= reader.end()
    // A name that goes while it is listed fails `stat`, not the folder.
    if (!sound || (end.value.exitCode !== 0 && reader.entries.length === 0)) return null
    return { entries: reader.entries, cut: false }
  }
  return null
}
