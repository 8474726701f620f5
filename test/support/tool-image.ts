/** Programs of this machine in an image, with the libraries they need: what a container based on a distribution has. */
import { execFileSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { TestEntry } from './image-archive.ts'

const FOLDERS = ['/usr/bin', '/bin']

const find = (name: string): string | undefined => FOLDERS.map((folder) => `${folder}/${name}`).find((path) => existsSync(path))

/** True when this machine's programs are GNU's and can be taken along. */
export function hasPrograms(names: readonly string[]): boolean {
  return names.every((name) => find(name)) && /GNU/.test(execFileSync(find('stat') ?? 'true', ['--version']).toString())
}

/** Entries of a layer with these programs in `/bin`. */
export async function programEntries(names: readonly string[]): Promise<TestEntry[]> {
  const files = new Map<string, string>()
  for (const name of names) {
    const path = find(name)
    if (!path) throw new Error(`${name} is not on this machine`)
    files.set(`bin/${name}`, realpathSync(path))
    for (const [, library] of execFileSync('ldd', [path]).toString().matchAll(/(\/\S+) \(0x/g)) if (library) files.set(library.slice(1), realpathSync(library))
  }
  return Promise.all([...files].map(async ([name, path]) => ({ name, mode: 0o755, content: await readFile(path) })))
}
