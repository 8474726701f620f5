/** A credential helper for tests: a real program that speaks the docker CLI's protocol and keeps its secrets in a file. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface FakeHelper {
  /** Put in front of PATH. */
  readonly folder: string
  /** Arguments of every call, newest last. */
  readonly calls: () => Promise<readonly string[]>
  /** What it keeps, by server address. */
  readonly kept: () => Promise<Record<string, { Username: string; Secret: string }>>
  /** Its next answers are these words and exit code 1; empty = it works again. */
  readonly failWith: (words: string) => Promise<void>
}

const PROGRAM = `#!${process.execPath}
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require('node:fs')
const here = __dirname
const file = here + '/kept.json'
const action = process.argv[2]
appendFileSync(here + '/calls', process.argv.slice(2).join(' ') + '\\n')
const input = readFileSync(0, 'utf8')
const say = (words, code) => { process.stdout.write(words); process.exitCode = code }
const failure = existsSync(here + '/fail') ? readFileSync(here + '/fail', 'utf8') : ''
const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
const save = () => writeFileSync(file, JSON.stringify(kept))
if (failure) say(failure.replace('{input}', input), 1)
else if (action === 'store') { const { ServerURL, Username, Secret } = JSON.parse(input); kept[ServerURL] = { Username, Secret }; save() }
else if (action === 'get') { const one = kept[input.trim()]; one ? say(JSON.stringify({ ServerURL: input.trim(), ...one }), 0) : say('credentials not found in native keychain\\n', 1) }
else if (action === 'erase') { delete kept[input.trim()]; save() }
else if (action === 'list') say(JSON.stringify(Object.fromEntries(Object.entries(kept).map(([key, one]) => [key, one.Username]))), 0)
else say('unknown action', 1)
`

/** Writes `docker-credential-NAME` below `folder`. */
export async function makeHelper(folder: string, name: string): Promise<FakeHelper> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, `docker-credential-${name}`)
  await writeFile(path, PROGRAM)
  await chmod(path, 0o700)
  const read = (file: string): Promise<string> => readFile(join(folder, file), 'utf8').catch(() => '')
  return {
    folder,
    calls: async () => (await read('calls')).split('\n').filter(Boolean),
    kept: async () => JSON.parse((await read('kept.json')) || '{}') as Record<string, { Username: string; Secret: string }>,
    failWith: (words) => writeFile(join(folder, 'fail'), words),
  }
}
