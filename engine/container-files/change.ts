/** Names in a container: new folders, other names, names that go. */
import { pack } from 'tar-stream'
import { NaruError } from '../contract/errors.ts'
import { folderOf, isWithin, joinPath, nameOf, shownPath } from '../contract/file-path.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { askFolder } from './ask-folder.ts'
import { fileContainer, mountsIn } from './container.ts'
import type { FileContainer } from './container.ts'
import { pathWord, runEither } from './program.ts'
import type { ProgramEnd } from './program.ts'
import { bytesOf, noSuchPath, statPath } from './stat.ts'

export type ChangeClient = Pick<EngineClient, 'statPath' | 'writeArchive' | 'inspectContainer' | 'createPipedExec' | 'startPipedExec' | 'inspectExec'>

/** Paths and bytes of one command line. */
const MOST_WORDS = 200
const FOLDER_MODE = 0o755
/** What the kernel shows there are no files; deleting some of them does things. */
const KERNEL = ['/proc', '/sys', '/dev']

/** Works while the container is stopped too. @throws NaruError `conflict` (`path-taken`), `not-found`, `denied` */
export async function makeFolder(client: ChangeClient, { id, path, name }: { readonly id: string; readonly path: string; readonly name: string }, signal: AbortSignal): Promise<{ path: string }> {
  const folder = await statPath(client, id, path, signal)
  if (folder.type !== 'directory') throw new NaruError('invalid-request', `${path} is no folder`, { params: { name: shownPath(path) }, hint: 'not-a-folder' })
  const made = joinPath(folder.path, name)
  if (await client.statPath(id, bytesOf(made), { signal })) throw taken(name)
  const tar = pack()
  // tar-stream writes text as UTF-8: a name with other bytes can be kept, but not be typed.
  tar.entry({ name: `${Buffer.from(bytesOf(`/${name}`)).toString('utf8').slice(1)}/`, type: 'directory', mode: FOLDER_MODE, mtime: new Date() })
  tar.finalize()
  await client.writeArchive(id, bytesOf(folder.path), tar as AsyncIterable<Uint8Array>, { signal }).catch((error: unknown) => {
    throw writeError(error, folder.path)
  })
  return { path: joinPath(path, name) }
}

/** @throws NaruError `conflict` (`path-taken`), `not-found`, `unsupported` (`no-tools`), `denied` */
export async function renamePath(client: ChangeClient, { id, path, newName }: { readonly id: string; readonly path: string; readonly newName: string }, signal: AbortSignal): Promise<{ path: string }> {
  const { env } = await guard(client, id, [path], signal)
  const to = joinPath(folderOf(path), newName)
  if (to === path) return { path }
  const names = await namesOf(client, { id, path, env }, newName, signal)
  if (!names.here) throw noSuchPath(path)
  if (names.taken) throw taken(newName)
  check(await runEither(client, id, { argv: ['mv', '--'], paths: [pathWord(path), pathWord(to)], env }, signal), path)
  return { path: to }
}

/** Whether a path is there and whether a name beside it is. Memory of a running container only the container sees. */
async function namesOf(
  client: ChangeClient,
  { id, path, env }: { readonly id: string; readonly path: string; readonly env: readonly string[] },
  beside: string,
  signal: AbortSignal,
): Promise<{ readonly here: boolean; readonly taken: boolean }> {
  const folder = folderOf(path)
  const [mine, other] = await Promise.all([path, joinPath(folder, beside)].map((one) => client.statPath(id, bytesOf(one), { signal })))
  if (mine) return { here: true, taken: other !== null }
  const asking = askFolder(client, { id, path: folder, env }, signal)
  let next = await asking.next()
  while (!next.done) next = await asking.next()
  const names = new Set(next.value?.entries.map(({ name }) => name))
  return { here: names.has(nameOf(path)), taken: names.has(beside) }
}

/** @throws NaruError `in-use` (`mount-inside`), `unsupported` (`no-tools`), `denied` */
export async function removePaths(client: ChangeClient, { id, paths }: { readonly id: string; readonly paths: readonly string[] }, signal: AbortSignal): Promise<{ removed: number }> {
  const { env } = await guard(client, id, paths, signal)
  for (let at = 0; at < paths.length; at += MOST_WORDS) {
    const some = paths.slice(at, at + MOST_WORDS)
    check(await runEither(client, id, { argv: ['rm', '-rf', '--'], paths: some.map(pathWord), env }, signal), some[0] ?? '')
  }
  return { removed: paths.length }
}

/** Mounts are other people's data, and the kernel's folders are none. */
async function guard(client: ChangeClient, id: string, paths: readonly string[], signal: AbortSignal): Promise<FileContainer> {
  const facts = fileContainer(await client.inspectContainer(id, { signal }))
  const { refusal, mounts } = facts
  if (refusal) throw new NaruError('conflict', 'the container does not run', { params: { name: id }, hint: `files-${refusal}` })
  for (const path of paths) {
    const [mount] = mountsIn(mounts, path)
    if (mount) throw new NaruError('in-use', `${path} holds a mount`, { params: { name: shownPath(path), path: shownPath(mount.destination) }, hint: 'mount-inside' })
    if (KERNEL.some((folder) => isWithin(folder, path) || (folder !== '/dev' && isWithin(path, folder)))) {
      throw new NaruError('denied', `${path} is the kernel's`, { params: { name: shownPath(path) }, hint: 'kernel-files' })
    }
  }
  return facts
}

/** @throws NaruError for a program that was not there or failed */
function check(end: ProgramEnd | null, path: string): void {
  if (!end) throw new NaruError('unsupported', 'the container has no program for it', { hint: 'no-tools' })
  if (end.exitCode === 0) return
  throw writeError(new NaruError('internal', end.said || `the program ended with ${end.exitCode}`, { detail: end.said }), path)
}

const taken = (name: string): NaruError => new NaruError('conflict', `${name} is there already`, { params: { name: shownPath(name) }, hint: 'path-taken' })

// Docker: container rootfs is marked read-only · mounted volume is marked read-only · read-only file system
const READ_ONLY = /read-?only/i
// Docker: cannot overwrite directory "/a" with non-directory "/a" · Podman: copier: put: error creating "/a": … file exists
const OTHER_KIND = /cannot overwrite (?:non-)?directory|not a directory|is a directory|file exists/i
const NO_SPACE = /no space left on device|disk quota exceeded/i
const DENIED = /operation not permitted|permission denied/i
const BUSY = /resource busy|text file busy/i

/** What an engine or a program says of writing, as an error that names the path. */
export function writeError(error: unknown, path: string): unknown {
  if (!(error instanceof NaruError) || error.hint !== undefined) return error
  const text = `${error.message} ${error.detail ?? ''}`
  const more = { params: { ...error.params, name: shownPath(path), path: shownPath(path) }, detail: error.detail, engineId: error.engineId, cause: error }
  if (READ_ONLY.test(text)) return new NaruError('denied', error.message, { ...more, hint: 'files-read-only' })
  if (OTHER_KIND.test(text)) return new NaruError('conflict', error.message, { ...more, hint: 'path-kind' })
  if (NO_SPACE.test(text)) return new NaruError('no-space', error.message, more)
  if (BUSY.test(text)) return new NaruError('in-use', error.message, { ...more, hint: 'path-busy' })
  if (DENIED.test(text)) return new NaruError('denied', error.message, { ...more, hint: 'files-denied' })
  return error
}
